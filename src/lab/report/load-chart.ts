// Owns: the chart of load and what could be served over time. Scales by d3-scale, paths by d3-shape.

import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { dayMs } from '../../core/forecast/grid.js';
import { framed, plotOf, type Size } from './frame.js';
import { shortNumber } from './markup.js';
import { bucketsOf, type Bucket, type Timeline } from './timeline.js';

export interface LoadChart {
  readonly timeline: Timeline;
  readonly from: number;
  readonly to: number;
  readonly about: string;
}

const longMs = 60 * dayMs;
const pixelsPerTick = 80;

export function loadChart({ timeline, from, to, about }: LoadChart, size: Size): string {
  const { trace, served } = timeline;
  const { left, right, top, bottom } = plotOf(size);
  const buckets = bucketsOf(timeline, { from, to, count: right - left });
  const spanMs = (to - from) * trace.stepMs;
  const fromMs = trace.startMs + from * trace.stepMs;
  const x = scaleUtc([fromMs, fromMs + spanMs], [left, right]);
  const highest = Math.max(
    1e-9,
    ...buckets.map(({ most, capacity }) => Math.max(most, ...capacity)),
  );
  const y = scaleLinear([0, highest], [bottom, top]).nice();
  const form = spanMs > longMs ? '%b %Y' : spanMs > 2 * dayMs ? '%a %d %b' : '%H:%M';
  const count = Math.max(2, Math.floor((right - left) / pixelsPerTick));

  const load = area<Bucket>()
    .x(({ atMs }) => x(atMs))
    .y0(({ least }) => y(least) + 0.75)
    .y1(({ most }) => y(most) - 0.75)
    .digits(1);
  const lines = served.map((_, at) =>
    line<Bucket>()
      .x(({ atMs }) => x(atMs))
      .y(({ capacity }) => y(capacity[at] ?? 0))
      .curve(curveStepAfter)
      .digits(1)(buckets),
  );
  const over = buckets.filter((bucket) => bucket.over);
  const mark = Math.max(1.5, (right - left) / buckets.length);
  return framed({
    size,
    about,
    xName: 'UTC',
    yName: 'connected users',
    x: x.ticks(count).map((at) => ({ at: x(at), label: x.tickFormat(count, form)(at) })),
    y: y.ticks(5).map((at) => ({ at: y(at), label: shortNumber(at) })),
    marks: [
      ...over.map(
        ({ atMs }) =>
          `<rect class="over" x="${x(atMs).toFixed(1)}" y="${top}" width="${mark.toFixed(1)}" height="${bottom - top}"/>`,
      ),
      `<path class="load" d="${load(buckets) ?? ''}"/>`,
      ...lines.map((path, at) => `<path class="served s${at}" d="${path ?? ''}"/>`),
    ],
  });
}
