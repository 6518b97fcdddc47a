// Owns: how a forecast of one series fared: its error, those of the simple rules on the same rows, how
// often the bounds held and how often it acted. Forecasts nothing itself.
import { Forecaster, type Forecast } from '../../src/core/forecast/forecaster.js';
import { dayMs } from '../../src/core/forecast/grid.js';
import { defaultModels } from '../../src/core/forecast/default-models.js';
import type { Model } from '../../src/core/forecast/model.js';
import type { Series } from './recorded.js';

/** The rules that the forecast must not be worse than. */
export const simpleRules = [
  'last value',
  'yesterday',
  'last week',
  'last week by ratio',
  'least squares on day and week',
] as const;

export interface Measured {
  /** WAPE in % over the scored rows. */
  readonly error: number;
  /** The same of each simple rule; where one cannot tell, the last value stands in for it. */
  readonly rules: Readonly<Record<string, number>>;
  readonly best: string;
  /** Error above that of the best rule, in % of it; below 0 it is better. */
  readonly regret: number;
  /** Shares of the scored rows. */
  readonly held: number;
  readonly acted: number;
  /** How much better than the last value where it acted, as a share; 0 where it never did. */
  readonly gain: number;
}

/** An error of this share of the load is none: the difference of two is rounding. */
const nothing = 1e-9;

/** Runs a series through a new forecaster, row by row. */
export function measure(series: Series, models: () => readonly Model[] = defaultModels): Measured {
  const { values, day, horizon, from } = series;
  const grid = { stepMs: dayMs / day, horizon, day, week: 7 * day };
  const forecaster = new Forecaster({ grid, models: models() });
  const due: { forecast: Forecast | undefined; rules: number[] }[] = [];
  const off = simpleRules.map(() => 0);
  let [own, load, rows, held, acted, ownActing, lastActing] = [0, 0, 0, 0, 0, 0, 0];
  values.forEach((value, row) => {
    const told = row >= horizon ? due[row % horizon] : undefined;
    if (row >= from && value !== undefined && told?.forecast !== undefined) {
      const { forecast, rules } = told;
      const ownOff = Math.abs(value - forecast.value);
      rules.forEach((rule, i) => (off[i] = (off[i] ?? 0) + Math.abs(value - rule)));
      own += ownOff;
      load += Math.abs(value);
      rows += 1;
      if (value >= forecast.low && value <= forecast.high) held += 1;
      if (forecast.acts) {
        acted += 1;
        ownActing += ownOff;
        lastActing += Math.abs(value - (rules[0] ?? 0));
      }
    }
    forecaster.observe(value);
    const last = forecaster.valueOf('last value');
    const rules = simpleRules.map((name) => {
      const rule = forecaster.valueOf(name);
      return Number.isNaN(rule) ? last : rule;
    });
    due[row % horizon] = { forecast: forecaster.forecast(), rules };
  });
  const least = Math.min(...off);
  const percent = (sum: number): number => (load === 0 ? 0 : (100 * sum) / load);
  return {
    error: percent(own),
    rules: Object.fromEntries(simpleRules.map((name, i) => [name, percent(off[i] ?? 0)])),
    best: simpleRules[off.indexOf(least)] ?? simpleRules[0],
    regret: regretOf(own, least, load),
    held: held / rows,
    acted: acted / rows,
    gain: lastActing === 0 ? 0 : 1 - ownActing / lastActing,
  };
}

function regretOf(own: number, least: number, load: number): number {
  if (own <= nothing * load) return 0;
  return least <= nothing * load ? Infinity : 100 * (own / least - 1);
}
