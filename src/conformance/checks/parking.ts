// What becomes of a client that waits for a partition: it is told so in the end, and served when it comes
// again. Sections 2 and 10, "Admitting".

import { must, type Check } from '../check.js';
import { connect, leave } from '../connect.js';
import { until } from '../journal.js';
import { heardWords } from '../line.js';
import { silentAtLeastMs, silentAtMostMs, stepWithinMs } from '../limits.js';
import { applied } from '../reported.js';
import { dial, elsewhere, held, newSession, stageOf } from '../scene.js';

const ends: Check = {
  name: 'parking-ends',
  section: '2, 10',
  expected: 'a client is parked for 5 s at most; then it gets unavailable and 4503',
  needs: ['control', 'another-instance'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const coming = elsewhere(scene) as number;
    const session = await newSession(scene, { partitions: [coming] });
    const revision = await stage.distribute([...held(scene), coming].sort((a, b) => a - b));
    await applied(scene, revision);
    const line = await dial(scene, `a client of partition ${coming}, which does not come`);
    const sinceMs = performance.now();
    line.say({ type: 'hello', token: session.token, next: null, revision });
    const end = await line.ended(silentAtMostMs);
    const waitedMs = Math.round(performance.now() - sinceMs);
    must(
      end !== null,
      `partition ${coming} is to come and was not released; a client of it was parked, and ${waitedMs} ms later it still is`,
      'park a client for 5 s at most: it cannot know that it waits for nothing, and asks the directory when it is told',
    );
    const [first] = line.heard;
    must(
      first?.frame?.type === 'error' && first.frame['code'] === 'unavailable' && end.code === 4503,
      `a client of partition ${coming}, which was not released, was parked and then heard: ${heardWords(line)}`,
      'when parking has lasted 5 s send error with code unavailable and close with 4503',
    );
    must(
      waitedMs >= silentAtLeastMs,
      `a client of partition ${coming} was told unavailable after ${waitedMs} ms`,
      'park a client for 5 s: partitions come within that time, and every other way is longer',
    );
    await stage.peerDoes('released', coming);
    await until(() => held(scene).includes(coming), stepWithinMs);
    const again = await connect(scene, { session, hello: { revision } });
    leave(again);
    return `unavailable and 4503 after ${(waitedMs / 1000).toFixed(1)} s; welcomed when the partition had come`;
  },
};

export const parkingChecks: readonly Check[] = [ends];
