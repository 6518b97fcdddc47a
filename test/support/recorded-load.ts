// The recorded series of test/data/load, and what a forecaster makes of a series row by row.
import { recordedNames, recordedOf, type RecordedName } from '../../bench/forecast/recorded.js';
import { Forecaster, type ForecasterOptions } from '../../src/core/forecast/forecaster.js';
import { dayMs } from '../../src/core/forecast/grid.js';

export interface Scoring {
  readonly series: RecordedName;
  readonly stepMs: number;
  /** Steps ahead. */
  readonly horizon: number;
  /** First row that is scored. */
  readonly from: number;
}

export const scorings: readonly Scoring[] = recordedNames.map((series) => {
  const { day, horizon, from } = recordedOf(series);
  return { series, stepMs: dayMs / day, horizon, from };
});

export const recorded = (series: RecordedName): readonly number[] => recordedOf(series).values;

/**
 * For each row what was forecast for it `horizon` rows earlier (NaN: nothing), by all and by each model; a
 * model that cannot tell is taken by the last value.
 */
export interface Rolled {
  readonly forecasts: Float64Array;
  readonly byModel: ReadonlyMap<string, Float64Array>;
}

export function roll(
  values: readonly (number | undefined)[],
  options: ForecasterOptions,
  models: readonly string[] = [],
): Rolled {
  const forecaster = new Forecaster(options);
  const { horizon } = options.grid;
  const empty = (): Float64Array => new Float64Array(values.length).fill(Number.NaN);
  const forecasts = empty();
  const byModel = new Map(models.map((name) => [name, empty()]));
  values.forEach((value, row) => {
    forecaster.observe(value);
    if (row + horizon >= values.length) return;
    forecasts[row + horizon] = forecaster.value();
    for (const [name, list] of byModel) {
      const own = forecaster.valueOf(name);
      list[row + horizon] = Number.isNaN(own) ? forecaster.valueOf('last value') : own;
    }
  });
  return { forecasts, byModel };
}

/** 100·Σ|y−f|/Σ|y| over the rows from `from` on that have a value; Infinity where a forecast is missing. */
export function wape(
  values: readonly (number | undefined)[],
  forecasts: Float64Array,
  from: number,
): number {
  let off = 0;
  let load = 0;
  values.forEach((value, row) => {
    if (row < from || value === undefined) return;
    const forecast = forecasts[row] ?? Number.NaN;
    off += Number.isNaN(forecast) ? Infinity : Math.abs(value - forecast);
    load += Math.abs(value);
  });
  return (100 * off) / load;
}
