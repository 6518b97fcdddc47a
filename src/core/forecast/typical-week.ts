// Owns: the typical week: at each time of the week the median of the weeks that are remembered, so that
// one holiday or one outage does not come back a week later.

import { weeksKept } from './grid.js';
import type { History } from './history.js';
import { rule, type Model } from './model.js';

/** Steps over which now is compared with the typical week; more would be late, fewer are noise. */
const recentSteps = 3;

/** The typical value of that time of the week. */
export const typicalWeek = (): Model => {
  const week = weeks();
  return rule('typical week', (history) =>
    week.look(history) ? week.median(history, 0) : Number.NaN,
  );
};

/** The same, times what the last steps were to what is typical of them. */
export const typicalWeekRatio = (): Model => {
  const week = weeks();
  return rule('typical week by ratio', (history) => {
    if (!week.look(history)) return Number.NaN;
    const { horizon } = history.grid;
    let now = 0;
    let typical = 0;
    for (let back = 0; back < recentSteps; back += 1) {
      now += history.at(back);
      typical += week.median(history, horizon + back);
    }
    return typical > 0 ? (week.median(history, 0) * now) / typical : Number.NaN;
  });
};

/** A view of the weeks before the next target, without allocation in a step. */
function weeks() {
  const lags = new Float64Array(weeksKept);
  const sorted = new Float64Array(weeksKept);
  let seen = 0;
  return {
    /** Finds the weeks that are known; false when there is none. */
    look(history: History): boolean {
      const { week, horizon } = history.grid;
      seen = 0;
      for (let ago = 1; ago <= weeksKept; ago += 1) {
        const lag = history.seasonLag(ago * week, 'next');
        if (lag < 0) continue;
        if (!history.has(lag + horizon + recentSteps - 1)) break;
        lags[seen] = lag;
        seen += 1;
      }
      return seen > 0;
    },
    /** The median over these weeks, `back` steps before the target. */
    median(history: History, back: number): number {
      for (let week = 0; week < seen; week += 1) {
        const value = history.at((lags[week] ?? 0) + back);
        let place = week;
        while (place > 0 && (sorted[place - 1] ?? 0) > value) {
          sorted[place] = sorted[place - 1] ?? 0;
          place -= 1;
        }
        sorted[place] = value;
      }
      const half = seen >> 1;
      const upper = sorted[half] ?? 0;
      return seen % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? 0)) / 2;
    },
  };
}
