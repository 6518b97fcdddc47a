// Rounds under a budget: the first is the best one, all together they do what one plan would, and they are
// as many as the first one says. EVENKEEL_MORE_WORLDS: more-worlds.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { Plan, PlanInput } from '../../../src/core/placement/types.js';
import { countOf, partitionsOf, type Ranges } from '../../../src/core/ranges.js';
import { seeded } from '../../support/seeded.js';
import { tinyWorldOf } from './tiny-worlds.js';
import { worlds, worldsTimeoutMs } from './more-worlds.js';

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));

function weightOf(ranges: Ranges, weights: readonly number[] | undefined): number {
  if (weights === undefined) return countOf(ranges);
  let sum = 0;
  for (const p of partitionsOf(ranges)) sum += weights[p] as number;
  return sum;
}

/** Plans again from what each round left until nothing is left to do. */
function rounds(input: PlanInput, most: number): Plan[] {
  const plans: Plan[] = [];
  let { current } = input;
  for (let round = 0; round < most; round += 1) {
    const plan = planDistribution({ ...input, current });
    if (plan.moved.partitions === 0) return plans;
    plans.push(plan);
    current = plan.instances;
  }
  throw new Error(`after ${most} rounds there is still something to move`);
}

const change: fc.Arbitrary<{ input: PlanInput; weights: readonly number[] | undefined }> = fc
  .record({
    weights: fc.option(
      fc.array(fc.integer({ min: 50, max: 100 }), { minLength: 300, maxLength: 300 }),
      { nil: undefined },
    ),
    from: fc.integer({ min: 1, max: 8 }),
    to: fc.integer({ min: 1, max: 8 }),
    share: fc.constantFrom(0.02, 0.05, 0.13, 0.5),
    tolerance: fc.constantFrom(undefined, 0.05, 0.2),
  })
  .map(({ weights, from, to, share, tolerance }) => {
    const partitions = 300;
    const current = planDistribution({ partitions, instances: names(from) }).instances;
    const total = weightOf([[0, partitions - 1]], weights);
    const budget = { clients: Math.max(100, share * total) };
    return {
      weights,
      input: { partitions, instances: names(to), current, weights, tolerance, budget },
    };
  });

describe('rounds under a budget', () => {
  it(
    'never move more than it in one round',
    () => {
      fc.assert(
        fc.property(change, ({ input }) => {
          for (const { moved } of rounds(input, 80)) {
            expect(moved.weight).toBeLessThanOrEqual((input.budget?.clients ?? 0) + 1e-6);
          }
        }),
        { numRuns: worlds(15) },
      );
    },
    worldsTimeoutMs,
  );

  it(
    'end as balanced as one plan, after moving little more',
    () => {
      fc.assert(
        fc.property(change, ({ input, weights }) => {
          const { budget: _, ...atOnce } = input;
          const whole = planDistribution(atOnce);
          const plans = rounds(input, 80);
          const moved = plans.reduce((sum, plan) => sum + plan.moved.weight, 0);
          // A partition more for each instance in each round.
          const rounding = weights === undefined && input.tolerance === undefined ? 0 : 100;
          expect(moved).toBeLessThanOrEqual(whole.moved.weight + rounding * 8 * plans.length);
          const last = plans.at(-1);
          if (last === undefined) return;
          const mean = weightOf([[0, 299]], weights) / input.instances.length;
          const slack = (weights === undefined ? 1 : 100) / mean;
          const allowed = input.tolerance ?? (weights === undefined ? 0 : 0.1);
          expect(last.balance.maxOverMean).toBeLessThanOrEqual(1 + allowed + slack);
          expect(last.balance.minOverMean).toBeGreaterThanOrEqual(1 - allowed - slack);
        }),
        { numRuns: worlds(15) },
      );
    },
    worldsTimeoutMs,
  );

  it('are as many as the first one says, one less each time, with equal weights', () => {
    fc.assert(
      fc.property(change, ({ input, weights }) => {
        if (weights !== undefined) return;
        const plans = rounds(input, 80);
        // With a tolerance so many are played to count them.
        const counted = input.tolerance === undefined ? plans : plans.slice(-17);
        expect(counted.map(({ roundsLeft }) => roundsLeft)).toEqual(
          counted.map((_, i) => counted.length - 1 - i),
        );
      }),
      { numRuns: worlds(100) },
    );
  });

  it('relieve the fullest down to one level, not one donor after the other', () => {
    const plan = planDistribution({
      partitions: 100,
      instances: names(5),
      current: { '0': [[0, 39]], '1': [[40, 77]], '2': [[78, 89]], '3': [[90, 99]], '4': [] },
      budget: { clients: 20 },
    });
    const counts = names(5).map((name) => countOf(plan.instances[name] as Ranges));
    expect(counts.slice(0, 3)).toEqual([29, 29, 12]);
    expect(plan.moved.partitions).toBe(20);
    expect(plan.roundsLeft).toBe(1);
  });

  it('go on to fill a new instance that an earlier round only began to fill', () => {
    const input: PlanInput = {
      partitions: 400,
      instances: names(3),
      current: { '0': [[0, 199]], '1': [[200, 399]] },
      tolerance: 0.1,
      budget: { clients: 30 },
    };
    const plans = rounds(input, 10);
    expect(plans.map(({ moved }) => moved.weight)).toEqual([30, 30, 30, 30]);
    expect(countOf(plans.at(-1)?.instances['2'] ?? [])).toBe(120);
  });
});

/** The worlds in which rounds were known to end before all was done; found with {@link tinyWorldOf}. */
const endedEarly: readonly (readonly [seed: number, partitions: number, instances: number])[] = [
  [12_581, 8, 4],
  [23_356, 8, 4],
  [42_342, 8, 4],
  [50_426, 8, 4],
  [1_400, 14, 5],
  [2_379, 14, 5],
];

/** Some share of the whole weight, of the seed and nothing else. */
function budgetOf(
  seed: number,
  world: PlanInput & { readonly weights: readonly number[] | undefined },
) {
  const total = weightOf([[0, world.partitions - 1]], world.weights);
  const share = seeded(seed).pick([0.02, 0.05, 0.1, 0.3, 1]);
  return { clients: Math.max(0.5, share * total) };
}

describe('rounds end where nothing is left to do without a budget', () => {
  it.each(endedEarly)(
    'seed %i, up to %i partitions and %i instances',
    (seed, partitions, instances) => {
      const world = tinyWorldOf(seed, { partitions, instances });
      const plans = rounds({ ...world, budget: budgetOf(seed, world) }, 40);
      expect(plans.map(({ roundsLeft }) => roundsLeft)).toEqual(
        plans.map((_, i) => plans.length - 1 - i),
      );
      const { unowned: _, ...atOnce } = world;
      const current = plans.at(-1)?.instances ?? world.current;
      expect(planDistribution({ ...atOnce, current }).moved.partitions).toBe(0);
    },
  );
});

describe('in every tiny world rounds end, after as many as the first one said', () => {
  for (const [partitions, instances, usual] of [
    [8, 4, 300],
    [30, 6, 25],
  ] as const) {
    it(
      `of up to ${partitions} partitions and ${instances} instances`,
      () => {
        for (let seed = 1; seed <= worlds(usual); seed += 1) {
          const world = tinyWorldOf(seed, { partitions, instances });
          const budget = budgetOf(seed, world);
          const first = planDistribution({ ...world, budget });
          // What nobody owned is dealt in the first round, which need not move anything.
          const plans = [first, ...rounds({ ...world, current: first.instances, budget }, 200)];
          // So many are played to count them; beyond, `roundsLeft` is an estimate.
          const played = plans.slice(-16);
          const said = played.map(({ roundsLeft }) => roundsLeft);
          expect(said, `seed ${seed}`).toEqual(played.map((_, i) => played.length - 1 - i));
          const { instances: current } = plans.at(-1) as Plan;
          const { unowned: _, ...atOnce } = world;
          const { moved } = planDistribution({ ...atOnce, current });
          expect(moved.partitions, `seed ${seed}: still to be moved without a budget`).toBe(0);
        }
      },
      worldsTimeoutMs,
    );
  }

  it('also where every round once led back to where it began', () => {
    const input: PlanInput = {
      partitions: 3,
      instances: ['m-0', 'm-1'],
      current: { 'm-2': [[0, 2]] },
      weights: [1000, 500, 1000],
      tolerance: 0,
      budget: { clients: 1 },
    };
    expect(rounds(input, 10).map(({ roundsLeft }) => roundsLeft)).toEqual([2, 1, 0]);
  });
});

describe('a budget', () => {
  const grow: PlanInput = {
    partitions: 360,
    instances: ['0', '1', '2'],
    current: { '0': [[0, 179]], '1': [[180, 359]] },
  };

  it('moves no more than it allows and says how many rounds are left', () => {
    const plan = planDistribution({ ...grow, budget: { clients: 50 } });
    expect(plan.moved).toEqual({ partitions: 50, weight: 50, lowerBound: 50 });
    expect(plan.roundsLeft).toBe(2);
  });

  it('ends where one round without it ends in count, after as many rounds as it said', () => {
    let current: Readonly<Record<string, Ranges>> = grow.current ?? {};
    const said = planDistribution({ ...grow, budget: { clients: 50 } }).roundsLeft;
    for (let round = 0; round <= said; round += 1) {
      const plan = planDistribution({ ...grow, current, budget: { clients: 50 } });
      expect(plan.roundsLeft).toBe(said - round);
      current = plan.instances;
    }
    expect(current).toEqual({
      '0': [[0, 119]],
      '1': [[180, 299]],
      '2': [
        [120, 179],
        [300, 359],
      ],
    });
  });

  it('lets an instance that leaves keep what has to wait', () => {
    const plan = planDistribution({
      partitions: 360,
      instances: ['0', '1'],
      current: { '0': [[0, 119]], '1': [[120, 239]], '2': [[240, 359]] },
      budget: { clients: 100 },
    });
    expect(plan.instances['2']).toEqual([[240, 259]]);
    expect(plan.moved.partitions).toBe(100);
    expect(plan.roundsLeft).toBe(1);
  });

  it('moves one partition that alone is over it rather than nothing for ever', () => {
    const plan = planDistribution({
      partitions: 4,
      instances: ['0'],
      current: { '1': [[0, 3]] },
      weights: [9, 9, 9, 8],
      budget: { clients: 5 },
    });
    expect(plan.moved.partitions).toBe(1);
    expect(plan.roundsLeft).toBe(3);
  });
});
