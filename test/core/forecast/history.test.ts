import { describe, expect, it } from 'vitest';
import { dayMs, gridOf } from '../../../src/core/forecast/grid.js';
import { History } from '../../../src/core/forecast/history.js';
import { historyOf, sixHourGrid } from './given-history.js';

describe('the history', () => {
  it('counts lags back from the latest value', () => {
    const history = historyOf([5, 6, 7]);
    expect([history.at(0), history.at(2), history.has(2), history.has(3)]).toEqual([
      7,
      5,
      true,
      false,
    ]);
  });

  it('fills a gap with last week, else with yesterday, else with the last value', () => {
    const first = historyOf([5, undefined]);
    expect([first.at(0), first.known, first.lastKnown]).toEqual([5, false, 5]);

    const day = [1, 2, 3, 4];
    expect(historyOf([...day, undefined]).at(0)).toBe(1);

    const week = Array.from({ length: 28 }, (_, step) => step);
    expect(historyOf([...week, undefined, undefined]).at(0)).toBe(1);
  });

  it('forgets what is older than its weeks, and never grows', () => {
    const history = historyOf(Array.from({ length: 1_000 }, (_, step) => step));
    expect(history.has(history.capacity)).toBe(false);
    expect(history.at(history.capacity - 1)).toBe(1_000 - history.capacity);
    expect(history.has(4 * 28 + 3)).toBe(true);
    expect(JSON.stringify(history.save()).length).toBeLessThan(6 * history.capacity + 200);
  });

  it('finds the same local time a day or a week ago when the clocks were changed in between', () => {
    const hourMs = dayMs / 24;
    const grid = gridOf(hourMs, hourMs);
    const springMs = 10 * dayMs + hourMs;
    const spring = [
      { fromMs: 0, offsetMs: hourMs },
      { fromMs: springMs, offsetMs: 2 * hourMs },
    ];
    const history = new History(grid, spring, 0);
    // Each value is the local hour of day.
    const localHour = (step: number): number => (step + (step * hourMs >= springMs ? 2 : 1)) % 24;
    let compared = 0;
    for (let step = 0; step < 30 * 24; step += 1) {
      history.push(localHour(step));
      for (const season of [grid.day, grid.week]) {
        for (const [target, hour] of [
          ['latest', localHour(step)],
          ['next', localHour(step + 1)],
        ] as const) {
          const lag = history.seasonLag(season, target);
          // The hour from two to three was left out: there is no same time before.
          if (!history.has(lag) || hour === 2) continue;
          expect(history.at(lag), `${season} before ${target} of ${step}`).toBe(hour);
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(2_000);
  });

  it('counts seasons in UTC where no clocks are changed', () => {
    const history = historyOf(Array.from({ length: 60 }, (_, step) => step));
    expect(history.seasonLag(4, 'next')).toBe(3);
    expect(history.seasonLag(4, 'latest')).toBe(4);
  });

  it('takes whole seasons beyond a horizon that is longer than one', () => {
    expect(historyOf([], sixHourGrid(6)).beyondHorizon(4)).toBe(8);
    expect(historyOf([], sixHourGrid(4)).beyondHorizon(4)).toBe(4);
  });
});
