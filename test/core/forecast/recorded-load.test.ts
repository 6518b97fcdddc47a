// The three recorded series, forecast row by row from what was known a horizon earlier.
import { describe, expect, it } from 'vitest';
import { gridOf } from '../../../src/core/forecast/grid.js';
import { recorded, roll, scorings, wape } from '../../support/recorded-load.js';

const errorMax = { nyc_taxi: 3.3, asg_group: 6.5, tweets_aapl: 56 } as const;

describe('the forecast of recorded load', () => {
  it.each(scorings)('of $series is within its bound', ({ series, stepMs, horizon, from }) => {
    const values = recorded(series);
    const { forecasts } = roll(values, { grid: gridOf(stepMs, horizon * stepMs) });
    expect(wape(values, forecasts, from)).toBeLessThanOrEqual(errorMax[series]);
  });
});
