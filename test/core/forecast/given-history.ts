// A history with given values, and a small grid on which a day has four steps.
import { dayMs, gridOf, type Grid } from '../../../src/core/forecast/grid.js';
import { History } from '../../../src/core/forecast/history.js';
import type { Model } from '../../../src/core/forecast/model.js';

/** Steps of 6 h: a day is 4 of them, a week 28. */
export const sixHourGrid = (horizon = 1): Grid => gridOf(dayMs / 4, (horizon * dayMs) / 4);

export function historyOf(values: readonly (number | undefined)[], grid = sixHourGrid()): History {
  const history = new History(grid);
  for (const value of values) history.push(value);
  return history;
}

/** What a model forecasts after having seen all of these values, one by one. */
export function forecastAfter(
  model: Model,
  values: readonly (number | undefined)[],
  grid = sixHourGrid(),
): number {
  const history = new History(grid);
  for (const value of values) {
    history.push(value);
    model.observe(history);
  }
  return model.forecast(history);
}
