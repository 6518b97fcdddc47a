// Owns: the hand-over benchmark: which runs there are of each kind, in which order, on one service, and
// that a broken promise fails the command. Never judges a time.
import { setInterval } from 'node:timers';
import { startFleet, type Fleet } from '../../src/load/fleet.js';
import type { BenchGroup, GroupRun } from '../group.js';
import type { BenchCase } from '../report.js';
import { median } from '../timing.js';
import {
  allKilledRun,
  cutLinksRun,
  directoryAwayRun,
  incomingKilledRun,
  kafkaAwayRun,
  leaveAloneRun,
  leaveRun,
  noControlPlaneRun,
  outages,
} from './outage-runs.js';
import { crashRun, pauseRun, plannedRun, type Measured, type Scene } from './runs.js';
import { startSlowLinks } from './slow-links.js';
import { markdownOf, textOf } from './tables.js';
import { partitions, startWorld, type World } from './world.js';

export const kinds = ['planned', 'crash', 'pause', 'rtt', ...outages] as const;
export type Kind = (typeof kinds)[number];

export interface Size {
  readonly clients: number;
  readonly messagesPerSecond: number;
  readonly processes: number;
  /** Times that the service grows from 3 to 4 instances, and shrinks back. */
  readonly rounds: number;
  /** How long ConfigDB and Temporal, and how long Kafka, are away. */
  readonly controlPlaneAwayMs: number;
  readonly kafkaAwayMs: number;
}

export const fullSize: Size = {
  ...{ clients: 2_000, messagesPerSecond: 200, processes: 2, rounds: 5 },
  ...{ controlPlaneAwayMs: 30_000, kafkaAwayMs: 10_000 },
};
export const quickSize: Size = {
  ...{ clients: 40, messagesPerSecond: 40, processes: 2, rounds: 1 },
  ...{ controlPlaneAwayMs: 12_000, kafkaAwayMs: 6_000 },
};

const [few, many] = [3, 4];
/** Of three: neither the first nor the last. */
const victim = 1;
const roundTripMs = 100;

export const handoverGroup: BenchGroup = {
  name: 'handover',
  about: 'gaps of 2 000 chatting clients: planned, crash, pause, slow links, outages',
  kinds,
  run: ({ quick, say, kinds: wanted, rounds }) => {
    const size = quick ? quickSize : fullSize;
    return runHandover(
      { ...size, rounds: rounds ?? size.rounds },
      kinds.filter((kind) => wanted === undefined || wanted.includes(kind)),
      say,
    );
  },
  textOf,
  markdownOf,
};

/** Runs on the stack of the environment, or on one of its own; ends everything that it starts. */
export async function* runHandover(
  size: Size,
  wanted: readonly Kind[],
  say: GroupRun['say'],
): AsyncGenerator<BenchCase> {
  // The parts that run hold nothing open in this process, and a wait for them must not end it.
  const alive = setInterval(() => undefined, 60_000);
  let world: World | undefined;
  let faults = 0;
  try {
    world = await startWorld(few, say);
    for (const kind of wanted) {
      for await (const one of runKind[kind]({ world, size, say })) {
        const { wrong } = one.ours as Measured;
        for (const sentence of wrong) say(`WRONG: ${one.name}: ${sentence}`);
        faults += wrong.length;
        yield one;
      }
    }
  } finally {
    await world?.stop();
    clearInterval(alive);
  }
  if (faults > 0) throw new Error(`${faults} promises were broken by hand-overs, see above`);
}

interface Bench {
  readonly world: World;
  readonly size: Size;
  readonly say: GroupRun['say'];
}

const runKind: Readonly<Record<Kind, (bench: Bench) => AsyncGenerator<BenchCase>>> = {
  planned: async function* (bench) {
    yield* rebalances(bench, 'planned', bench.size.rounds, {});
  },
  crash: (bench) => event(bench, 'crash', `crash of one of ${few}`, crashRun),
  pause: (bench) => event(bench, 'pause', `pause of one of ${few}`, pauseRun),
  'no-control-plane': (bench) =>
    event(bench, 'no-control-plane', 'ConfigDB and Temporal away', (scene, instance) =>
      noControlPlaneRun(scene, instance, bench.size.controlPlaneAwayMs),
    ),
  'all-killed': (bench) =>
    event(bench, 'all-killed', 'all killed without Temporal', (scene) => allKilledRun(scene)),
  'kafka-pause': (bench) =>
    event(bench, 'kafka-pause', 'Kafka stands still', (scene) =>
      kafkaAwayRun(scene, 'pause', bench.size.kafkaAwayMs),
    ),
  'kafka-crash': (bench) =>
    event(bench, 'kafka-crash', 'Kafka killed and restarted', (scene) =>
      kafkaAwayRun(scene, 'crash', bench.size.kafkaAwayMs),
    ),
  'directory-killed': (bench) =>
    event(bench, 'directory-killed', 'directory and one instance killed', directoryAwayRun),
  'leave-alone': (bench) =>
    event(bench, 'leave-alone', 'told to end, nobody answers', leaveAloneRun),
  leave: (bench) => event(bench, 'leave', 'told to end, and drained', leaveRun),
  'incoming-killed': async function* (bench) {
    const title = `the receiver killed in ${few} → ${many}`;
    yield* event(bench, 'incoming-killed', title, (scene) => incomingKilledRun(scene));
  },
  'cut-links': async function* (bench) {
    const links = await startSlowLinks({ urls: await bench.world.urls(), roundTripMs: 0 });
    const run = (scene: Scene) => cutLinksRun(scene, links);
    try {
      yield* event(bench, 'cut-links', 'every connection cut', run, links.via);
    } finally {
      await links.stop();
    }
  },
  rtt: async function* (bench) {
    const { world } = bench;
    if ((await world.urls()).length < many) {
      // The address of an instance is known once it has been started, and stays.
      await world.rebalance(many);
      await world.rebalance(few);
    }
    const links = await startSlowLinks({ urls: await world.urls(), roundTripMs });
    try {
      yield* rebalances(bench, 'rtt', 1, links.via);
    } finally {
      await links.stop();
    }
  },
};

/** Grows and shrinks under load, so many times each. */
async function* rebalances(
  bench: Bench,
  kind: 'planned' | 'rtt',
  rounds: number,
  via: Readonly<Record<string, string>>,
): AsyncGenerator<BenchCase> {
  const { say, size } = bench;
  const fleet = await connectAll(bench, kind, via);
  const gaps: Measured['gapMs'][] = [];
  let overlapsBefore = 0;
  try {
    for (let run = 1; run <= 2 * rounds; run += 1) {
      const [from, to] = run % 2 === 1 ? [few, many] : [many, few];
      say(`${kind} ${run}/${2 * rounds}: ${from} → ${to} instances`);
      const ours = await plannedRun({ world: bench.world, fleet, overlapsBefore }, to);
      overlapsBefore += ours.overlaps;
      gaps.push(ours.gapMs);
      const soFar = {
        runs: gaps.length,
        medianP99Ms: median(gaps.map(({ p99 }) => p99)),
        maxMs: Math.max(...gaps.map(({ max }) => max)),
      };
      const params = {
        from,
        to,
        run,
        runs: 2 * rounds,
        ...(kind === 'rtt' ? { roundTripMs } : {}),
      };
      yield caseOf(`${kind} ${from} → ${to}`, kind, size, params, { ...ours, soFar });
    }
  } finally {
    await fleet.stop();
  }
}

/** Something happens under load, most of the time to one instance. */
async function* event(
  bench: Bench,
  kind: Exclude<Kind, 'planned' | 'rtt'>,
  title: string,
  run: (scene: Scene, instance: string) => Promise<Measured>,
  via: Readonly<Record<string, string>> = {},
): AsyncGenerator<BenchCase> {
  const { world, size, say } = bench;
  const fleet = await connectAll(bench, kind, via);
  try {
    const instance = `${world.name}-${victim}`;
    say(title);
    const ours = await run({ world, fleet, overlapsBefore: 0 }, instance);
    yield caseOf(title, kind, size, { instances: few }, ours);
    await world.wholeAgain(few);
  } finally {
    await fleet.stop();
  }
}

async function connectAll(
  { world, size, say }: Bench,
  kind: Kind,
  via: Readonly<Record<string, string>>,
): Promise<Fleet> {
  const { clients, messagesPerSecond, processes } = size;
  const { directoryUrl, directoryKey } = world.service;
  const users = { prefix: kind, users: clients, devices: 1 };
  const where = { directoryUrl, directoryKey, processes, messagesPerSecond, via };
  const fleet = await startFleet({ ...where, ...users });
  try {
    await fleet.joined();
  } catch (error) {
    await fleet.stop();
    throw error;
  }
  say(`${clients} clients are connected and write ${messagesPerSecond} messages/s`);
  return fleet;
}

function caseOf(
  name: string,
  kind: Kind,
  size: Size,
  more: Readonly<Record<string, number>>,
  ours: Measured,
): BenchCase {
  const { clients, messagesPerSecond } = size;
  return {
    name,
    params: { kind, clients, messagesPerSecond, partitions, ...more },
    ours,
    peers: [],
  };
}
