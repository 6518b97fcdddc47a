// The three recorded series, forecast row by row from what was known a horizon earlier.
import { describe, expect, it } from 'vitest';
import { Forecaster } from '../../../src/core/forecast/forecaster.js';
import { gridOf } from '../../../src/core/forecast/grid.js';
import { simpleRules } from '../../../bench/forecast/measure.js';
import { recorded, roll, scorings, wape } from '../../support/recorded-load.js';

const errorMax = { nyc_taxi: 3.3, asg_group: 6.5, tweets_aapl: 56 } as const;
/** What others measured of the same rules on the same rows, in %, rounded; undefined: useless. */
const reference = {
  nyc_taxi: { 'last value': 8.3, 'last week by ratio': 3.5, 'least squares on day and week': 3.3 },
  asg_group: { 'last value': 6.4, 'last week by ratio': 8.4, 'least squares on day and week': 6.6 },
  tweets_aapl: { 'last value': 55.8, 'least squares on day and week': 62.0 },
} as const;

describe.each(scorings)('the forecast of $series', ({ series, stepMs, horizon, from }) => {
  const values = recorded(series);
  const grid = gridOf(stepMs, horizon * stepMs);
  const { forecasts, byModel } = roll(values, { grid }, simpleRules);
  const error = wape(values, forecasts, from);

  it('is within its bound', () => {
    expect(error).toBeLessThanOrEqual(errorMax[series]);
  });

  it('is no worse than the best simple rule', () => {
    const rules = [...byModel.values()].map((of) => wape(values, of, from));
    expect(error).toBeLessThanOrEqual(Math.min(...rules));
  });

  it('competes with rules that reach what is known of them', () => {
    for (const [name, known] of Object.entries(reference[series])) {
      const of = byModel.get(name);
      expect(of && wape(values, of, from), name).toBeCloseTo(known, 1);
    }
  });

  it('holds nine of ten values between its bounds, and acts where it should', () => {
    const forecaster = new Forecaster({ grid });
    const bounds: { low: number; high: number }[] = [];
    let held = 0;
    let acted = 0;
    values.forEach((value, row) => {
      const due = bounds[row - horizon];
      if (row >= from && due && value >= due.low && value <= due.high) held += 1;
      forecaster.observe(value);
      const forecast = forecaster.forecast();
      if (row >= from && forecast?.acts) acted += 1;
      bounds.push(forecast ?? { low: 0, high: 0 });
    });
    const rows = values.length - from;
    expect(held / rows).toBeCloseTo(0.9, 1);
    if (series === 'nyc_taxi') expect(acted / rows).toBeGreaterThan(0.9);
    if (series === 'asg_group') expect(acted / rows).toBeLessThan(0.9);
    if (series === 'tweets_aapl') expect(acted).toBe(0);
  });
});
