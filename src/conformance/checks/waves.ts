// How many clients a donor lets go at once, and when it goes on: what fits a wave, when the next one starts,
// and `hold`. With the kit as the receiver. Section 10, "Giving".

import { must, Skipped, type Check } from '../check.js';
import { connect, leave, pause, type Welcomed } from '../connect.js';
import { until } from '../journal.js';
import { heardWords } from '../line.js';
import { betweenWavesMs, quietMs, slowClientsPerSecond, stepWithinMs } from '../limits.js';
import { held, stageOf, type Scene } from '../scene.js';
import { releasedBehind } from './hand-over.js';

const section = '10';
const list = (partitions: readonly number[]): string => partitions.join(' ') || 'none';

/** The first so many that the instance holds, and where their `acquired` stand. */
function givable(scene: Scene, count: number): readonly number[] {
  const mine = held(scene);
  if (mine.length > count) return mine.slice(0, count);
  throw new Skipped(`the instance holds ${mine.length} partitions, and ${count + 1} are needed`);
}

const acquiredAt = (scene: Scene, partition: number): number =>
  scene.journal.view.last(partition)?.offset ?? -1;

/** So many clients of each. */
async function clientsOn(
  scene: Scene,
  wanted: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, readonly Welcomed[]>> {
  const clients = new Map<number, Welcomed[]>();
  for (const [partition, count] of wanted) {
    const here: Welcomed[] = [];
    for (let i = 0; i < count; i += 1) here.push(await connect(scene, { partitions: [partition] }));
    clients.set(partition, here);
  }
  return clients;
}

/** What was given goes back to the instance, so that whatever follows finds it as it was. */
async function regain(scene: Scene, given: readonly number[]): Promise<void> {
  const stage = stageOf(scene);
  await stage.distribute([...held(scene), ...given].sort((a, b) => a - b));
  for (const p of given) {
    if (scene.journal.view.holderOf(p)?.instance === stage.peer.instance) {
      await stage.peerDoes('released', p);
    }
  }
  await until(() => given.every((p) => held(scene).includes(p)), stepWithinMs);
}

/** That these are with the instance still, after a while in which they could have gone. */
async function stays(
  scene: Scene,
  partitions: readonly number[],
  clients: readonly Welcomed[],
  sentence: string,
  mend: string,
): Promise<void> {
  await pause(betweenWavesMs);
  await scene.journal.caughtUp('ownership');
  const left = partitions.filter((p) => !held(scene).includes(p));
  const told = clients.find(({ line }) =>
    line.heard.some(({ frame }) => frame?.type === 'disconnect'),
  );
  must(
    left.length === 0 && told === undefined,
    `${sentence}: ${left.length === 0 ? `a client of partition ${told?.session.partition} heard ${told === undefined ? '' : heardWords(told.line)}` : `partition ${list(left)} was released as well`}`,
    mend,
  );
}

const size: Check = {
  name: 'wave-size',
  section,
  expected:
    'a wave has at most partitionsPerWave partitions and clientsPerWave clients; the next one starts when the receiver has the last',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const given = givable(scene, 4);
    const [a, b, c, d] = given as [number, number, number, number];
    const wanted = new Map([
      [a, 2],
      [b, 1],
    ]);
    const clients = await clientsOn(scene, wanted);
    const ofB = clients.get(b) ?? [];
    const at = new Map(given.map((p) => [p, acquiredAt(scene, p)]));
    const released = (p: number) => releasedBehind(scene, p, at.get(p) ?? -1);
    const pace = { clientsPerWave: 2, partitionsPerWave: 2, acceptPerSecond: 100 };
    const mine = held(scene).filter((p) => !given.includes(p));
    await stage.distribute(mine, { pace });

    // Two clients fill the first wave, two partitions the second.
    await released(a);
    await stays(
      scene,
      [b, c, d],
      ofB,
      `clientsPerWave is 2, partition ${a} with 2 clients was released, and nobody has acquired it yet`,
      'one wave at a time per receiver: take partitions in ascending order while their clients fit clientsPerWave ÷ donors (at least one), and start no other before the receiver has acquired them all',
    );
    await stage.peerDoes('acquired', a);
    await Promise.all([released(b), released(c)]);
    await stays(
      scene,
      [d],
      [],
      `partitionsPerWave is 2, and partitions ${list([b, c])} are on their way`,
      'take at most partitionsPerWave partitions into a wave',
    );
    for (const p of [b, c]) await stage.peerDoes('acquired', p);
    await released(d);
    await stage.peerDoes('acquired', d);
    await regain(scene, given);
    return `partition ${a} with 2 clients, then ${list([b, c])}, then ${d}: each wave when the last had arrived`;
  },
};

const pacing: Check = {
  name: 'wave-pace',
  section,
  expected:
    'the next wave starts no earlier than clients × donors ÷ acceptPerSecond seconds after the last began',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const given = givable(scene, 2);
    const [a, b] = given as [number, number];
    const count = 3;
    const clients = await clientsOn(
      scene,
      new Map([
        [a, count],
        [b, 1],
      ]),
    );
    const at = new Map(given.map((p) => [p, acquiredAt(scene, p)]));
    const pace = {
      clientsPerWave: count,
      partitionsPerWave: 64,
      acceptPerSecond: slowClientsPerSecond,
    };
    await stage.distribute(
      held(scene).filter((p) => !given.includes(p)),
      { pace },
    );
    await releasedBehind(scene, a, at.get(a) ?? -1);
    await stage.peerDoes('acquired', a);
    await releasedBehind(scene, b, at.get(b) ?? -1);
    await stage.peerDoes('acquired', b);
    const toldAtMs = (p: number): number =>
      Math.min(
        ...(clients.get(p) ?? []).flatMap(({ line }) =>
          line.heard.filter(({ frame }) => frame?.type === 'disconnect').map(({ atMs }) => atMs),
        ),
      );
    const betweenMs = toldAtMs(b) - toldAtMs(a);
    const dueMs = (count * 1_000) / slowClientsPerSecond;
    must(
      betweenMs > dueMs / 2,
      `acceptPerSecond is ${slowClientsPerSecond}, ${count} clients of partition ${a} were sent on, and those of ${b} followed ${Math.round(betweenMs)} ms later`,
      `wait clients × donors ÷ acceptPerSecond seconds, here ${dueMs / 1_000}, from the start of a wave to the start of the next, also when the receiver has acquired it sooner: it has to welcome them`,
    );
    await regain(scene, given);
    return `${count} clients at ${slowClientsPerSecond} a second: the next wave came ${(betweenMs / 1000).toFixed(1)} s later`;
  },
};

const hold: Check = {
  name: 'hold',
  section: '3, 10',
  expected: 'hold starts no further wave, resume goes on',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const given = givable(scene, 2);
    const [a, b] = given as [number, number];
    const clients = await clientsOn(scene, new Map([[b, 1]]));
    const at = new Map(given.map((p) => [p, acquiredAt(scene, p)]));
    await stage.distribute(
      held(scene).filter((p) => !given.includes(p)),
      { pace: { clientsPerWave: 25, partitionsPerWave: 1, acceptPerSecond: 100 } },
    );
    await releasedBehind(scene, a, at.get(a) ?? -1);
    await stage.say('hold');
    await pause(betweenWavesMs); // For it to be read; well within the 2 s after which it takes back.
    await stage.peerDoes('acquired', a);
    await pause(quietMs);
    await stays(
      scene,
      [b],
      clients.get(b) ?? [],
      `hold was said when partition ${a} had been released, and then it was acquired`,
      'start no wave after hold until resume, or a distribution of a higher revision',
    );
    await stage.say('resume');
    await releasedBehind(scene, b, at.get(b) ?? -1);
    await stage.peerDoes('acquired', b);
    await regain(scene, given);
    for (const client of (clients.get(b) ?? []).filter(({ line }) => line.end() === null))
      leave(client);
    return `partition ${b} stayed while hold was in force, and went after resume`;
  },
};

export const waveChecks: readonly Check[] = [size, pacing, hold];
