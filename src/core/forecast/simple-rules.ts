// Owns: the rules that a person would try first. They learn nothing and cost nothing, and every other
// model is measured against the best of them.

import type { History } from './history.js';
import { rule, type Model } from './model.js';

/** What is now stays. It is the first of every competition: it can always tell, from the first value on. */
export const lastValue = (): Model => rule('last value', (history) => history.lastKnown);

/** The same local time yesterday, or the latest such day that is known. */
export const yesterday = (): Model =>
  rule('yesterday', (history) => season(history, history.grid.day));

/** The same local time a week ago. */
export const lastWeek = (): Model =>
  rule('last week', (history) => season(history, history.grid.week));

/**
 * Last week's value, times what now is to what was a week ago. Says nothing where a week ago there was
 * nothing: a ratio to nothing is no ratio.
 */
export const lastWeekRatio = (): Model =>
  rule('last week by ratio', (history) => {
    const { horizon, week } = history.grid;
    const lag = history.seasonLag(history.beyondHorizon(week), 'next');
    if (!history.has(lag + horizon)) return Number.NaN;
    const weekAgo = history.at(lag + horizon);
    return weekAgo > 0 ? (history.at(lag) * history.lastKnown) / weekAgo : Number.NaN;
  });

/** The middle of the last three values: a single spike is no level. */
export const medianOfThree = (): Model =>
  rule('median of three', (history) =>
    history.has(2) ? middle(history.at(0), history.at(1), history.at(2)) : Number.NaN,
  );

function season(history: History, steps: number): number {
  const lag = history.seasonLag(history.beyondHorizon(steps), 'next');
  return history.has(lag) ? history.at(lag) : Number.NaN;
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
