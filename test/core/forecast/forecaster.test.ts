import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Forecaster, type ForecasterOptions } from '../../../src/core/forecast/forecaster.js';
import { dayMs, gridOf } from '../../../src/core/forecast/grid.js';
import type { Saved } from '../../../src/core/forecast/saved.js';
import { lastValue, lastWeek } from '../../../src/core/forecast/simple-rules.js';
import { seeded } from '../../support/seeded.js';
import { sixHourGrid } from './given-history.js';

type Values = readonly (number | undefined)[];

const bytes = (forecaster: Forecaster): string => JSON.stringify(forecaster.save());

function after(values: Values, options: ForecasterOptions): Forecaster {
  const forecaster = new Forecaster(options);
  for (const value of values) forecaster.observe(value);
  return forecaster;
}

/** A daily wave with noise, on a grid whose day has 24 steps. */
function wave(days: number, seed = 1): number[] {
  const random = seeded(seed);
  return Array.from({ length: days * 24 }, (_, step) => {
    const level = 1_000 + 800 * Math.sin((2 * Math.PI * step) / 24);
    return level * (1 + 0.05 * (random.next() - 0.5));
  });
}

const hourly = gridOf(dayMs / 24, dayMs / 24);

/** Load with gaps, zeros, bursts and jumps, over some weeks of six-hour steps. */
const anyLoad = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0, max: 1_000, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1e12, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
  ),
  { minLength: 1, maxLength: 220 },
);

describe('the forecaster', () => {
  it('says nothing before the first value, and the last value after it', () => {
    const forecaster = new Forecaster({ grid: sixHourGrid() });
    expect(forecaster.forecast()).toBeUndefined();
    forecaster.observe(40);
    expect(forecaster.forecast()).toEqual({
      value: 40,
      low: 40,
      high: 40,
      model: 'last value',
      acts: false,
      why: { kind: 'too-little-measured', steps: 0, stepsMin: 8 },
    });
  });

  it('earns trust with a daily wave, and names its numbers', () => {
    const forecast = after(wave(21), { grid: hourly }).forecast();
    expect(forecast?.acts).toBe(true);
    expect(forecast?.value).toBeGreaterThan(850);
    expect(forecast?.value).toBeLessThan(1_150);
    expect(forecast?.low).toBeLessThan(forecast?.value ?? 0);
    expect(forecast?.high).toBeGreaterThan(forecast?.value ?? Infinity);
    expect(forecast?.why).toMatchObject({ kind: 'better-than-last-value' });
  });

  it('does not act on noise, on zeros, or on a random walk', () => {
    const random = seeded(9);
    const noise = Array.from({ length: 700 }, () => 1_000 * (1 + 0.05 * (random.next() - 0.5)));
    let level = 1_000;
    const walk = noise.map(() => (level += 20 * (random.next() - 0.5)));
    expect(after(walk, { grid: hourly }).forecast()?.why.kind).toBe('not-better-than-last-value');
    const zeros = after(
      Array.from({ length: 700 }, () => 0),
      { grid: hourly },
    ).forecast();
    expect(zeros).toMatchObject({
      value: 0,
      low: 0,
      high: 0,
      acts: false,
      why: { kind: 'no-load' },
    });
    // Of noise around a level the mean is a better forecast than the last value: acting on it adds nothing.
    const level1000 = after(noise, { grid: hourly }).forecast();
    expect(level1000?.value).toBeGreaterThan(970);
    expect(level1000?.value).toBeLessThan(1_030);
  });

  it('stops acting within hours when the season ends', () => {
    const forecaster = after(wave(21), { grid: hourly });
    const acted: boolean[] = [];
    for (let hour = 0; hour < 12; hour += 1) {
      forecaster.observe(1_000);
      acted.push(forecaster.forecast()?.acts ?? false);
    }
    expect(acted.slice(8)).toEqual([false, false, false, false]);
  });

  it('does not act while the value of now is missing', () => {
    const forecaster = after([...wave(21), undefined], { grid: hourly });
    expect(forecaster.forecast()).toMatchObject({ acts: false, why: { kind: 'value-missing' } });
  });

  it('keeps to local time when the clocks are changed', () => {
    const hourMs = dayMs / 24;
    const changeMs = 30 * dayMs + hourMs;
    const offsets = [
      { fromMs: 0, offsetMs: hourMs },
      { fromMs: changeMs, offsetMs: 2 * hourMs },
    ];
    const random = seeded(12);
    const values = Array.from({ length: 38 * 24 }, (_, step) => {
      const local = step + (step * hourMs >= changeMs ? 2 : 1);
      const office = local % 24 >= 9 && local % 24 < 18;
      return (office ? 1_000 : 100) * (1 + 0.1 * (random.next() - 0.5));
    });
    // In the week after the change, at the hours where the office opens and closes.
    const offBy = (options: Partial<ForecasterOptions>, model: string): number => {
      const forecaster = new Forecaster({ grid: hourly, ...options });
      let due = Number.NaN;
      let off = 0;
      values.forEach((value, step) => {
        if (step > 31 * 24) off += Math.abs(value - due);
        forecaster.observe(value);
        due = model === 'result' ? forecaster.value() : forecaster.valueOf(model);
      });
      return off;
    };
    for (const model of ['last week', 'typical week', 'least squares on day and week', 'result']) {
      const inLocalTime = offBy({ offsets, firstMs: 0 }, model);
      expect(inLocalTime, model).toBeLessThan(0.7 * offBy({}, model));
    }
  });

  it('never leaves what was seen by more than once its size, whatever comes', () => {
    fc.assert(
      fc.property(anyLoad, fc.integer({ min: 1, max: 9 }), (values, horizon) => {
        const forecaster = new Forecaster({ grid: sixHourGrid(horizon) });
        let highest = 0;
        for (const value of values) {
          forecaster.observe(value);
          if (value !== undefined && Number.isFinite(value)) highest = Math.max(highest, value);
          const forecast = forecaster.forecast();
          if (forecast === undefined) continue;
          expect(forecast.value).toBeGreaterThanOrEqual(0);
          expect(forecast.value).toBeLessThanOrEqual(2 * highest);
          expect(forecast.low).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(forecast.high)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('changes no earlier forecast when the future changes', () => {
    fc.assert(
      fc.property(anyLoad, anyLoad, anyLoad, (past, one, other) => {
        const forecasts = (values: Values): unknown[] => {
          const forecaster = new Forecaster({ grid: sixHourGrid(2) });
          return values.map((value) => {
            forecaster.observe(value);
            return forecaster.forecast();
          });
        };
        const seen = past.length;
        expect(forecasts([...past, ...one]).slice(0, seen)).toEqual(
          forecasts([...past, ...other]).slice(0, seen),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('goes on from its stored state as if it had never stopped, to the byte', () => {
    fc.assert(
      fc.property(anyLoad, anyLoad, fc.integer({ min: 1, max: 5 }), (past, future, horizon) => {
        const options = { grid: sixHourGrid(horizon) };
        const stored = bytes(after(past, options));
        const restored = new Forecaster(options);
        expect(restored.load(JSON.parse(stored) as Saved)).toBe(true);
        expect(bytes(restored)).toBe(stored);
        for (const value of future) restored.observe(value);
        const whole = after([...past, ...future], options);
        expect(bytes(restored)).toBe(bytes(whole));
        expect(restored.forecast()).toEqual(whole.forecast());
      }),
      { numRuns: 40 },
    );
  });

  it('stores a state of bounded size', () => {
    const options = { grid: hourly };
    const weeks = (count: number): number => bytes(after(wave(7 * count), options)).length;
    expect(weeks(12)).toBeLessThan(1.1 * weeks(6));
  });

  it('refuses the state of another grid, of other models, or of none', () => {
    const state = after(wave(3), { grid: hourly }).save();
    const others = [
      new Forecaster({ grid: gridOf(dayMs / 24, dayMs / 12) }),
      new Forecaster({ grid: sixHourGrid() }),
      new Forecaster({ grid: hourly, models: [lastValue(), lastWeek()] }),
    ];
    expect(others.map((forecaster) => forecaster.load(state))).toEqual([false, false, false]);
    const fresh = new Forecaster({ grid: hourly });
    expect([fresh.load({}), fresh.steps]).toEqual([false, 0]);
  });
});
