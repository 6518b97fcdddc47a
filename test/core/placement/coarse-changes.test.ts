// Changes that once came out wrong: heavy partitions that share an owner, several changes at once,
// moves that make nobody better off, rounds of heavy partitions.
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { Plan, PlanInput } from '../../../src/core/placement/types.js';

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));
const plan = (input: PlanInput): Plan => planDistribution(input);

describe('partitions that nobody could hold within its bounds', () => {
  it('part when they share an owner and there is room for each', () => {
    const current = { '0': [[0, 1]] } as const;
    const { balance } = plan({ partitions: 2, instances: names(3), current, weights: [10, 11] });
    expect(balance.maxOverMean).toBeCloseTo(11 / 7);
  });

  it('leave one instance for as many as there are', () => {
    const current = { '0': [[0, 3]] } as const;
    const weights = [5, 6, 7, 8];
    const { balance, moved } = plan({ partitions: 4, instances: names(8), current, weights });
    expect(balance.maxOverMean).toBeCloseTo(8 / 3.25);
    expect(moved.weight).toBe(18);
  });

  it('go to the instance that stands lowest with them, by its capacity', () => {
    const { balance } = plan({
      partitions: 3,
      instances: ['0', '2', '3'],
      current: { '0': [[0, 0]], '1': [[1, 1]], '2': [[2, 2]] },
      weights: [1, 2, 1],
      capacity: { '0': 1, '2': 2, '3': 1 },
    });
    expect(balance).toEqual({ maxOverMean: 1, minOverMean: 1 });
  });
});

describe('a partition that only a larger instance could hold', () => {
  it('does not stay with a smaller one where others fit', () => {
    const { balance } = plan({
      partitions: 5,
      instances: ['0', '3'],
      current: { '0': [[2, 2]], '1': [[0, 1]], '2': [[3, 4]] },
      weights: [8, 9, 6, 1, 3],
      capacity: { '0': 3, '3': 1 },
    });
    expect(balance.maxOverMean).toBeLessThanOrEqual(1.1);
  });
});

describe('several changes at once', () => {
  it('give what leaves to all that join before anybody else gives', () => {
    const { moved } = plan({
      partitions: 9,
      instances: ['0', '1', '50', '51'],
      current: { '0': [[0, 2]], '1': [[3, 5]], '2': [[6, 8]] },
      tolerance: 0.1,
    });
    expect(moved).toEqual({ partitions: 4, weight: 4, lowerBound: 4 });
  });

  it('move the least, with many that leave and join', () => {
    const before = plan({ partitions: 20_000, instances: names(16) });
    const joining = ['20', '21', '22', '23'];
    const after = plan({
      partitions: 20_000,
      instances: [...names(13), ...joining],
      current: before.instances,
      tolerance: 0.1,
    });
    expect(after.moved.weight).toBe(after.moved.lowerBound);
  });
});

describe('a move that makes nobody better off', () => {
  it('is not made', () => {
    const current = { '0': [[0, 4]], '1': [[5, 9]] } as const;
    const weights = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const { moved } = plan({ partitions: 10, instances: names(2), current, weights });
    expect(moved).toEqual({ partitions: 0, weight: 0, lowerBound: 0 });
  });
});

describe('rounds of partitions heavier than the budget', () => {
  it('are counted one a partition', () => {
    const input: PlanInput = {
      partitions: 200,
      instances: ['0'],
      current: { '0': [[0, 99]], '1': [[100, 199]] },
      weights: Array.from({ length: 200 }, (_, i) => 1_000 + (i % 2)),
      budget: { clients: 1 },
    };
    expect(plan(input).roundsLeft).toBe(99);
  });
});
