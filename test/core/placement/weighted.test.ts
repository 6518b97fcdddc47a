// Plans with weights and a tolerance: what the greedy rule reaches, and that its bound is one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { Plan, PlanInput } from '../../../src/core/placement/types.js';
import { partitionsOf, type Ranges } from '../../../src/core/ranges.js';
import { worlds } from './more-worlds.js';

function weightIn(weights: readonly number[], ranges: Ranges): number {
  let sum = 0;
  for (const p of partitionsOf(ranges)) sum += weights[p] as number;
  return sum;
}

function weightsAfter(plan: Plan, weights: readonly number[]): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(plan.instances).map(([name, ranges]) => [name, weightIn(weights, ranges)]),
  );
}

/** Some hundred partitions, none heavier than 4 % of a mean, n → m instances, tolerance 0.1. */
const fineGrained: fc.Arbitrary<{
  readonly input: PlanInput;
  readonly weights: readonly number[];
  readonly tolerance: number;
}> = fc
  .record({
    weights: fc.array(fc.integer({ min: 50, max: 100 }), { minLength: 400, maxLength: 600 }),
    from: fc.integer({ min: 1, max: 8 }),
    to: fc.integer({ min: 1, max: 8 }),
    hot: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ weights, from, to, hot }) => {
    const names = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));
    // Uneven on purpose: instance 0 begins with `hot` times the partitions of the others.
    const capacity = from > 1 ? { '0': hot } : undefined;
    const first = planDistribution({
      partitions: weights.length,
      instances: names(from),
      capacity,
    });
    const input = {
      partitions: weights.length,
      instances: names(to),
      current: first.instances,
      weights,
    };
    return { input, weights, tolerance: 0.1 };
  });

describe('a plan with fine-grained weights', () => {
  it('leaves nobody above the tolerance and brings new instances to it', () => {
    fc.assert(
      fc.property(fineGrained, ({ input, weights, tolerance }) => {
        const plan = planDistribution(input);
        const after = weightsAfter(plan, weights);
        const mean = [...after.values()].reduce((a, b) => a + b, 0) / after.size;
        for (const [name, weight] of after) {
          expect(weight).toBeLessThanOrEqual(mean * (1 + tolerance) * (1 + 1e-9));
          const isNew = input.current?.[name] === undefined;
          // Whole partitions are dealt: the lower bound is met to within one of them.
          if (isNew) expect(weight).toBeGreaterThanOrEqual(mean * (1 - tolerance) - 100);
        }
        expect(plan.balance.maxOverMean).toBeCloseTo(Math.max(...after.values()) / mean, 9);
        expect(plan.balance.minOverMean).toBeCloseTo(Math.min(...after.values()) / mean, 9);
      }),
      { numRuns: worlds(100) },
    );
  });

  it('moves little more than its lower bound: less than one partition for each instance', () => {
    fc.assert(
      fc.property(fineGrained, ({ input }) => {
        const { moved } = planDistribution(input);
        expect(moved.weight - moved.lowerBound).toBeLessThanOrEqual(100 * 8);
      }),
      { numRuns: worlds(100) },
    );
  });

  it('moves nothing when it is planned again', () => {
    fc.assert(
      fc.property(fineGrained, ({ input }) => {
        const current = planDistribution(input).instances;
        const again = planDistribution({ ...input, current });
        expect(again.moved.partitions).toBe(0);
        expect(again.instances).toEqual(current);
      }),
      { numRuns: worlds(100) },
    );
  });
});

describe('the lower bound with weights', () => {
  /** The least weight that any assignment moves which is at least as balanced as the plan. */
  function leastWeight(input: PlanInput, plan: Plan, weights: readonly number[]): number {
    const names = [...input.instances];
    const tolerance = input.tolerance ?? 0.1;
    const after = weightsAfter(plan, weights);
    const mean = weights.reduce((a, b) => a + b, 0) / names.length;
    const upper = names.map((name) => Math.max(mean * (1 + tolerance), after.get(name) ?? 0));
    const lower = names.map((name) =>
      input.current?.[name] === undefined
        ? Math.min(mean * (1 - tolerance), after.get(name) ?? 0)
        : 0,
    );
    const owner = weights.map((_, p) =>
      Object.entries(input.current ?? {}).find(([, ranges]) =>
        ranges.some(([from, to]) => from <= p && p <= to),
      ),
    );
    let least = Infinity;
    for (let code = 0; code < names.length ** weights.length; code += 1) {
      let rest = code;
      let moved = 0;
      const sums = names.map(() => 0);
      weights.forEach((weight, p) => {
        const to = rest % names.length;
        rest = Math.floor(rest / names.length);
        sums[to] = (sums[to] as number) + weight;
        const from = owner[p]?.[0];
        if (from !== undefined && from !== names[to]) moved += weight;
      });
      const balanced = sums.every(
        (sum, i) => sum <= (upper[i] as number) + 1e-9 && sum >= (lower[i] as number) - 1e-9,
      );
      if (balanced) least = Math.min(least, moved);
    }
    return least;
  }

  it('is below the least weight that any assignment as balanced moves, in small worlds', () => {
    const small = fc
      .record({
        weights: fc.array(fc.nat({ max: 9 }), { minLength: 2, maxLength: 6 }),
        held: fc.array(fc.nat({ max: 3 }), { minLength: 6, maxLength: 6 }),
        instances: fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }),
        tolerance: fc.constantFrom(0.05, 0.1, 0.4),
      })
      .map(({ weights, held, instances, tolerance }) => {
        const current: Record<string, [number, number][]> = {};
        weights.forEach((_, p) => {
          const by = held[p] as number;
          if (by < 3) (current[by] ??= []).push([p, p]);
        });
        const input = {
          partitions: weights.length,
          instances: instances.map(String),
          current,
          weights,
          tolerance,
        };
        return { input, weights };
      });
    fc.assert(
      fc.property(small, ({ input, weights }) => {
        const plan = planDistribution(input);
        const least = leastWeight(input, plan, weights);
        expect(plan.moved.weight).toBeGreaterThanOrEqual(least - 1e-9);
        expect(plan.moved.lowerBound).toBeLessThanOrEqual(least + 1e-9);
      }),
      { numRuns: worlds(500) },
    );
  });
});

describe('a plan with heavy partitions', () => {
  it('does not hand a partition that nobody can hold from one to the other for ever', () => {
    const weights = [1000, 1, 1, 1, 1, 1];
    const current = { '0': [[0, 2]], '1': [[3, 5]] } as const;
    const input: PlanInput = { partitions: 6, instances: ['0', '1'], current, weights };
    const plan = planDistribution(input);
    expect(plan.instances['0']).toEqual([[0, 0]]);
    const again = planDistribution({ ...input, current: plan.instances });
    expect(again.moved.partitions).toBe(0);
  });

  it('leaves one that nobody can hold where it is, and moves the light ones away from it', () => {
    const input: PlanInput = {
      partitions: 5,
      instances: ['0', '1', '2'],
      current: { '0': [[0, 2]], '1': [[3, 3]], '2': [[4, 4]] },
      weights: [100, 137, 400, 141, 141],
    };
    const plan = planDistribution(input);
    expect(plan.instances['0']).toEqual([[2, 2]]);
    expect(planDistribution({ ...input, current: plan.instances }).moved.partitions).toBe(0);
  });

  it('places them first, heaviest first, where the level is lowest', () => {
    const plan = planDistribution({
      partitions: 6,
      instances: ['0', '1', '2'],
      weights: [9, 1, 1, 8, 1, 8],
    });
    expect(plan.balance.maxOverMean).toBeLessThanOrEqual(30 / 28);
    expect(plan.moved.weight).toBe(0);
  });

  it('treats equal weights with tolerance 0 like none, in their own unit', () => {
    const plan = planDistribution({
      partitions: 360,
      instances: ['0', '1', '2'],
      current: { '0': [[0, 179]], '1': [[180, 359]] },
      weights: Array.from({ length: 360 }, () => 4),
      tolerance: 0,
    });
    expect(plan.instances['2']).toEqual([
      [120, 179],
      [300, 359],
    ]);
    expect(plan.moved).toEqual({ partitions: 120, weight: 480, lowerBound: 480 });
  });

  it('spreads partitions without any load by their count', () => {
    const plan = planDistribution({
      partitions: 9,
      instances: ['0', '1', '2'],
      weights: Array.from({ length: 9 }, () => 0),
    });
    expect(plan.balance.maxOverMean).toBe(1);
    expect(plan.moved.weight).toBe(0);
  });
});

describe('a plan with a tolerance and no weights', () => {
  it('moves no more than a new instance needs to come within it, in one range', () => {
    const plan = planDistribution({
      partitions: 360,
      instances: ['0', '1', '2'],
      current: { '0': [[0, 179]], '1': [[180, 359]] },
      tolerance: 0.1,
    });
    expect(plan.instances).toEqual({
      '0': [[0, 119]],
      '1': [[228, 359]],
      '2': [[120, 227]],
    });
    expect(plan.moved).toEqual({ partitions: 108, weight: 108, lowerBound: 108 });
  });
});
