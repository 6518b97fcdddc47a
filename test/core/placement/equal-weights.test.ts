// Large random changes with equal weights and no tolerance: the plan moves the minimum, which is
// counted here from nothing but how many partitions each instance has.
// EVENKEEL_MORE_WORLDS=40 tries 10 000 of them.
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { Plan, PlanInput } from '../../../src/core/placement/types.js';
import { seeded, type Seeded } from '../../support/seeded.js';
import { worlds, worldsTimeoutMs } from './more-worlds.js';

const changes = worlds(250);
const partitionsMax = 20_000;
const instancesMax = 200;
const leavesNobody = 'nobody';

interface Change {
  readonly input: PlanInput;
  /** Partition → its owner before, by name. */
  readonly before: readonly string[];
}

/** Even, uneven or fragmented; grown, shrunk, partly replaced, all at once, or only levelled. */
function changeOf(seed: number): Change {
  const random = seeded(seed);
  const partitions = 1 + random.below(random.pick([50, 1000, partitionsMax]));
  const n = 1 + random.below(Math.min(instancesMax, random.pick([5, 50, instancesMax])));
  const names = Array.from({ length: n }, (_, i) => `messaging-${i}`);
  const before = startOf(random, partitions, names);
  const more = random.below(random.pick([2, 10, 100]));
  const joining = Array.from({ length: more }, (_, i) => `messaging-${n + i}`);
  const stays = random.pick([1, 0.95, 0.5]);
  const kept =
    random.next() < 0.5
      ? names.slice(0, Math.max(1, Math.ceil(n * stays)))
      : names.filter(() => random.next() < stays);
  const instances = [...kept, ...joining].slice(0, instancesMax);
  return {
    before,
    input: {
      partitions,
      instances: instances.length === 0 ? ['messaging-0'] : instances,
      current: rangesByOwner(before),
    },
  };
}

function startOf(random: Seeded, partitions: number, names: readonly string[]): string[] {
  const longest = random.pick([partitions / names.length, partitions / names.length / 8, 3]);
  const isLevel = random.next() < 0.5;
  const holes = random.next() < 0.2 ? 0.1 : 0;
  const before: string[] = [];
  for (let piece = 0; before.length < partitions; piece += 1) {
    const length = Math.max(1, Math.round(isLevel ? longest : longest * 2 * random.next()));
    const owner = isLevel ? (names[piece % names.length] as string) : random.pick(names);
    const name = random.next() < holes ? leavesNobody : owner;
    for (let k = 0; k < length && before.length < partitions; k += 1) before.push(name);
  }
  return before;
}

function rangesByOwner(owners: readonly string[]): Record<string, [number, number][]> {
  const ranges: Record<string, [number, number][]> = {};
  owners.forEach((name, p) => {
    if (name === leavesNobody) return;
    const own = (ranges[name] ??= []);
    const last = own.at(-1);
    if (last?.[1] === p - 1) last[1] = p;
    else own.push([p, p]);
  });
  return ranges;
}

/**
 * Shares are ⌊P ÷ n⌋ or one more, and who has most gets the larger ones: then everything above the
 * shares must move, and so must all of those that leave.
 */
function fewestMoves({ input, before }: Change): number {
  const n = input.instances.length;
  const counts = new Map(input.instances.map((name) => [name, 0]));
  let leaving = 0;
  for (const name of before) {
    const count = counts.get(name);
    if (count !== undefined) counts.set(name, count + 1);
    else if (name !== leavesNobody) leaving += 1;
  }
  const share = Math.floor(input.partitions / n);
  const larger = input.partitions % n;
  const descending = [...counts.values()].sort((a, b) => b - a);
  return descending.reduce(
    (sum, count, rank) => sum + Math.max(0, count - share - (rank < larger ? 1 : 0)),
    leaving,
  );
}

/** Partition → owner; throws where one is owned twice or by nobody. */
function ownersIn(plan: Plan, partitions: number): readonly string[] {
  const owners = new Array<string | undefined>(partitions).fill(undefined);
  for (const [name, ranges] of Object.entries(plan.instances)) {
    for (const [from, to] of ranges) {
      for (let p = from; p <= to; p += 1) {
        if (owners[p] !== undefined) throw new Error(`partition ${p} is owned twice`);
        owners[p] = name;
      }
    }
  }
  return owners.map((name, p) => {
    if (name === undefined) throw new Error(`partition ${p} is owned by nobody`);
    return name;
  });
}

describe('large changes with equal weights', () => {
  it(
    `move the minimum and leave counts that differ by at most one: ${changes} changes`,
    () => {
      let moves = 0;
      for (let seed = 1; seed <= changes; seed += 1) {
        const change = changeOf(seed);
        const { input, before } = change;
        const plan = planDistribution(input);
        const after = ownersIn(plan, input.partitions);
        const moved = before.filter((name, p) => name !== leavesNobody && name !== after[p]).length;
        const fewest = fewestMoves(change);
        const counts = new Map(input.instances.map((name) => [name, 0]));
        for (const name of after) counts.set(name, (counts.get(name) ?? NaN) + 1);
        const all = [...counts.values()];
        const name = `seed ${seed}: ${input.partitions} partitions, ${input.instances.length} instances`;
        expect([moved, plan.moved.weight, plan.moved.lowerBound], name).toEqual([
          fewest,
          fewest,
          fewest,
        ]);
        expect(Math.max(...all) - Math.min(...all), name).toBeLessThanOrEqual(1);
        moves += fewest;
      }
      // Changes that move nothing would prove nothing.
      expect(moves).toBeGreaterThan(changes * 100);
    },
    worldsTimeoutMs,
  );
});
