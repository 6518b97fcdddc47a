// Waves of plans with a pace: nobody carries more than it can, nobody waits longer than it must.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { Move, PlanInput } from '../../../src/core/placement/types.js';
import { countOf } from '../../../src/core/ranges.js';
import { worlds } from './more-worlds.js';

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));

const paced: fc.Arbitrary<{ input: PlanInput; limit: number; weights: readonly number[] }> = fc
  .record({
    weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 200, maxLength: 400 }),
    from: fc.integer({ min: 1, max: 12 }),
    to: fc.integer({ min: 1, max: 12 }),
    acceptPerSecond: fc.integer({ min: 5, max: 400 }),
    gapMs: fc.constantFrom(250, 1000),
  })
  .map(({ weights, from, to, acceptPerSecond, gapMs }) => {
    const partitions = weights.length;
    const current = planDistribution({ partitions, instances: names(from), weights }).instances;
    const pace = { acceptPerSecond, gapMs };
    return {
      input: { partitions, instances: names(to), current, weights, pace },
      limit: (acceptPerSecond * gapMs) / 1000,
      weights,
    };
  });

function carriedBy(
  wave: readonly Move[],
  side: 'donor' | 'receiver',
  weights: readonly number[],
): Map<string, { weight: number; partitions: number }> {
  const carried = new Map<string, { weight: number; partitions: number }>();
  for (const move of wave) {
    const sum = carried.get(move[side]) ?? { weight: 0, partitions: 0 };
    for (let p = move.from; p <= move.to; p += 1) sum.weight += weights[p] as number;
    sum.partitions += move.to - move.from + 1;
    carried.set(move[side], sum);
  }
  return carried;
}

describe('waves with a pace', () => {
  it('never give an instance more than it can carry, on either side, but one heavy partition', () => {
    fc.assert(
      fc.property(paced, ({ input, limit, weights }) => {
        for (const wave of planDistribution(input).waves) {
          for (const side of ['donor', 'receiver'] as const) {
            for (const { weight, partitions } of carriedBy(wave, side, weights).values()) {
              expect(weight <= limit || partitions === 1).toBe(true);
            }
          }
        }
      }),
      { numRuns: worlds(80) },
    );
  });

  it('are hardly more than the busiest instance needs', () => {
    fc.assert(
      fc.property(paced, ({ input, limit, weights }) => {
        const { waves } = planDistribution(input);
        const all = waves.flat();
        const busiest = (['donor', 'receiver'] as const)
          .flatMap((side) => [...carriedBy(all, side, weights).values()])
          .reduce((most, { weight }) => Math.max(most, weight), 0);
        // A partition of up to 9 does not always fit into what is left of a wave.
        const needed = Math.ceil(busiest / Math.max(1, limit - 8));
        expect(waves.length).toBeLessThanOrEqual(Math.max(needed + 1, 1.25 * needed));
      }),
      { numRuns: worlds(80) },
    );
  });

  it('take a part of every donor in each wave, so that none is left for the end', () => {
    const { waves } = planDistribution({
      partitions: 1200,
      instances: names(5),
      current: { '0': [[0, 299]], '1': [[300, 599]], '2': [[600, 899]], '3': [[900, 1199]] },
      pace: { acceptPerSecond: 60, gapMs: 1000 },
    });
    expect(waves.map((wave) => wave.map(({ from, to }) => countOf([[from, to]])))).toEqual(
      Array.from({ length: 4 }, () => [15, 15, 15, 15]),
    );
  });
});

describe('waves', () => {
  it('hold at most 128 partitions an instance when no pace is given, and spread the donors', () => {
    const { waves } = planDistribution({
      partitions: 600,
      instances: ['0', '1', '2'],
      current: { '0': [[0, 299]], '1': [[300, 599]] },
    });
    expect(waves).toEqual([
      [
        { from: 200, to: 263, donor: '0', receiver: '2' },
        { from: 500, to: 563, donor: '1', receiver: '2' },
      ],
      [
        { from: 264, to: 299, donor: '0', receiver: '2' },
        { from: 564, to: 599, donor: '1', receiver: '2' },
      ],
    ]);
  });

  it('hold what each side can carry within the gap, receivers side by side', () => {
    const { waves } = planDistribution({
      partitions: 360,
      instances: ['0', '1'],
      current: { '0': [[0, 119]], '1': [[120, 239]], '2': [[240, 359]] },
      pace: { acceptPerSecond: 60, gapMs: 1000 },
    });
    expect(waves).toEqual([
      [
        { from: 240, to: 269, donor: '2', receiver: '0' },
        { from: 300, to: 329, donor: '2', receiver: '1' },
      ],
      [
        { from: 270, to: 299, donor: '2', receiver: '0' },
        { from: 330, to: 359, donor: '2', receiver: '1' },
      ],
    ]);
  });

  it('give a partition that is too heavy for the pace a wave of its own', () => {
    const { waves } = planDistribution({
      partitions: 4,
      instances: ['0'],
      current: { '1': [[0, 3]] },
      weights: [2, 50, 3, 4],
      pace: { acceptPerSecond: 5, gapMs: 1000 },
    });
    const spans = waves.map((wave) => wave.map(({ from, to }) => [from, to]));
    expect(spans).toEqual([[[0, 0]], [[1, 1]], [[2, 2]], [[3, 3]]]);
  });
});
