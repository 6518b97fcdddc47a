// Seeded random worlds for comparing plans with the optimum: a size, a kind of weights, a start and a
// change. Plans nothing but the starts.
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { PlanInput } from '../../../src/core/placement/types.js';
import { fromPartitions, partitionsOf, type Ranges } from '../../../src/core/ranges.js';
import { seeded, type Seeded } from '../../support/seeded.js';

export type WeightsKind = 'log-normal' | 'zipf' | 'whole 1-9' | 'few giants';
export type Change = 'grow' | 'shrink' | 'replace' | 'in place' | 'grow and replace';

export interface Size {
  readonly partitions: number;
  readonly instances: number;
}

export interface World {
  readonly name: string;
  readonly size: Size;
  readonly kind: WeightsKind;
  readonly change: Change;
  readonly input: PlanInput & { readonly weights: readonly number[]; readonly tolerance: number };
}

export const sizes: readonly Size[] = [
  { partitions: 12, instances: 3 },
  { partitions: 40, instances: 4 },
  { partitions: 120, instances: 6 },
  { partitions: 400, instances: 8 },
];
export const kinds: readonly WeightsKind[] = ['log-normal', 'zipf', 'whole 1-9'];
const changes: readonly Change[] = ['grow', 'shrink', 'replace', 'in place', 'grow and replace'];
const starts = ['balanced', 'equal counts', 'fragmented'] as const;
/** The tolerance is drawn from these unless one is given. */
const tolerances = [0.05, 0.1, 0.3];

/** The world of a seed: of the seed and nothing else. */
export function worldOf(seed: number, size: Size, kind: WeightsKind, given?: number): World {
  const random = seeded(seed);
  const { partitions } = size;
  const weights = weightsOf(kind, partitions, random);
  const drawn = random.pick(tolerances);
  const tolerance = given ?? drawn;
  const change = random.pick(changes);
  const start = random.pick(starts);
  const n = size.instances;
  const names = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, i) => String(from + i));
  const before = names(0, n);
  const more = 1 + random.below(2);
  const owned = startOf(start, { partitions, weights, tolerance, instances: before }, random);
  const lost = random.next() < 0.1 ? String(n - 1) : undefined;
  const current = Object.fromEntries(Object.entries(owned).filter(([name]) => name !== lost));
  const instances = {
    grow: names(0, n + more),
    shrink: names(0, Math.max(1, n - more)),
    replace: [...before.filter((name) => name !== String(more)), ...names(n, n + 1)],
    'in place': before,
    'grow and replace': [...before.filter((name) => name !== String(more)), ...names(n, n + 2)],
  }[change];
  const hasCapacity = random.next() < 0.25;
  const capacity = hasCapacity
    ? Object.fromEntries(instances.map((name) => [name, random.pick([1, 1, 2])]))
    : undefined;
  const hasPins = random.next() < 0.2;
  const stays = Object.entries(current).filter(([name]) => instances.includes(name));
  const pinnable = stays.flatMap(([, ranges]) => [...partitionsOf(ranges)]);
  const pinned = hasPins ? fromPartitions(pinnable.filter(() => random.next() < 0.1)) : undefined;
  const name = `seed ${seed}: ${partitions} × ${n}, ${kind}, ${start}, ${change}, tolerance ${tolerance}`;
  const input = { partitions, instances, current, weights, tolerance, capacity, pinned };
  return { name, size, kind, change, input };
}

function weightsOf(kind: WeightsKind, partitions: number, random: Seeded): readonly number[] {
  const whole = (): number[] => Array.from({ length: partitions }, () => 1 + random.below(9));
  if (kind === 'whole 1-9') return whole();
  if (kind === 'few giants') {
    const weights = whole();
    const giants = 1 + random.below(4);
    for (let giant = 0; giant < giants; giant += 1) {
      weights[random.below(partitions)] = partitions * (1 + random.below(5));
    }
    return weights;
  }
  if (kind === 'log-normal') {
    return Array.from({ length: partitions }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
      return 100 * Math.exp(radius * Math.cos(2 * Math.PI * random.next()));
    });
  }
  return shuffled(
    Array.from({ length: partitions }, (_, rank) => 10_000 / (rank + 1)),
    random,
  );
}

function startOf(
  start: (typeof starts)[number],
  input: PlanInput,
  random: Seeded,
): Readonly<Record<string, Ranges>> {
  if (start === 'balanced') return planDistribution(input).instances;
  const { partitions, instances } = input;
  if (start === 'equal counts') return planDistribution({ partitions, instances }).instances;
  const pieces = Math.min(partitions, 4 * instances.length);
  const owned = new Map<string, number[]>();
  const owners = shuffled(
    Array.from({ length: pieces }, (_, i) => instances[i % instances.length] as string),
    random,
  );
  for (let p = 0; p < partitions; p += 1) {
    const owner = owners[Math.floor((p * pieces) / partitions)] as string;
    owned.set(owner, [...(owned.get(owner) ?? []), p]);
  }
  return Object.fromEntries([...owned].map(([name, list]) => [name, fromPartitions(list)]));
}

export function shuffled<T>(items: readonly T[], random: Seeded): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [all[i], all[j]] = [all[j] as T, all[i] as T];
  }
  return all;
}
