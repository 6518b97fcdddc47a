import { describe, expect, it } from 'vitest';
import { Autoregression } from '../../../src/core/forecast/autoregression.js';
import { defaultModels } from '../../../src/core/forecast/default-models.js';
import { JumpingLevel, MedianLevel, SmoothedLevel } from '../../../src/core/forecast/levels.js';
import {
  lastValue,
  lastWeek,
  lastWeekRatio,
  medianOfThree,
  yesterday,
} from '../../../src/core/forecast/simple-rules.js';
import { typicalWeek, typicalWeekRatio } from '../../../src/core/forecast/typical-week.js';
import { seeded } from '../../support/seeded.js';
import { forecastAfter, historyOf, sixHourGrid } from './given-history.js';

/** Step n has the value f(n). */
const series = (length: number, f: (step: number) => number): number[] =>
  Array.from({ length }, (_, step) => f(step));

describe('the simple rules', () => {
  it('the last value stays, also through a gap', () => {
    expect(forecastAfter(lastValue(), [3, 8])).toBe(8);
    expect(forecastAfter(lastValue(), [3, 8, undefined])).toBe(8);
  });

  it('yesterday is a day before the target, not before now', () => {
    // The target is step 6 (two ahead of step 4): yesterday is step 2.
    expect(
      forecastAfter(
        yesterday(),
        series(5, (n) => n),
        sixHourGrid(2),
      ),
    ).toBe(2);
    expect(
      forecastAfter(
        yesterday(),
        series(2, (n) => n),
        sixHourGrid(2),
      ),
    ).toBeNaN();
  });

  it('last week is a week before the target', () => {
    expect(
      forecastAfter(
        lastWeek(),
        series(30, (n) => n),
      ),
    ).toBe(2);
    expect(
      forecastAfter(
        lastWeek(),
        series(27, (n) => n),
      ),
    ).toBeNaN();
  });

  it('last week by ratio scales by what now is to a week ago', () => {
    // Now is step 29 = 300, a week ago step 1 = 100, the target's week ago is step 2 = 50.
    const values = series(30, (n) => (n === 29 ? 300 : n === 1 ? 100 : 50));
    expect(forecastAfter(lastWeekRatio(), values)).toBe(150);
  });

  it('last week by ratio says nothing where a week ago there was nothing', () => {
    expect(
      forecastAfter(
        lastWeekRatio(),
        series(30, (n) => (n === 1 ? 0 : 50)),
      ),
    ).toBeNaN();
  });

  it('the median of three ignores a spike', () => {
    expect(forecastAfter(medianOfThree(), [10, 900, 12])).toBe(12);
    expect(forecastAfter(medianOfThree(), [10, 12])).toBeNaN();
  });
});

describe('the levels', () => {
  it('the smoothed level moves by 0.3 of each surprise', () => {
    expect(forecastAfter(new SmoothedLevel(), [100, 200, 200])).toBeCloseTo(151, 9);
  });

  it('the jumping level smooths noise and follows a jump at once', () => {
    const random = seeded(4);
    const noise = series(1_000, () => 1_000 + 20 * (random.next() - 0.5));
    const before = forecastAfter(new JumpingLevel(), noise);
    expect(Math.abs(before - 1_000)).toBeLessThan(5);
    expect(forecastAfter(new JumpingLevel(), [...noise, 3_000])).toBe(3_000);
    // 1 016 is no jump: a tenth of the way.
    const after = forecastAfter(new JumpingLevel(), [...noise, 1_016]);
    expect(after).toBeCloseTo(before + 0.1 * (1_016 - before), 9);
  });

  it('the median level stays among bursts that double the mean', () => {
    const random = seeded(3);
    const values = series(5_000, () => (random.next() < 0.1 ? 1_000 : 90 + 20 * random.next()));
    const level = forecastAfter(new MedianLevel(), values);
    expect(level).toBeGreaterThan(90);
    expect(level).toBeLessThan(120);
  });
});

describe('the typical week', () => {
  /** Three weeks of 100, 110 and 300 at every step; then the fourth begins with `now`. */
  const weeks = (now: number): number[] =>
    series(3 * 28 + 5, (n) => [100, 110, 300][Math.floor(n / 28)] ?? now);

  it('is the median of the weeks that are known', () => {
    expect(forecastAfter(typicalWeek(), weeks(220))).toBe(110);
  });

  it('scales by what the last three steps were to what is typical of them', () => {
    expect(forecastAfter(typicalWeekRatio(), weeks(220))).toBe(220);
  });

  it('with two weeks takes the mean of both', () => {
    expect(forecastAfter(typicalWeek(), weeks(0).slice(0, 60))).toBe(105);
  });

  it('says nothing in the first week', () => {
    expect(forecastAfter(typicalWeek(), weeks(0).slice(0, 28))).toBeNaN();
  });
});

describe('least squares on the past', () => {
  const onDay = (loss: 'squares' | 'huber' | 'absolute', of: 'value' | 'change') =>
    new Autoregression({ name: 'r', seasons: ['day'], loss, of });

  it.each([
    ['squares', 'value'],
    ['squares', 'change'],
    ['huber', 'value'],
    ['absolute', 'change'],
  ] as const)('finds an exact relation, by %s of the %s', (loss, of) => {
    // A wave is explained by its two latest values: y(n) = 2·cos(0.7)·y(n-1) - y(n-2) + a constant.
    const value = (n: number): number => 100 + 50 * Math.sin(0.7 * n);
    expect(forecastAfter(onDay(loss, of), series(3_000, value))).toBeCloseTo(value(3_000), 2);
  });

  it('learns nothing from gaps', () => {
    const model = onDay('squares', 'value');
    const history = historyOf([]);
    const observe = (value: number | undefined): string => {
      history.push(value);
      model.observe(history);
      return JSON.stringify(model.save());
    };
    for (const value of series(100, (n) => (n * 7) % 11)) observe(value);
    const learnt = JSON.stringify(model.save());
    expect(observe(undefined)).toBe(learnt);
    expect(observe(3)).not.toBe(learnt);
  });

  it('says nothing of a series of zeros, and wakes with the first load', () => {
    expect(
      forecastAfter(
        onDay('squares', 'value'),
        series(200, () => 0),
      ),
    ).toBeNaN();
    const woken = forecastAfter(
      onDay('squares', 'value'),
      series(200, (n) => (n < 150 ? 0 : 5)),
    );
    expect(woken).toBeCloseTo(5, 1);
  });
});

describe('the default models', () => {
  it('begin with the one that can always tell', () => {
    expect(forecastAfter(defaultModels()[0] ?? lastWeek(), [4])).toBe(4);
  });

  it('have each a name of its own', () => {
    const names = defaultModels().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
