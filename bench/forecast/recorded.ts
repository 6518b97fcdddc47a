// Owns: the recorded load of test/data/load, and what is made of it: other horizons, parts, coarser steps,
// jumps, noise, lost days. Measures nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../../stack/checkout.js';
import { randomOf } from '../random.js';

export interface Series {
  readonly kind: string;
  readonly name: string;
  /** undefined: a gap. */
  readonly values: readonly (number | undefined)[];
  /** Steps of a day. */
  readonly day: number;
  /** Steps ahead. */
  readonly horizon: number;
  /** First row that is scored. */
  readonly from: number;
}

/** A series without gaps. */
export type RecordedSeries = Omit<Series, 'values'> & { readonly values: readonly number[] };

export const recordedNames = ['nyc_taxi', 'asg_group', 'tweets_aapl'] as const;
export type RecordedName = (typeof recordedNames)[number];

const scored = {
  nyc_taxi: { day: 48, horizon: 1, from: 1_337 },
  asg_group: { day: 288, horizon: 3, from: 2_119 },
  tweets_aapl: { day: 288, horizon: 3, from: 3_019 },
} as const;

/** A recorded series with the rows and the horizon that its known errors are of. */
export function recordedOf(name: RecordedName): RecordedSeries {
  const text = readFileSync(join(checkoutDir, 'test', 'data', 'load', `${name}.csv`), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  const values = rows.map((row) => Number(row.slice(row.indexOf(',') + 1)));
  return { kind: 'recorded', name, values, ...scored[name] };
}

/** Scored from where last week is known for a while, or from two fifths of what is shorter. */
export function seriesOf(
  kind: string,
  name: string,
  values: readonly (number | undefined)[],
  { day, horizon }: { readonly day: number; readonly horizon: number },
): Series {
  const length = values.length;
  const from = Math.min(7 * day + horizon + Math.floor(length / 20), Math.floor(length * 0.4));
  return { kind, name, values, day, horizon, from };
}

/** One recorded series in many shapes. */
export function shapesOf(name: RecordedName): Series[] {
  const { values, day, horizon } = recordedOf(name);
  const grid = { day, horizon };
  const half = values.length >> 1;
  const month = 30 * day;
  const random = randomOf(7);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const noisy = (share: number): number[] =>
    values.map((value) => Math.max(0, value + share * mean * 2 * (random() + random() - 1)));
  const jump = Math.floor(values.length * 0.6);
  const changed = (what: string, other: readonly (number | undefined)[]): Series =>
    seriesOf('changed', `${name}, ${what}`, other, grid);
  return [
    ...[1, 2, 6, 12]
      .filter((other) => other !== horizon)
      .map((other) =>
        seriesOf('horizon', `${name}, ${other} steps ahead`, values, { day, horizon: other }),
      ),
    seriesOf('part', `${name}, first half`, values.slice(0, half), grid),
    seriesOf('part', `${name}, second half`, values.slice(half), grid),
    ...Array.from({ length: Math.floor(values.length / month) }, (_, n) =>
      seriesOf('part', `${name}, month ${n + 1}`, values.slice(n * month, (n + 1) * month), grid),
    ),
    seriesOf('part', `${name}, 10 days`, values.slice(5 * day, 15 * day), grid),
    seriesOf('part', `${name}, 5 days`, values.slice(3 * day, 8 * day), grid),
    seriesOf('part', `${name}, most of a day`, values.slice(3 * day, Math.floor(3.9 * day)), grid),
    ...[2, 3, 6, 12]
      .filter((steps) => day % steps === 0 && day / steps >= 12)
      .map((steps) =>
        seriesOf('coarser', `${name}, ${steps} steps in one`, means(values, steps), {
          day: day / steps,
          horizon: 1,
        }),
      ),
    changed(
      'doubled at 60 %',
      values.map((v, row) => (row > jump ? 2 * v : v)),
    ),
    changed(
      'a third from 60 %',
      values.map((v, row) => (row > jump ? v / 3 : v)),
    ),
    changed('noise of a fifth', noisy(0.25)),
    changed('noise of half', noisy(0.6)),
    changed(
      'every ninth day lost',
      values.map((v, row) => (Math.floor(row / day) % 9 === 5 ? undefined : v)),
    ),
    changed(
      'a tenth of the values lost',
      values.map((v) => (random() < 0.1 ? undefined : v)),
    ),
    changed('an hour left out', [
      ...values.slice(0, jump),
      ...values.slice(jump + Math.round(day / 24)),
    ]),
  ];
}

function means(values: readonly number[], steps: number): number[] {
  return Array.from({ length: Math.floor(values.length / steps) }, (_, n) => {
    const part = values.slice(n * steps, (n + 1) * steps);
    return part.reduce((sum, value) => sum + value, 0) / steps;
  });
}
