// What holds for every plan, by random worlds. fast-check prints the seed and the smallest
// counter-example of a failure.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkTiling,
  distributionFromRanges,
  movesBetween,
} from '../../../src/core/distribution.js';
import { checkPlanInput } from '../../../src/core/placement/check.js';
import { planDistribution } from '../../../src/core/placement/plan.js';
import { comparisonsMax } from '../../../src/core/placement/play.js';
import { planRound } from '../../../src/core/placement/rounds.js';
import type { Plan, PlanInput } from '../../../src/core/placement/types.js';
import {
  countOf,
  fromPartitions,
  includes,
  partitionsOf,
  type Ranges,
} from '../../../src/core/ranges.js';
import { worlds } from './more-worlds.js';

const owners = 6;
const nobody = -1;

interface World {
  readonly input: PlanInput;
  readonly held: readonly number[];
}

/** P up to 120, each partition with one of six instances or nobody, any of eight afterwards. */
const world: fc.Arbitrary<World> = fc
  .record({
    runs: fc.array(
      fc.tuple(fc.integer({ min: nobody, max: owners - 1 }), fc.integer({ min: 1, max: 9 })),
      {
        minLength: 1,
        maxLength: 24,
      },
    ),
    instances: fc.uniqueArray(fc.nat({ max: owners + 1 }), { minLength: 1, maxLength: 8 }),
    maxRangesPerInstance: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ runs, instances, maxRangesPerInstance }) => {
    const held = runs.flatMap(([owner, length]) => Array.from({ length }, () => owner));
    const current: Record<string, Ranges> = {};
    for (let owner = 0; owner < owners; owner += 1) {
      const own = held.flatMap((by, p) => (by === owner ? [p] : []));
      if (own.length > 0) current[owner] = fromPartitions(own);
    }
    const input = {
      partitions: held.length,
      instances: instances.map(String),
      current,
      maxRangesPerInstance,
    };
    return { input, held };
  });

/** Weights are clients or rates of something: none is smaller than a millionth. */
const fraction = fc
  .double({ min: 0, max: 500, noNaN: true })
  .map((weight) => Math.round(weight * 1e6) / 1e6);

/** The same with weights and whatever else can be asked. */
const weightedWorld: fc.Arbitrary<World> = world.chain(({ input, held }) =>
  fc
    .record({
      weights: fc.array(fc.oneof(fc.nat({ max: 20 }), fraction, fc.constant(0)), {
        minLength: held.length,
        maxLength: held.length,
      }),
      tolerance: fc.constantFrom(undefined, 0, 0.05, 0.3),
      capacity: fc.constantFrom(undefined, 2, 0.3),
      clients: fc.constantFrom(undefined, 3, 500),
      pins: fc.array(fc.nat({ max: held.length - 1 }), { maxLength: 5 }),
    })
    .map(({ weights, tolerance, capacity, clients, pins }) => ({
      held,
      input: {
        ...input,
        weights,
        tolerance,
        capacity: capacity === undefined ? undefined : { [input.instances[0] as string]: capacity },
        budget: clients === undefined ? undefined : { clients },
        pinned: fromPartitions(pins.filter((p) => input.instances.includes(String(held[p])))),
      },
    })),
);

function distributionOf(input: PlanInput, instances: Readonly<Record<string, Ranges>>) {
  return distributionFromRanges(
    { service: 's', revision: 1, partitions: input.partitions },
    Object.entries(instances).map(([name, ranges]) => [Number(name), ranges] as const),
  );
}

/** Partition → name of its owner in the plan. */
function ownerIn(plan: Plan, partition: number): string | undefined {
  return Object.entries(plan.instances).find(([, ranges]) => includes(ranges, partition))?.[0];
}

function shuffled<T>(items: readonly T[]): T[] {
  return [...items].reverse().sort((a, b) => JSON.stringify(b).localeCompare(JSON.stringify(a)));
}

describe('every plan', () => {
  it('covers each partition exactly once, whatever is asked', () => {
    fc.assert(
      fc.property(fc.oneof(world, weightedWorld), ({ input }) => {
        const plan = planDistribution(input);
        expect(checkTiling(distributionOf(input, plan.instances))).toBeUndefined();
      }),
      { numRuns: worlds(500) },
    );
  });

  it('lists in its waves exactly what changes hands', () => {
    fc.assert(
      fc.property(fc.oneof(world, weightedWorld), ({ input }) => {
        const plan = planDistribution(input);
        const changes = movesBetween(
          distributionOf(input, input.current ?? {}),
          distributionOf(input, plan.instances),
        );
        const byPartition = (moves: Iterable<{ from: number; to: number }>): string[] =>
          [...moves]
            .flatMap(({ from, to, ...parties }) =>
              Array.from({ length: to - from + 1 }, (_, i) =>
                [from + i, ...Object.values(parties)].join(' '),
              ),
            )
            .sort();
        expect(byPartition(plan.waves.flat())).toEqual(byPartition(changes));
        expect(plan.moved.partitions).toBe(countOf(changes.map(({ from, to }) => [from, to])));
      }),
      { numRuns: worlds(400) },
    );
  });

  it('is the same in whatever order instances and ranges are given', () => {
    fc.assert(
      fc.property(fc.oneof(world, weightedWorld), ({ input }) => {
        const current = Object.fromEntries(
          shuffled(Object.entries(input.current ?? {})).map(([name, ranges]) => [
            name,
            shuffled(
              ranges.flatMap(([a, b]): Ranges =>
                a < b
                  ? [
                      [a, a],
                      [a + 1, b],
                    ]
                  : [[a, b]],
              ),
            ),
          ]),
        );
        const again = { ...input, current, instances: shuffled(input.instances) };
        expect(JSON.stringify(planDistribution(again))).toBe(
          JSON.stringify(planDistribution(input)),
        );
      }),
      { numRuns: worlds(250) },
    );
  });

  it('never claims a lower bound above what it moves', () => {
    fc.assert(
      fc.property(fc.oneof(world, weightedWorld), ({ input }) => {
        const { weight, lowerBound } = planDistribution(input).moved;
        // Sums of doubles are exact to a share of the largest, not of the smallest weight.
        const total = Array.from(input.weights ?? []).reduce((sum, one) => sum + one, 0);
        expect(lowerBound).toBeLessThanOrEqual(weight + 1e-9 * Math.max(weight, total));
        expect(lowerBound).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: worlds(250) },
    );
  });

  it('leaves pinned partitions where they are', () => {
    fc.assert(
      fc.property(weightedWorld, ({ input, held }) => {
        const plan = planDistribution(input);
        held.forEach((owner, p) => {
          if (includes(input.pinned ?? [], p)) expect(ownerIn(plan, p)).toBe(String(owner));
        });
      }),
      { numRuns: worlds(250) },
    );
  });

  it('keeps to its budget unless a single partition is heavier, and says when that ends', () => {
    fc.assert(
      fc.property(weightedWorld, ({ input }) => {
        const plan = planDistribution(input);
        const limit = input.budget?.clients ?? Infinity;
        const overIt = plan.moved.weight > limit * (1 + 1e-9);
        // Partitions that nobody is connected to ride along.
        const moved = plan.waves.flat().flatMap(({ from, to }) => [...partitionsOf([[from, to]])]);
        const weighing = moved.filter((p) => (input.weights?.[p] ?? 1) > 0);
        expect(overIt && weighing.length > 1).toBe(false);
        if (input.budget === undefined) {
          expect(plan.roundsLeft).toBe(0);
          return;
        }
        const { unowned: _, ...rest } = input;
        const again = planDistribution({ ...rest, current: plan.instances });
        expect(plan.roundsLeft > 0).toBe(again.moved.partitions > 0);
        // Where there is too much to play, what is left is an estimate.
        const { comparisons } = planRound(checkPlanInput(input)).situation.effort;
        if (comparisons >= comparisonsMax) return;
        expect(again.roundsLeft).toBe(Math.max(0, plan.roundsLeft - 1));
      }),
      { numRuns: worlds(80) },
    );
  });
});

describe('every plan with equal weights', () => {
  it('ends with counts that differ by at most one, and moves its lower bound', () => {
    fc.assert(
      fc.property(world, ({ input }) => {
        const plan = planDistribution(input);
        const counts = Object.values(plan.instances).map(countOf);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(plan.moved.weight).toBe(plan.moved.lowerBound);
      }),
      { numRuns: worlds(400) },
    );
  });

  it('moves nothing when it is planned again', () => {
    fc.assert(
      fc.property(world, ({ input }) => {
        const current = planDistribution(input).instances;
        const again = planDistribution({ ...input, current });
        expect(again.instances).toEqual(current);
        expect(again.moved.partitions).toBe(0);
      }),
      { numRuns: worlds(250) },
    );
  });

  it('takes from a donor only its highest partitions when no instance is crowded', () => {
    fc.assert(
      fc.property(world, ({ input, held }) => {
        const plan = planDistribution({ ...input, maxRangesPerInstance: input.partitions });
        for (const name of input.instances) {
          const before = held.flatMap((owner, p) => (String(owner) === name ? [p] : []));
          const kept = before.filter((p) => ownerIn(plan, p) === name);
          expect(kept).toEqual(before.slice(0, kept.length));
        }
      }),
      { numRuns: worlds(250) },
    );
  });

  it('deals ascending: of two receivers the lower gets the lower partitions', () => {
    fc.assert(
      fc.property(world, ({ input, held }) => {
        const plan = planDistribution({ ...input, maxRangesPerInstance: input.partitions });
        const receivers = held.flatMap((owner, p) => {
          const now = ownerIn(plan, p);
          return now === String(owner) ? [] : [Number(now)];
        });
        expect(receivers).toEqual([...receivers].sort((a, b) => a - b));
      }),
      { numRuns: worlds(250) },
    );
  });
});
