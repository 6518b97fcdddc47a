import { describe, expect, it } from 'vitest';
import { Interval } from '../../../src/core/forecast/interval.js';
import { Residuals } from '../../../src/core/forecast/residuals.js';
import { RollingSums } from '../../../src/core/forecast/rolling-sums.js';
import { seeded } from '../../support/seeded.js';
import { sixHourGrid } from './given-history.js';

describe('the latest errors', () => {
  it('have the quantiles of a sorted window', () => {
    const random = seeded(4);
    const residuals = new Residuals(50);
    const all: number[] = [];
    for (let n = 0; n < 500; n += 1) {
      const error = Math.round(20 * (random.next() - 0.5));
      residuals.add(error);
      all.push(error);
      if (n < 60) continue;
      const window = all.slice(-50).sort((a, b) => a - b);
      // Of 50 errors the floor(51·0.1) = 5th and the ceil(51·0.9) = 46th.
      expect(residuals.quantile(0.1)).toBe(window[4]);
      expect(residuals.quantile(0.9)).toBe(window[45]);
    }
  });

  it('have no quantile while they are few', () => {
    const residuals = new Residuals(50);
    for (let n = 0; n < 19; n += 1) residuals.add(n);
    expect(residuals.quantile(0.5)).toBeNaN();
    residuals.add(19);
    expect(residuals.quantile(0.5)).toBe(9);
  });
});

describe('sums over a sliding window', () => {
  it('hold the newest whole blocks and the one at hand', () => {
    const sums = new RollingSums(1, 3, 2);
    for (let step = 1; step <= 7; step += 1) {
      sums.step();
      sums.add(0, step);
    }
    // Blocks (3, 4), (5, 6), (7); (1, 2) dropped out.
    expect(sums.sum(0)).toBe(25);
    expect(sums.sum(0, 1)).toBe(7);
    expect(sums.sum(0, 2)).toBe(18);
  });

  it('leave no rounding error behind', () => {
    const sums = new RollingSums(1, 3, 2);
    const values = [1e16, 1, 1e16, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
    for (const value of values) {
      sums.step();
      sums.add(0, value);
    }
    expect(sums.sum(0)).toBeCloseTo(0.5, 12);
  });
});

describe('the interval', () => {
  /** Share of values inside, for a forecast of 1 000 and errors of the given size. */
  const inside = (size: (step: number) => number): number => {
    const random = seeded(6);
    const interval = new Interval(sixHourGrid(), 0.9);
    let held = 0;
    const steps = 20_000;
    for (let step = 0; step < steps; step += 1) {
      interval.around(1_000, 0);
      const value = 1_000 + size(step) * (random.next() - 0.5);
      if (step > 100 && value >= interval.low && value <= interval.high) held += 1;
      interval.score(value, 1_000);
    }
    return held / (steps - 100);
  };

  it('holds the promised share of what comes', () => {
    expect(inside(() => 100)).toBeCloseTo(0.9, 2);
  });

  it('holds it also while errors grow', () => {
    expect(inside((step) => 10 + step / 20)).toBeCloseTo(0.9, 2);
  });

  it('does not go below what there can be', () => {
    const interval = new Interval(sixHourGrid(), 0.9);
    for (let step = 0; step < 40; step += 1) {
      interval.score(100 + (step % 2 === 0 ? 50 : -50), 100);
    }
    interval.around(10, 0);
    expect(interval.low).toBe(0);
    expect(interval.high).toBe(60);
  });
});
