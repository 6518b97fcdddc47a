// Seeded worlds of few partitions of every kind of change and weights, where whole partitions, weights of 0,
// capacities, pins and partitions that nobody owns matter most. Plans nothing.
import type { PlanInput } from '../../../src/core/placement/types.js';
import { fromPartitions, type Ranges } from '../../../src/core/ranges.js';
import { seeded, type Seeded } from '../../support/seeded.js';

const changes = [
  'in place',
  'grow',
  'grow by two',
  'shrink',
  'drain',
  'replace',
  'lost',
  'replace and grow',
] as const;
const weightKinds = [
  'none',
  'none',
  'equal',
  'whole 1-3',
  'whole 1-9',
  'some idle',
  'zipf',
  'giants',
  'fractions',
] as const;
const tolerances = [0, 0, 0.05, 0.1, 0.1, 0.3];

export type TinyWorld = PlanInput & {
  readonly current: Readonly<Record<string, Ranges>>;
  readonly weights: readonly number[] | undefined;
  readonly tolerance: number;
};

export interface Most {
  readonly partitions: number;
  readonly instances: number;
}

/** The world of a seed, with up to so many partitions, and instances before the change. */
export function tinyWorldOf(seed: number, most: Most): TinyWorld {
  const random = seeded(seed);
  const partitions = 1 + random.below(most.partitions);
  const n = 1 + random.below(most.instances);
  const before = Array.from({ length: n }, (_, i) => `m-${i}`);
  const weights = weightsOf(random, partitions);
  const change = random.pick(changes);
  const gone = `m-${change === 'shrink' ? n - 1 : random.below(n)}`;
  const others = before.filter((name) => n === 1 || name !== gone);
  const instances = {
    'in place': before,
    grow: [...before, `m-${n}`],
    'grow by two': [...before, `m-${n}`, `m-${n + 1}`],
    shrink: others,
    drain: others,
    replace: [...others, `m-${n}`],
    lost: before,
    'replace and grow': [...others, `m-${n}`, `m-${n + 1}`],
  }[change];
  const owners = ownersOf(random, partitions, n);
  const ownedBy = (name: string): number[] =>
    owners.flatMap((owner, p) => (`m-${owner}` === name ? [p] : []));
  const current = Object.fromEntries(
    before
      .filter((name) => change !== 'lost' || name !== gone)
      .map((name) => [name, fromPartitions(ownedBy(name))]),
  );
  const hasPins = random.next() < 0.15;
  const staying = instances.filter((name) => name in current).flatMap(ownedBy);
  const pins = staying.filter(() => hasPins && random.next() < 0.25);
  const hasCapacity = random.next() < 0.3;
  const capacity = Object.fromEntries(
    instances.map((name) => [name, hasCapacity ? random.pick([1, 1, 2, 3, 0.5]) : 1]),
  );
  return {
    partitions,
    instances,
    current,
    weights,
    tolerance: random.pick(tolerances),
    capacity,
    pinned: fromPartitions(pins.sort((a, b) => a - b)),
  };
}

/** Balanced by count, scattered, or in runs; now and then nobody. */
function ownersOf(random: Seeded, partitions: number, n: number): readonly number[] {
  const start = random.pick(['balanced', 'scattered', 'runs']);
  let owner = random.below(n);
  return Array.from({ length: partitions }, (_, p) => {
    if (start === 'balanced') owner = Math.floor((p * n) / partitions);
    else if (start === 'scattered' || random.next() < 0.3) owner = random.below(n);
    return random.next() < 0.05 ? -1 : owner;
  });
}

function weightsOf(random: Seeded, partitions: number): readonly number[] | undefined {
  const kind = random.pick(weightKinds);
  if (kind === 'none') return undefined;
  const draw = {
    equal: () => 3,
    'whole 1-3': () => 1 + random.below(3),
    'whole 1-9': () => 1 + random.below(9),
    'some idle': () => random.pick([0, 0, 0.5, 1, 3.7, 9]),
    zipf: () => Math.round(1000 / (1 + random.below(partitions))),
    giants: () => random.pick([1, 1, 1, 2, 20]),
    fractions: () => 10 * random.next(),
  }[kind];
  return Array.from({ length: partitions }, draw);
}
