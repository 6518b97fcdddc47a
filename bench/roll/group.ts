// Owns: the benchmark of a rolling upgrade: four instances under chatting clients, how often each moved and
// with what gap. A broken promise fails the command. Never judges a time.
import { setInterval } from 'node:timers';
import { createSwarm, type Observation } from '../../src/load/swarm.js';
import { summarizeGaps } from '../../src/load/gaps.js';
import { checkLogs, evidenceFaults } from '../../src/local/evidence.js';
import type { BenchGroup, GroupRun } from '../group.js';
import { startWorld } from '../handover/world.js';
import type { BenchCase } from '../report.js';
import { rollOf, sameBuildElsewhere } from './run.js';

export interface Size {
  readonly instances: number;
  readonly clients: number;
  readonly messagesPerSecond: number;
  readonly rounds: number;
  readonly watchMs: number;
}

const fullSize: Size = {
  ...{ instances: 4, clients: 400, messagesPerSecond: 60, rounds: 1, watchMs: 3_000 },
};
const quickSize: Size = { ...fullSize, instances: 2, clients: 20, watchMs: 200 };

export const rollGroup: BenchGroup = {
  name: 'roll',
  about: 'a rolling upgrade of 4 instances under 400 chatting clients',
  run: ({ quick, say, rounds }) => {
    const size = quick ? quickSize : fullSize;
    return runRolls({ ...size, rounds: rounds ?? size.rounds }, say);
  },
  textOf: ({ name, ours }) => `${name}: ${JSON.stringify(ours)}`,
  markdownOf: (cases) =>
    [
      '| roll | moves per client | most | gap P50 | P99 | max | lost | overlaps |',
      '| ---- | ---------------- | ---- | ------- | --- | --- | ---- | -------- |',
      ...cases.map(({ name, ours }) => rowOf(name, ours as unknown as Rolled)),
    ].join('\n'),
};

interface Rolled {
  readonly movesPerClient: number;
  readonly movesMax: number;
  readonly gapMs: ReturnType<typeof summarizeGaps>;
  readonly lost: number;
  readonly overlaps: number;
}

function rowOf(name: string, { movesPerClient, movesMax, gapMs, lost, overlaps }: Rolled): string {
  const { p50, p99, max } = gapMs;
  return `| ${name} | ${movesPerClient} | ${movesMax} | ${p50} ms | ${p99} ms | ${max} ms | ${lost} | ${overlaps} |`;
}

export async function* runRolls(size: Size, say: GroupRun['say']): AsyncGenerator<BenchCase> {
  const { instances, clients, messagesPerSecond, rounds, watchMs } = size;
  // The parts that run hold nothing open in this process, and a wait for them must not end it.
  const alive = setInterval(() => undefined, 60_000);
  let faults = 0;
  const world = await startWorld(instances, say);
  const { directoryUrl, directoryKey } = world.service;
  const counted = new Map<string, number>();
  const onMove = (user: string) => void counted.set(user, (counted.get(user) ?? 0) + 1);
  const where = { directoryUrl, directoryKey, messagesPerSecond, prefix: 'roll', onMove };
  const swarm = createSwarm(where);
  try {
    await swarm.resize(clients);
    for (let round = 1; round <= rounds; round += 1) {
      counted.clear();
      const window = swarm.open();
      const startedMs = performance.now();
      const image = sameBuildElsewhere(world.cluster.logDir);
      const end = await rollOf(world.cluster, world.name, { image, watchMs, by: 'bench' });
      const durationMs = Math.round(performance.now() - startedMs);
      const seen = await window.close();
      const logs = await checkLogs(world.cluster.bus, world.name);
      const movesMax = Math.max(0, ...counted.values());
      const movesPerClient = Number((seen.moves.length / clients).toFixed(3));
      const wrong = [
        ...(end.result?.outcome === 'completed'
          ? []
          : [end.failure?.message ?? 'it did not end well']),
        ...(movesMax <= 2 ? [] : [`somebody moved ${movesMax} times`]),
        ...(movesPerClient <= 1 + 1 / instances ? [] : [`${movesPerClient} moves per client`]),
        ...faultsOf(seen),
        ...evidenceFaults(logs),
      ];
      for (const sentence of wrong) say(`WRONG: roll: ${sentence}`);
      faults += wrong.length;
      const { lost, duplicated, outOfOrder, sent } = seen.messages;
      const gapMs = summarizeGaps(seen.moves.map(({ gapMs: gap }) => gap));
      const figures = { movesPerClient, movesMax, gapMs, sent, lost, duplicated, outOfOrder };
      const ours = { ...figures, overlaps: logs.overlaps, durationMs, wrong };
      const params = {
        kind: 'roll',
        instances,
        clients,
        messagesPerSecond,
        watchMs,
        round,
        rounds,
      };
      yield { name: `roll of ${instances} instances`, params, ours, peers: [] };
    }
  } finally {
    swarm.stop();
    await world.stop();
    clearInterval(alive);
  }
  if (faults > 0) throw new Error(`${faults} promises were broken by rolls, see above`);
}

function faultsOf({ moves, messages, missing }: Observation): string[] {
  const { lost, duplicated, outOfOrder } = messages;
  const unplanned = moves.filter(({ planned }) => !planned).length;
  return [
    ...(unplanned === 0 ? [] : [`${unplanned} clients lost their connection`]),
    ...(lost + duplicated + outOfOrder === 0
      ? []
      : [`${lost} messages lost, ${duplicated} duplicated, ${outOfOrder} out of order`]),
    ...missing.map((user) => `${user} is not connected at the end`),
  ];
}
