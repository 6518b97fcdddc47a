// Short walks of the bench's long ones: what scale events do to ranges, movement and balance.
import { describe, expect, it } from 'vitest';
import { walk, type WalkInput } from './walk.js';

const short = {
  events: 100,
  partitions: 4_000,
  instances: [10, 40],
  stepMax: 3,
  sampleEvery: 20,
} as const satisfies Partial<WalkInput>;

describe('a walk of scale events', () => {
  for (const seed of [1, 2, 3]) {
    it(`keeps ranges few at the least movement with a tolerance, seed ${seed}`, () => {
      const result = walk({ ...short, seed, tolerance: 0.1, weights: 'equal' });
      expect(result.moved).toBe(result.bound);
      for (const sample of result.samples) {
        const where = JSON.stringify(sample);
        expect(sample.meanRanges, where).toBeLessThanOrEqual(3.5);
        expect(sample.maxRanges, where).toBeLessThanOrEqual(16);
        // Whole partitions: a mean of 100 can be passed by ten of them and what rounding adds.
        expect(sample.maxOverMean, where).toBeLessThanOrEqual(1.1 + 1e-9);
      }
    });

    it(`moves little more than the bound with unequal weights, seed ${seed}`, () => {
      const result = walk({ ...short, seed, tolerance: 0.1, weights: 'log-normal' });
      expect(result.moved / result.bound).toBeLessThanOrEqual(1.02);
      for (const sample of result.samples) {
        const where = JSON.stringify(sample);
        expect(sample.meanRanges, where).toBeLessThanOrEqual(4);
        expect(sample.maxOverMean, where).toBeLessThanOrEqual(1.1 + 1e-9);
      }
    });

    it(`moves the minimum with equal weights and no tolerance, seed ${seed}`, () => {
      const result = walk({ ...short, seed, tolerance: 0, weights: 'equal' });
      expect(result.moved).toBe(result.bound);
      for (const sample of result.samples) {
        expect(sample.maxOverMean, JSON.stringify(sample)).toBeLessThanOrEqual(1.03);
      }
    });
  }
});
