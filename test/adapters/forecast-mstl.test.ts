import { describe, expect, it } from 'vitest';
import { mstlFitter } from '../../src/adapters/forecast-mstl.js';
import { defaultModels } from '../../src/core/forecast/default-models.js';
import { FittedCurve } from '../../src/core/forecast/fitted-curve.js';
import { Forecaster } from '../../src/core/forecast/forecaster.js';
import { dayMs, gridOf } from '../../src/core/forecast/grid.js';
import { recorded, roll, scorings, wape } from '../support/recorded-load.js';

const day = 24;
const week = 7 * day;
const wave = (step: number): number =>
  1_000 + 500 * Math.sin((2 * Math.PI * step) / day) + (Math.floor(step / day) % 7 > 4 ? 200 : 0);

describe('MSTL with ETS', () => {
  it('goes on with the seasons that it is shown', () => {
    const values = Float64Array.from({ length: 4 * week }, (_, step) => wave(step));
    const curve = mstlFitter().fit(values, [day, week], week) ?? [];
    expect(curve).toHaveLength(week);
    for (let step = 0; step < week; step += 1) {
      expect(Math.abs((curve[step] ?? 0) - wave(4 * week + step))).toBeLessThan(60);
    }
  });

  it('sits out where there is nothing to decompose, and still works afterwards', () => {
    const fitter = mstlFitter();
    const of = (f: (step: number) => number, length = 3 * week) =>
      fitter.fit(
        Float64Array.from({ length }, (_, step) => f(step)),
        [day, week],
        5,
      );
    expect(of(() => 0)).toBeUndefined();
    expect(of(() => 7)).toBeUndefined();
    for (const odd of [
      of((step) => (step === 300 ? 1 : 0)),
      of((step) => 1e300 * (step % 3)),
      of((step) => step, 3),
      of((step) => step, 0),
    ]) {
      expect(odd === undefined || odd.length === 5).toBe(true);
    }
    expect(of(wave)).toHaveLength(5);
  });

  it('competes, is fitted once a week, and is the same when its state is restored', () => {
    const grid = gridOf(dayMs / day, dayMs / day);
    let fits = 0;
    const counted = { ...mstlFitter() };
    const curve = () =>
      new FittedCurve({
        ...counted,
        fit: (...of) => {
          fits += 1;
          return counted.fit(...of);
        },
      });
    const options = () => ({ grid, models: [...defaultModels(), curve()] });
    const whole = new Forecaster(options());
    const name = counted.name;
    for (let step = 0; step < 4 * week + 5; step += 1) {
      whole.observe(wave(step));
      if (step < 2 * week - 1) expect(whole.valueOf(name)).toBeNaN();
    }
    expect(fits).toBe(3);
    expect(Math.abs(whole.valueOf(name) - wave(4 * week + 5))).toBeLessThan(60);
    const restored = new Forecaster(options());
    restored.load(whole.save());
    for (let step = 4 * week + 5; step < 6 * week; step += 1) {
      whole.observe(wave(step));
      restored.observe(wave(step));
    }
    expect(JSON.stringify(restored.save())).toBe(JSON.stringify(whole.save()));
  });

  it('makes the forecast of the taxis no worse', () => {
    const { stepMs, horizon, from } = scorings[0] ?? { stepMs: 0, horizon: 0, from: 0 };
    const values = recorded('nyc_taxi');
    const grid = gridOf(stepMs, horizon * stepMs);
    const without = wape(values, roll(values, { grid }).forecasts, from);
    const models = [...defaultModels(), new FittedCurve(mstlFitter())];
    expect(wape(values, roll(values, { grid, models }).forecasts, from)).toBeLessThan(without);
  });
});
