// What the control plane is told of clients that moved: how many went, how many came, after which gaps. The
// record of every rebalance rests on it. Section 10, "Reports".

import * as hdr from 'hdr-histogram-js';
import type { InstanceReport } from '../../ports.js';
import { must, type Check } from '../check.js';
import { connect, greet } from '../connect.js';
import { until } from '../journal.js';
import { heardWords } from '../line.js';
import { stepWithinMs } from '../limits.js';
import { applied, reports } from '../reported.js';
import { dial, held, stageOf, type Scene } from '../scene.js';
import { checkMoved, releasedBehind } from './hand-over.js';

const gapMs = 137;

const movesOf = (report: InstanceReport | undefined, revision: number) =>
  report?.moves.find((moves) => moves.revision === revision);

/** Whether it holds that one gap, which two digits are kept of; a text that is none is no histogram. */
function holdsTheGap(gaps: string): boolean {
  try {
    const histogram = hdr.decodeFromCompressedBase64(gaps);
    return histogram.totalCount === 1 && Math.abs(histogram.maxValue - gapMs) <= gapMs / 100;
  } catch {
    return false;
  }
}

const told: Check = {
  name: 'reports-moves',
  section: '10',
  expected: 'moves of the report counts who went and who came, with a histogram of their gaps',
  needs: ['control', 'config-db'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const mine = held(scene);
    const given = mine[0] as number;
    const client = await connect(scene, { partitions: [given] });
    const acquiredAt = scene.journal.view.last(given)?.offset ?? -1;
    const away = await stage.distribute(mine.slice(1));
    checkMoved(
      await client.line.take('disconnect', stepWithinMs),
      client.line,
      stage.peer.url,
      away,
    );
    await releasedBehind(scene, given, acquiredAt);
    await stage.peerDoes('acquired', given);
    await reports(
      scene,
      (report) => (movesOf(report, away)?.left ?? 0) === 1,
      (report) =>
        `one client was told moved under revision ${away}, and moves of the report says ${JSON.stringify(report?.moves)}`,
      'count in moves, per revision, the clients that you told moved: the record of a rebalance counts them',
    );
    await comesBack(scene, client.session.token, given);
    return `one client went under revision ${away} and came with the next, after ${gapMs} ms as it said`;
  },
};

/** The client comes with the revision that brings its partition back, and says how long it was away. */
async function comesBack(scene: Scene, token: string, partition: number): Promise<void> {
  const stage = stageOf(scene);
  const back = await stage.distribute([...held(scene), partition].sort((a, b) => a - b));
  await applied(scene, back);
  const line = await dial(scene, `a client of partition ${partition}, which comes back`);
  const welcome = greet(line, token, null, { revision: back });
  await stage.peerDoes('released', partition);
  must(
    (await welcome)?.type === 'welcome',
    `a client came with the revision that brings its partition, and heard: ${heardWords(line)}`,
    'welcome who is parked when the partition has come',
  );
  await until(() => held(scene).includes(partition), stepWithinMs);
  line.say({ type: 'moved', gapMs });
  await reports(
    scene,
    (report) => {
      const moves = movesOf(report, back);
      return moves?.arrived === 1 && holdsTheGap(moves.gaps);
    },
    (report) =>
      `one client came with revision ${back} and said moved with gapMs ${gapMs}, and moves of the report says ${JSON.stringify(movesOf(report, back) ?? report?.moves)}`,
    'count in moves, by the revision of its hello, who came and said moved, and put its gapMs into an HdrHistogram (V2, compressed, base64)',
  );
  line.say({ type: 'bye' });
}

export const moveChecks: readonly Check[] = [told];
