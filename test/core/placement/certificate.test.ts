// The certificate in worlds of fractional weights, where sums that are equal on paper are not in doubles.
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { PlanInput } from '../../../src/core/placement/types.js';
import { fromPartitions, partitionsOf } from '../../../src/core/ranges.js';
import { seeded, type Seeded } from '../../support/seeded.js';

const worlds = 3_000;
/** All assignments of each are tried. */
const triedWorlds = 400;

function fractionalWorld(random: Seeded): PlanInput {
  const partitions = 1 + random.below(7);
  const owners = 1 + random.below(4);
  const staying = 1 + random.below(3);
  const held = Array.from({ length: owners }, (): number[] => []);
  for (let p = 0; p < partitions; p += 1) held[random.below(owners)]?.push(p);
  const isFirst = random.below(5) === 0;
  return {
    partitions,
    instances: Array.from({ length: staying }, (_, i) => String(i)),
    weights: Array.from({ length: partitions }, () => Math.round(random.next() ** 3 * 5e4) / 100),
    tolerance: [0, 0.05, 0.1, 0.3][random.below(4)] ?? 0,
    ...(random.below(3) === 0
      ? { capacity: { '0': Math.round(1e4 * (0.4 + random.next())) / 1e4 } }
      : {}),
    ...(isFirst
      ? {}
      : {
          current: Object.fromEntries(
            held.flatMap((own, i) =>
              own.length > 0 ? [[String(i + (i > 1 ? 7 : 0)), fromPartitions(own)]] : [],
            ),
          ),
        }),
  };
}

/** Nine leaves with something heavy; there are one or two new ones. */
function replacedWorld(random: Seeded): PlanInput & { readonly weights: readonly number[] } {
  const partitions = 3 + random.below(4);
  const held: Record<string, number[]> = { '0': [], '9': [0] };
  for (let p = 1; p < partitions; p += 1) held[random.below(3) === 0 ? '9' : '0']?.push(p);
  return {
    partitions,
    instances: ['0', '1', '2'].slice(0, 2 + random.below(2)),
    current: Object.fromEntries(
      Object.entries(held).map(([name, own]) => [name, fromPartitions(own)]),
    ),
    weights: Array.from({ length: partitions }, (_, p) => 1 + random.below(p === 0 ? 30 : 6)),
    tolerance: [0.05, 0.1, 0.3][random.below(3)] ?? 0,
  };
}

type Weighed = ReturnType<typeof replacedWorld>;

function weightOn({ weights }: Weighed, ranges: Iterable<readonly [number, number]>): number {
  return [...partitionsOf([...ranges])].reduce((sum, p) => sum + (weights[p] as number), 0);
}

/** The least weight that any assignment moves whose levels are as good as the plan's, all tried. */
function leastAsBalanced(
  input: Weighed,
  planned: ReturnType<typeof planDistribution>['instances'],
) {
  const { partitions, instances, weights, tolerance = 0, current = {} } = input;
  const mean = weights.reduce((a, b) => a + b, 0) / instances.length;
  const levels = instances.map((name) => weightOn(input, planned[name] ?? []));
  const isAsGood = (level: number, i: number): boolean => {
    const [had, has] = [current[instances[i] as string] ?? [], levels[i] as number];
    const isTooHigh = level > Math.max(mean * (1 + tolerance), has) + 1e-9;
    const isTooLow = had.length === 0 && level < Math.min(mean * (1 - tolerance), has) - 1e-9;
    return !isTooHigh && !isTooLow;
  };
  const owner = Array.from({ length: partitions }, (_, p) =>
    instances.findIndex((name) => [...partitionsOf(current[name] ?? [])].includes(p)),
  );
  let least = Infinity;
  for (let code = 0; code < instances.length ** partitions; code += 1) {
    const level = instances.map(() => 0);
    let moved = 0;
    for (let p = 0, rest = code; p < partitions; p += 1) {
      const to = rest % instances.length;
      rest = Math.floor(rest / instances.length);
      level[to] = (level[to] as number) + (weights[p] as number);
      if (owner[p] !== to) moved += weights[p] as number;
    }
    if (level.every(isAsGood)) least = Math.min(least, moved);
  }
  return least;
}

describe('the lower bound', () => {
  it.each<PlanInput>([
    {
      partitions: 3,
      instances: ['0', '1'],
      weights: [2.7, 1, 2.4],
      tolerance: 0.1,
      current: { '0': [[0, 0]], '9': [[1, 2]] },
    },
    {
      partitions: 5,
      instances: ['0', '1'],
      weights: [9.08, 425.37, 20.4, 433.28, 4.82],
      tolerance: 0.3,
      capacity: { '1': 2.4555 },
    },
  ])('does not take two arrivals that fit exactly for two that do not (%#)', (input) => {
    const { moved } = planDistribution(input);
    expect(moved.lowerBound).toBeLessThanOrEqual(moved.weight);
  });

  it('is never above what the plan itself moves', () => {
    const random = seeded(1);
    for (let i = 0; i < worlds; i += 1) {
      const input = fractionalWorld(random);
      const { moved } = planDistribution(input);
      expect(moved.lowerBound, JSON.stringify(input)).toBeLessThanOrEqual(moved.weight);
    }
  });

  it('counts a heavy partition of who leaves for one new instance, and for no more than that needs', () => {
    const { moved } = planDistribution({
      partitions: 201,
      instances: ['0', '1', '3', '4'],
      current: { '0': [[0, 99]], '1': [[100, 199]], '2': [[200, 200]] },
      weights: Array.from({ length: 201 }, (_, p) => (p === 200 ? 100 : 1)),
    });
    // One of the two gets the 100 and has enough with that. The other gets what those that stay can give:
    // 32 each, to end with at least 0.9 × 75.
    expect(moved.weight).toBe(164);
    expect(moved.lowerBound).toBe(164);
  });

  it('holds for all assignments that are as balanced, with heavy partitions that leave', () => {
    const random = seeded(2);
    let isSharper = 0;
    for (let i = 0; i < triedWorlds; i += 1) {
      const input = replacedWorld(random);
      const { moved, instances } = planDistribution(input);
      const least = leastAsBalanced(input, instances);
      expect(moved.lowerBound, JSON.stringify(input)).toBeLessThanOrEqual(least * (1 + 1e-9));
      if (moved.lowerBound > weightOn(input, input.current?.['9'] ?? [])) isSharper += 1;
    }
    expect(isSharper).toBeGreaterThan(triedWorlds / 20);
  });
});
