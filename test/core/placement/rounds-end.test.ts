// Rounds under a budget end, in small worlds where whole partitions, weights of 0 and pins matter most.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { Plan, PlanInput } from '../../../src/core/placement/types.js';
import { fromPartitions, includes, type Ranges } from '../../../src/core/ranges.js';

const names = ['m-0', 'm-1', 'm-2', 'm-3'];

const world: fc.Arbitrary<PlanInput> = fc.integer({ min: 2, max: 8 }).chain((partitions) =>
  fc
    .record({
      instances: fc.subarray(names, { minLength: 1 }),
      owners: fc.array(fc.integer({ min: 0, max: 3 }), {
        minLength: partitions,
        maxLength: partitions,
      }),
      weights: fc.option(
        fc.array(fc.constantFrom(0, 0.5, 1, 2, 3.7, 5, 7, 9), {
          minLength: partitions,
          maxLength: partitions,
        }),
        { nil: undefined },
      ),
      tolerance: fc.constantFrom(0, 0.05, 0.1, 0.3),
      capacity: fc.option(fc.integer({ min: 2, max: 3 }), { nil: undefined }),
      isPinned: fc.boolean(),
      clients: fc.integer({ min: 1, max: 15 }),
    })
    .map(({ instances, owners, weights, tolerance, capacity, isPinned, clients }) => {
      const current: Record<string, Ranges> = {};
      names.forEach((name, i) => {
        current[name] = fromPartitions(
          owners.flatMap((owner, partition) => (owner === i ? [partition] : [])),
        );
      });
      const first = instances[0] as string;
      return {
        partitions,
        instances,
        current,
        weights,
        tolerance,
        capacity: capacity === undefined ? undefined : { [first]: capacity },
        pinned: isPinned && includes(current[first] ?? [], 0) ? ([[0, 0]] as const) : undefined,
        budget: { clients },
      };
    }),
);

/** Until a plan says that none is left. */
function roundsOf(input: PlanInput): Plan[] {
  const plans = [planDistribution(input)];
  for (let last = plans[0] as Plan; last.roundsLeft > 0;) {
    if (plans.length > 4 * input.partitions) throw new Error('rounds do not end');
    last = planDistribution({ ...input, current: last.instances });
    plans.push(last);
  }
  return plans;
}

function check(input: PlanInput): void {
  const { budget: _, ...atOnce } = input;
  const whole = planDistribution(atOnce);
  const plans = roundsOf(input);
  const last = plans.at(-1) as Plan;
  expect(plans.map(({ roundsLeft }) => roundsLeft)).toEqual(
    plans.map((__, i) => plans.length - 1 - i),
  );
  // Whole partitions may need a detour: seldom more rounds than partitions that one plan moves.
  expect(plans.length).toBeLessThanOrEqual(whole.moved.partitions + input.partitions);
  const again = planDistribution({ ...input, current: last.instances });
  expect([again.moved.partitions, again.roundsLeft]).toEqual([0, 0]);
  expect(Object.keys(last.instances).toSorted()).toEqual(input.instances.toSorted());
  const balanced = Math.max(whole.balance.maxOverMean, 1 + (input.tolerance ?? 0));
  expect(last.balance.maxOverMean).toBeLessThanOrEqual(balanced + 1e-9);
}

describe('rounds under a budget in a small world', () => {
  it('end when they said, and as balanced as one plan', () => {
    fc.assert(fc.property(world, check), { numRuns: 500 });
  });

  it('do not carry a partition that weighs nothing to and fro', () => {
    check({
      partitions: 4,
      instances: ['m-0', 'm-2', 'm-3'],
      current: {
        'm-0': [[2, 2]],
        'm-1': [
          [0, 0],
          [3, 3],
        ],
        'm-2': [[1, 1]],
      },
      weights: [7, 7, 5, 0],
      tolerance: 0,
      budget: { clients: 4 },
    });
  });

  it('are not counted by weight alone', () => {
    check({
      partitions: 7,
      instances: ['m-0', 'm-1', 'm-2'],
      current: {
        'm-0': [[0, 1]],
        'm-1': [
          [2, 2],
          [4, 4],
          [6, 6],
        ],
        'm-3': [
          [3, 3],
          [5, 5],
        ],
      },
      weights: [7, 7, 5, 2, 9, 0, 4],
      tolerance: 0.05,
      budget: { clients: 3 },
    });
  });

  it('leave nothing to do', () => {
    check({
      partitions: 4,
      instances: ['m-2', 'm-3'],
      current: { 'm-0': [[1, 2]], 'm-1': [[3, 3]], 'm-2': [[0, 0]] },
      weights: [0, 9, 1, 9],
      tolerance: 0,
      budget: { clients: 15 },
    });
  });

  it('end as balanced as one plan where an instance has twice the capacity', () => {
    check({
      partitions: 7,
      instances: ['m-0', 'm-2'],
      current: {
        'm-0': [
          [3, 3],
          [6, 6],
        ],
        'm-1': [
          [1, 2],
          [4, 4],
        ],
        'm-2': [
          [0, 0],
          [5, 5],
        ],
      },
      tolerance: 0.05,
      capacity: { 'm-2': 2 },
      budget: { clients: 1 },
    });
  });
});
