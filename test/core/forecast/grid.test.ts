import { describe, expect, it } from 'vitest';
import { dayMs, gridOf } from '../../../src/core/forecast/grid.js';

describe('the grid', () => {
  it('looks ahead by the lead time in whole steps, rounded up, and by one at least', () => {
    expect(gridOf(300_000, 700_000)).toEqual({
      stepMs: 300_000,
      horizon: 3,
      day: 288,
      week: 2_016,
    });
    expect(gridOf(300_000, 600_000).horizon).toBe(2);
    expect(gridOf(300_000, 0).horizon).toBe(1);
  });

  it.each([0, -1, 14_999, 420_000.5, 50_000_001, Number.NaN, 7 * dayMs])(
    'refuses a step of %s ms, and says what is allowed',
    (stepMs) => {
      expect(() => gridOf(stepMs, 0)).toThrow(
        /^stepMs: .* found; allowed are whole parts of a day/,
      );
    },
  );

  it.each([-1, Number.NaN, Infinity, 8 * dayMs])('refuses a lead time of %s ms', (leadTimeMs) => {
    expect(() => gridOf(300_000, leadTimeMs)).toThrow(/^leadTimeMs: .* found; allowed is 0 to/);
  });
});
