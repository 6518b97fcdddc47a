// Owns: the picture of a run at scale, as an SVG that needs nothing else: for each change the
// distribution of gaps, and how many clients the busiest instance accepted in each second.

import { duration, number, percentile } from '../figures.js';
import { acceptMs, type ScaleOptions } from './model.js';
import type { ScaleChange } from './scale-world.js';

const width = 880;
const rowHeight = 270;
const top = 64;
const plot = { width: 350, height: 170 };
const columns = [64, 500] as const;
const gapMaxMs = 1_200;
const bucketMs = 20;
const tickSteps = [1, 2, 5, 10, 20] as const;

export function pictureOf(
  options: ScaleOptions,
  clients: number,
  changes: readonly ScaleChange[],
): string {
  const height = top + changes.length * rowHeight;
  const title = `${number(clients)} clients on ${options.instances} instances, ${number(options.partitions)} partitions`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(columns[0], 26, title, 'font-size="16" font-weight="600"'),
    text(
      columns[0],
      46,
      'Real hand-over machines in virtual time; clients by the model in simulation.md',
    ),
    ...changes.flatMap((change, row) => rowOf(options, change, top + row * rowHeight)),
    '</svg>',
    '',
  ].join('\n');
}

function rowOf(options: ScaleOptions, change: ScaleChange, y: number): readonly string[] {
  const { from, to, moved, waves, tookMs, series } = change;
  const verb = to > from ? 'Grow' : 'Shrink';
  const what = `${verb} ${from} to ${to}: ${number(moved.clients)} clients moved in ${number(waves)} waves, ${duration(tookMs)}`;
  const rates = series.map(({ most }) => most);
  const capacity = 1_000 / acceptMs;
  return [
    text(columns[0], y + 14, what, 'font-weight="600"'),
    ...gapPlot(change.gapsMs, columns[0], y + 34),
    ...ratePlot(rates, options.pace.acceptPerSecond, capacity, columns[1], y + 34),
  ];
}

function gapPlot(gapsMs: Float64Array, x: number, y: number): readonly string[] {
  const buckets = new Array<number>(gapMaxMs / bucketMs).fill(0);
  for (const gapMs of gapsMs) {
    const bucket = Math.min(buckets.length - 1, Math.floor(gapMs / bucketMs));
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  const most = Math.max(1, ...buckets);
  const step = plot.width / buckets.length;
  const bars = buckets.map((n, i) => {
    const high = (n / most) * plot.height;
    const at = { x: x + i * step, y: y + plot.height - high };
    return `<rect x="${round(at.x)}" y="${round(at.y)}" width="${round(step - 1)}" height="${round(high)}" fill="#3b6ea5"/>`;
  });
  const marks = [0.5, 0.99].flatMap((share) => {
    const ms = Math.round(percentile(gapsMs, share));
    return upright(x + (ms / gapMaxMs) * plot.width, y, `P${share * 100} ${ms} ms`);
  });
  const ticks = [0, 200, 400, 600, 800, 1_000].map((ms) =>
    text(x + (ms / gapMaxMs) * plot.width, y + plot.height + 16, `${ms}`, 'text-anchor="middle"'),
  );
  const maximum = Math.round(percentile(gapsMs, 1));
  return [
    ...bars,
    base(x, y),
    ...marks,
    ...ticks,
    text(
      x,
      y + plot.height + 32,
      `gap of a moved client, ms (maximum ${maximum}; last bar: above)`,
    ),
  ];
}

function ratePlot(
  rates: readonly number[],
  pace: number,
  capacity: number,
  x: number,
  y: number,
): readonly string[] {
  const most = Math.max(capacity * 1.1, ...rates);
  const seconds = Math.max(1, rates.length);
  const heightOf = (rate: number): number => y + plot.height - (rate / most) * plot.height;
  const points = rates.flatMap((rate, s) => {
    const h = round(heightOf(rate));
    return [s, s + 1].map((at) => `${round(x + (at / seconds) * plot.width)},${h}`);
  });
  const lines = [
    { rate: pace, below: 16, label: `pace of the policy, ${number(pace)}/s`, color: '#2e7d32' },
    {
      rate: capacity,
      below: -5,
      label: `most an instance can accept, ${number(capacity)}/s`,
      color: '#b23b3b',
    },
  ].flatMap(({ rate, below, label, color }) => {
    const h = round(heightOf(rate));
    return [
      `<line x1="${x}" y1="${h}" x2="${x + plot.width}" y2="${h}" stroke="${color}" stroke-dasharray="4 3"/>`,
      text(x + 6, h + below, label, `fill="${color}"`),
    ];
  });
  const every = tickSteps.find((step) => seconds / step <= 8) ?? 60;
  const ticks = Array.from({ length: Math.floor(seconds / every) + 1 }, (_, i) =>
    text(
      x + ((i * every) / seconds) * plot.width,
      y + plot.height + 16,
      `${i * every}`,
      'text-anchor="middle"',
    ),
  );
  return [
    `<polyline points="${points.join(' ')}" fill="none" stroke="#3b6ea5" stroke-width="1.5"/>`,
    base(x, y),
    ...lines,
    ...ticks,
    text(x, y + plot.height + 32, 'clients accepted by the busiest instance in each second, s'),
  ];
}

function upright(x: number, y: number, label: string): readonly string[] {
  const at = round(x);
  return [
    `<line x1="${at}" y1="${y}" x2="${at}" y2="${y + plot.height}" stroke="#c77700"/>`,
    text(at + 4, y + 10, label, 'fill="#c77700"'),
  ];
}

function base(x: number, y: number): string {
  const h = y + plot.height;
  return `<line x1="${x}" y1="${h}" x2="${x + plot.width}" y2="${h}" stroke="#222"/>`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const safe = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${safe}</text>`;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
