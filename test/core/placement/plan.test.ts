// The planner on the worked examples and on named situations.
import { describe, expect, it } from 'vitest';
import { PlanInputError } from '../../../src/core/placement/check.js';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { PlanInput } from '../../../src/core/placement/types.js';
import type { Ranges } from '../../../src/core/ranges.js';

const two = { '0': [[0, 179]], '1': [[180, 359]] } as const;
const three = { '0': [[0, 119]], '1': [[120, 239]], '2': [[240, 359]] } as const;
const grown = {
  '0': [[0, 119]],
  '1': [[180, 299]],
  '2': [
    [120, 179],
    [300, 359],
  ],
} as const;

/** `0[0-119] 1[180-299]`: short to read and to write. */
function owned(plan: { readonly instances: Readonly<Record<string, Ranges>> }): string {
  return Object.entries(plan.instances)
    .map(([name, ranges]) => `${name}[${ranges.map(([a, b]) => `${a}-${b}`).join(',')}]`)
    .join(' ');
}

describe('the worked examples', () => {
  it('grow from two to three takes the high third of each', () => {
    const plan = planDistribution({ partitions: 360, instances: ['0', '1', '2'], current: two });
    expect(plan.instances).toEqual(grown);
    expect(plan.moved).toEqual({ partitions: 120, weight: 120, lowerBound: 120 });
    expect(plan.balance).toEqual({ maxOverMean: 1, minOverMean: 1 });
    expect(plan.ranges).toEqual({ total: 4, maxPerInstance: 2 });
    expect(plan.roundsLeft).toBe(0);
  });

  it('shrink from three even ranges to two deals the leaving one in order', () => {
    const plan = planDistribution({ partitions: 360, instances: ['0', '1'], current: three });
    expect(owned(plan)).toBe('0[0-119,240-299] 1[120-239,300-359]');
    expect(plan.moved).toEqual({ partitions: 120, weight: 120, lowerBound: 120 });
  });

  it('shrink back gives the two ranges that the grow began with', () => {
    const plan = planDistribution({ partitions: 360, instances: ['0', '1'], current: grown });
    expect(plan.instances).toEqual(two);
  });

  it('are the same for pod names, in whatever order they are given', () => {
    const plan = planDistribution({
      partitions: 360,
      instances: ['messaging-2', 'messaging-0', 'messaging-1'],
      current: {
        'messaging-1': [[180, 359]],
        'messaging-0': [
          [90, 179],
          [0, 89],
        ],
      },
    });
    expect(owned(plan)).toBe(
      'messaging-0[0-119] messaging-1[180-299] messaging-2[120-179,300-359]',
    );
  });
});

describe('a plan with equal weights', () => {
  it('gives even ranges in order when there is nothing yet, and moves nobody', () => {
    const plan = planDistribution({ partitions: 10, instances: ['10', '9', '2'] });
    expect(owned(plan)).toBe('2[0-3] 9[4-6] 10[7-9]');
    expect(plan.moved).toEqual({ partitions: 0, weight: 0, lowerBound: 0 });
    expect(plan.waves).toEqual([]);
  });

  it('leaves the odd partition where it is, not with the lowest ordinal', () => {
    const current = { '0': [[0, 2]], '1': [[3, 6]] } as const;
    const plan = planDistribution({ partitions: 7, instances: ['0', '1'], current });
    expect(plan.instances).toEqual(current);
    expect(plan.moved.partitions).toBe(0);
  });

  it('lets some instances own nothing when there are more of them than partitions', () => {
    const plan = planDistribution({ partitions: 2, instances: ['0', '1', '2'] });
    expect(plan.instances).toEqual({ '0': [[0, 0]], '1': [[1, 1]], '2': [] });
    expect(plan.balance).toEqual({ maxOverMean: 1.5, minOverMean: 0 });
  });

  it('deals what nobody owns without counting it as moved', () => {
    const plan = planDistribution({
      partitions: 12,
      instances: ['0', '1'],
      current: { '0': [[0, 3]], '1': [[8, 9]] },
    });
    expect(owned(plan)).toBe('0[0-5] 1[6-11]');
    expect(plan.moved).toEqual({ partitions: 0, weight: 0, lowerBound: 0 });
  });

  it('replaces an instance by handing its ranges to the new one as they are', () => {
    const plan = planDistribution({ partitions: 360, instances: ['0', '2'], current: two });
    expect(owned(plan)).toBe('0[0-179] 2[180-359]');
  });

  it('joins pieces to neighbours only for an instance that would pass its ranges budget', () => {
    const current = {
      '0': [
        [15, 19],
        [25, 29],
      ],
      '1': [[0, 9]],
      '2': [
        [10, 14],
        [20, 24],
      ],
    } as const;
    const input = { partitions: 30, instances: ['0', '1'], current };
    const plain = planDistribution({ ...input, maxRangesPerInstance: 2 });
    expect(owned(plain)).toBe('0[10-19,25-29] 1[0-9,20-24]');
    const joined = planDistribution({ ...input, maxRangesPerInstance: 1 });
    expect(owned(joined)).toBe('0[15-29] 1[0-14]');
    expect(joined.moved).toEqual(plain.moved);
  });

  it('takes from a crowded donor its small ranges first', () => {
    const current = {
      '0': [
        [0, 0],
        [2, 2],
        [4, 13],
      ],
      '1': [
        [1, 1],
        [3, 3],
      ],
    } as const;
    const input = { partitions: 14, instances: ['0', '1', '2'], current };
    const plain = planDistribution({ ...input, maxRangesPerInstance: 3 });
    expect(owned(plain)).toBe('0[0-0,2-2,4-6] 1[1-1,3-3,7-9] 2[10-13]');
    const few = planDistribution({ ...input, maxRangesPerInstance: 2 });
    expect(owned(few)).toBe('0[4-8] 1[0-3,9-9] 2[10-13]');
    expect(few.moved).toEqual(plain.moved);
  });

  it('gives an instance of twice the capacity twice the partitions', () => {
    const plan = planDistribution({
      partitions: 360,
      instances: ['0', '1', '2'],
      current: two,
      capacity: { '2': 2 },
    });
    expect(owned(plan)).toBe('0[0-89] 1[180-269] 2[90-179,270-359]');
    expect(plan.balance).toEqual({ maxOverMean: 1, minOverMean: 1 });
  });

  it('moves no pinned partition, and lets an instance keep more than its share for that', () => {
    const around = planDistribution({
      partitions: 360,
      instances: ['0', '1', '2'],
      current: two,
      pinned: [[170, 189]],
    });
    expect(owned(around)).toBe('0[0-109,170-179] 1[180-299] 2[110-169,300-359]');
    const over = planDistribution({
      partitions: 12,
      instances: ['0', '1', '2'],
      current: { '0': [[0, 11]] },
      pinned: [[0, 5]],
    });
    expect(owned(over)).toBe('0[0-5] 1[6-8] 2[9-11]');
    expect(over.moved).toEqual({ partitions: 6, weight: 6, lowerBound: 6 });
  });
});

describe('wrong input', () => {
  const good: PlanInput = { partitions: 10, instances: ['0', '1'], current: { '0': [[0, 9]] } };
  const cases: readonly (readonly [string, string, Partial<Record<keyof PlanInput, unknown>>])[] = [
    ['partitions of nothing', 'partitions', { partitions: 0 }],
    ['partitions over the limit', 'partitions', { partitions: 2_000_000 }],
    ['no instances', 'instances', { instances: [] }],
    ['an instance twice', 'instances[1]', { instances: ['0', '0'] }],
    ['a name that is none', 'instances[0]', { instances: ['../x'] }],
    ['a partition out of range', 'current.0[0][1]', { current: { '0': [[0, 10]] } }],
    ['a range that ends before it begins', 'current.0[0][1]', { current: { '0': [[5, 4]] } }],
    ['an owner twice', 'current.1', { current: { '0': [[0, 5]], '1': [[5, 9]] } }],
    ['weights of the wrong length', 'weights', { weights: [1, 2] }],
    ['a negative weight', 'weights[3]', { weights: [1, 1, 1, -1, 1, 1, 1, 1, 1, 1] }],
    ['a weight that is not a number', 'weights[0]', { weights: [NaN, 1, 1, 1, 1, 1, 1, 1, 1, 1] }],
    ['a tolerance of 1', 'tolerance', { tolerance: 1 }],
    ['no ranges allowed', 'maxRangesPerInstance', { maxRangesPerInstance: 0 }],
    ['capacity of a stranger', 'capacity.7', { capacity: { '7': 1 } }],
    ['capacity of nothing', 'capacity.0', { capacity: { '0': 0 } }],
    ['a pin out of range', 'pinned[0][1]', { pinned: [[3, 99]] }],
    ['a pin on an instance that leaves', 'pinned', { pinned: [[3, 3]], instances: ['1'] }],
    ['a pin on what is unowned', 'pinned', { pinned: [[3, 3]], current: {}, unowned: [[0, 9]] }],
    ['a pin on what no instance names', 'pinned', { pinned: [[0, 3]], current: { '0': [[0, 2]] } }],
    ['a budget of nothing', 'budget.clients', { budget: { clients: 0 } }],
    ['an endless pace', 'pace.gapMs', { pace: { acceptPerSecond: 1, gapMs: Infinity } }],
  ];

  it.each(cases)('names the field for %s', (_, field, wrong) => {
    const input = { ...good, ...wrong } as PlanInput;
    let thrown: unknown;
    try {
      planDistribution(input);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(PlanInputError);
    expect((thrown as PlanInputError).field).toBe(field);
  });
});
