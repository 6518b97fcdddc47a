// Owns: from what Prometheus answers to a range query to a trace, with a sentence for what is none: no series,
// several of them, values that are no load. Never asks anybody.

import { BadInputError } from '../../errors.js';
import { evenly, valueAllowed, isValue, type Trace } from '../../lab/trace.js';
import type { SeriesRange } from '../../time-series-port.js';

const field = '--prometheus';
const seriesShown = 3;

/** @throws BadInputError naming the series or the time that is wrong */
export function traceOfRange(query: string, answer: readonly SeriesRange[], stepMs: number): Trace {
  const [series, ...others] = answer;
  if (series === undefined || series.points.length < 2) {
    const found = series === undefined ? 'no series' : 'a single value';
    throw bad(
      `${query} has ${found} in that time`,
      found,
      'a query that has values, over a time that is kept',
    );
  }
  if (others.length > 0) {
    const some = answer.slice(0, seriesShown).map(({ labels }) => labelsText(labels));
    const more = answer.length > seriesShown ? ', …' : '';
    const found = `${answer.length} series: ${some.join(', ')}${more}`;
    throw bad(
      `${query} has ${answer.length} series, and a trace is one`,
      found,
      'one series, for example sum(…)',
    );
  }
  const { points } = series;
  for (const { atMs, value } of points) {
    if (isValue(value)) continue;
    const found = `${value} at ${placeOf(atMs)}`;
    throw bad(`${query} is ${found}`, found, valueAllowed);
  }
  return evenly(
    Float64Array.from(points, ({ atMs }) => atMs),
    Float64Array.from(points, ({ value }) => value),
    { stepMs, placeOf: (row) => `${field}, at ${placeOf(points[row]?.atMs ?? 0)}` },
  );
}

const placeOf = (atMs: number): string => new Date(atMs).toISOString();

function labelsText(labels: SeriesRange['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.join(', ')}}`;
}

function bad(sentence: string, found: string, allowed: string): BadInputError {
  return new BadInputError(`${field}: ${sentence}`, { field, found, allowed });
}
