// Owns: the benchmark of the replay lab: a year at 15 s in time and memory, and the frontier on recorded load
// beside models of what others use. A promise that is broken is named, never hidden.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { measuredChange } from '../../src/lab/change-model.js';
import { defaultPolicy, policyFor } from '../../src/lab/default-policy.js';
import {
  cheapestWithin,
  families,
  safestWithin,
  search,
  type Point,
} from '../../src/lab/search.js';
import { simulate } from '../../src/lab/simulate.js';
import { TraceReader, type Trace } from '../../src/lab/trace.js';
import { checkoutDir } from '../../stack/checkout.js';
import type { BenchGroup, GroupRun } from '../group.js';
import { randomOf } from '../random.js';
import type { BenchCase } from '../report.js';
import { fixed, grouped, markdownTable } from '../table.js';

const secondsMax = 60;
const dayMs = 86_400_000;
const evaluateEveryMs = 15_000;
const yearDays = 365;
const quickDays = 7;
const mebi = 1024 * 1024;
/** Of nyc_taxi: 1 000 users an instance, scored from that row on, a lead time of one row: with the cooldown. */
const taxi = { capacity: 1_000, from: 1_337, rowMs: 1_800_000, leadMs: 29 * 60_000 } as const;
const kinds = ['year', 'frontier'] as const;
/** What a crude trial reached for 2 000 minutes, and at 115 000 hours (by thresholds alone 2 220 minutes). */
const budgets = { overloadMinutes: 2_000, instanceHours: 115_000 } as const;
const promised = { instanceHours: 81_100, overloadMinutes: 140 } as const;

export const replayGroup: BenchGroup = {
  name: 'replay',
  about: 'a year of load replayed, and the frontier of cost, overload and people moved',
  kinds,
  run: runReplays,
  textOf: ({ name, ours }) => `${name}: ${JSON.stringify(ours)}`,
  markdownOf: (cases) =>
    [
      yearTable(cases.filter(({ params }) => params['kind'] === 'year')),
      ...cases.filter(({ params }) => params['kind'] === 'frontier').map(frontierTable),
    ].join('\n\n'),
};

async function* runReplays({
  quick,
  seed,
  kinds: asked,
  say,
}: GroupRun): AsyncGenerator<BenchCase> {
  const wants = (kind: (typeof kinds)[number]): boolean => asked?.includes(kind) ?? true;
  if (wants('year')) {
    const days = quick ? quickDays : yearDays;
    for (const rowMs of [evaluateEveryMs, 300_000]) {
      const one = year(days, rowMs, seed);
      // Of the processor: other programs of the machine are not the replay's.
      if (!quick && Number(one.ours['cpuSeconds']) > secondsMax)
        say(`BROKEN: ${one.name} took longer than ${secondsMax} s`);
      yield one;
    }
  }
  if (!wants('frontier')) return;
  for (const everyMs of quick ? [taxi.rowMs] : [taxi.rowMs, 300_000]) {
    const one = frontier(everyMs);
    for (const complaint of brokenOf(one)) say(`BROKEN: ${one.name}: ${complaint}`);
    yield one;
  }
}

/** In use once everything that nobody holds has been collected. */
function keptBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Days with weekends, and noise, in rows of so long; evaluated every 15 s. */
function year(days: number, rowMs: number, seed: number): BenchCase {
  const random = randomOf(seed);
  const day = dayMs / rowMs;
  const values = Float64Array.from({ length: days * day }, (_, row) => {
    const weekend = Math.floor(row / day) % 7 >= 5 ? 0.7 : 1;
    const wave = 1.2 - Math.cos((2 * Math.PI * (row % day)) / day);
    return Math.round(10_000 * weekend * wave * (1 + 0.02 * (random() - 0.5)));
  });
  const trace: Trace = { startMs: Date.UTC(2025, 0, 6), stepMs: rowMs, values, filled: new Set() };
  const policy = defaultPolicy(trace);
  if (policy === undefined) throw new Error('a year without load');
  const kept: number[] = [];
  const onRow = (row: number, rows: number): void => {
    if (Math.floor((4 * row) / rows) > kept.length) kept.push(keptBytes());
  };
  const setting = { change: measuredChange, everyMs: evaluateEveryMs };
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const [report] = simulate(trace, [{ name: 'defaults', policy }], setting, { from: 0, onRow });
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return {
    name: `${days} days, rows every ${rowMs / 1_000} s`,
    params: { kind: 'year', days, rowMs },
    ours: {
      evaluations: report?.ticks,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      // After a quarter, the half, three quarters, and at the end.
      heapMb: [...kept, keptBytes()].map((bytes) => bytes / mebi),
      peakMb: process.resourceUsage().maxRSS / 1024,
      wape: report?.forecast.wape,
      acted: report?.forecast.acted,
    },
    peers: [],
  };
}

function frontier(everyMs: number): BenchCase {
  const reader = new TraceReader();
  const file = join(checkoutDir, 'test', 'data', 'load', 'nyc_taxi.csv');
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) reader.take(line);
  const change = { ...measuredChange, fixedGrowthMs: taxi.leadMs };
  const setting = { change, capacity: taxi.capacity, everyMs };
  const { from } = taxi;
  const points = search(reader.end(), policyFor(0.8 * taxi.capacity, 100), setting, { from });
  const cheapest = cheapestWithin(points, budgets.overloadMinutes);
  const safest = safestWithin(points, budgets.instanceHours);
  const of = (at: number) => ({ cheapest: shown(cheapest[at]), safest: shown(safest[at]) });
  const [, ...others] = families;
  return {
    name: `nyc_taxi, evaluated every ${everyMs / 60_000} min`,
    params: { kind: 'frontier', everyMs, settings: points.length },
    ours: of(0),
    peers: others.map((name, at) => ({ name, version: 'its rule', ...of(at + 1) })),
  };
}

type Found = Omit<Point, 'policy' | 'family'> | null;
const shown = (point: Point | undefined): Found => {
  if (point === undefined) return null;
  const { policy: _policy, family: _family, ...numbers } = point;
  return numbers;
};

function brokenOf({ ours, params }: BenchCase): string[] {
  // The figures to reach are of one evaluation a row.
  if (params['everyMs'] !== taxi.rowMs) return [];
  const { cheapest, safest } = ours as { cheapest: Found; safest: Found };
  const hours = cheapest?.instanceHours ?? Infinity;
  const minutes = safest?.overloadMinutes ?? Infinity;
  return [
    ...(hours > promised.instanceHours ? [`${hours} instance-hours`] : []),
    ...(minutes > promised.overloadMinutes ? [`${minutes} minutes of overload`] : []),
  ];
}

function yearTable(cases: readonly BenchCase[]): string {
  const rows = cases.map(({ name, ours }) => [
    name,
    grouped(Number(ours['evaluations'])),
    fixed(ours['seconds'], 1),
    fixed(ours['cpuSeconds'], 1),
    (ours['heapMb'] as readonly number[]).map((mb) => fixed(mb, 0)).join(', '),
    fixed(ours['peakMb'], 0),
  ]);
  const columns = ['replay', 'evaluations', 's', 'CPU s', 'heap MB kept', 'peak MB'];
  return rows.length === 0 ? '' : markdownTable({ columns, rows });
}

function frontierTable({ name, ours, peers }: BenchCase): string {
  const row = (who: string, of: Readonly<Record<string, unknown>>): string[] => [
    who,
    ...cells(of['cheapest'] as Found, 'instanceHours'),
    ...cells(of['safest'] as Found, 'overloadMinutes'),
  ];
  const columns = [
    name,
    `hours within ${grouped(budgets.overloadMinutes)} min`,
    'people moved',
    `min within ${grouped(budgets.instanceHours)} h`,
    'people moved then',
  ];
  const rows = [row('with forecast', ours), ...peers.map((peer) => row(peer.name, peer))];
  return markdownTable({ columns, rows });
}

function cells(point: Found, first: 'instanceHours' | 'overloadMinutes'): string[] {
  if (point === null) return ['–', '–'];
  return [grouped(Math.round(point[first])), grouped(point.clientsMoved)];
}
