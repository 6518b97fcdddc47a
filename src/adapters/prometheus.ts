// Owns: the port TimeSeriesSource against the HTTP API of Prometheus (or what speaks it: Thanos, Mimir,
// VictoriaMetrics). Knows windows and parts; requests and answers are in prometheus/.

import { BadInputError } from '../errors.js';
import { aText, checkGiven } from '../given.js';
import type { PrometheusAccess } from '../connections/prometheus.js';
import type { RangeWindow, SeriesRange, TimeSeriesSource } from '../time-series-port.js';
import { readInstant, readRange } from './prometheus/answer.js';
import { partsMax, pointsPerRequest, rangeRequestMs, requestMs } from './prometheus/limits.js';
import { post } from './prometheus/request.js';

export function prometheusSource(access: PrometheusAccess): TimeSeriesSource {
  checkGiven('prometheusSource', access, { url: aText });
  return {
    instant: async (query, withinMs = requestMs) => {
      const form = { query, timeout: seconds(withinMs) };
      return readInstant(query, await post(access, '/api/v1/query', form, withinMs));
    },
    range: async (query, window, withinMs = rangeRequestMs) => {
      const answers: (readonly SeriesRange[])[] = [];
      for (const { fromMs, toMs } of partsOf(window)) {
        const form = {
          query,
          start: seconds(fromMs, ''),
          end: seconds(toMs, ''),
          step: seconds(window.stepMs, ''),
          timeout: seconds(withinMs),
        };
        const answer = await post(access, '/api/v1/query_range', form, withinMs);
        answers.push(readRange(query, answer));
      }
      return joined(answers);
    },
  };
}

const seconds = (ms: number, unit = 's'): string => `${ms / 1_000}${unit}`;

/** Windows of at most `pointsPerRequest` points, on one grid, without overlap. */
export function partsOf({ fromMs, toMs, stepMs }: RangeWindow): RangeWindow[] {
  const points = Math.floor((toMs - fromMs) / stepMs) + 1;
  if (!(stepMs >= 1_000) || !(points >= 1) || points > partsMax * pointsPerRequest) {
    throw new BadInputError(
      `a window of ${points} points every ${stepMs} ms cannot be read; at most ${partsMax * pointsPerRequest}, every 1000 ms or more`,
      {
        field: 'window',
        found: { fromMs, toMs, stepMs },
        allowed: 'a shorter window or a longer step',
      },
    );
  }
  const parts: RangeWindow[] = [];
  for (let from = 0; from < points; from += pointsPerRequest) {
    const last = Math.min(from + pointsPerRequest, points) - 1;
    parts.push({ fromMs: fromMs + from * stepMs, toMs: fromMs + last * stepMs, stepMs });
  }
  return parts;
}

/** Parts follow each other, so series of the same labels are put together as they come. */
function joined(answers: readonly (readonly SeriesRange[])[]): readonly SeriesRange[] {
  const byLabels = new Map<
    string,
    { labels: SeriesRange['labels']; points: SeriesRange['points'][] }
  >();
  for (const { labels, points } of answers.flat()) {
    const key = JSON.stringify(Object.entries(labels).sort());
    const known = byLabels.get(key);
    if (known === undefined) byLabels.set(key, { labels, points: [points] });
    else known.points.push(points);
  }
  return [...byLabels.values()].map(({ labels, points }) => ({ labels, points: points.flat() }));
}
