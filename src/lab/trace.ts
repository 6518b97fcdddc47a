// Owns: a recorded load as a regular series, and reading it line by line: what is wrong is told with its
// line, what was found and what is allowed; a few missing rows are filled and counted. Never opens a file.

import { dayMs } from '../core/forecast/grid.js';
import { BadInputError } from '../errors.js';
import {
  traceGapSharePercentMax,
  traceLineMaxChars,
  traceRowsMax,
  traceStepMaxMs,
  traceStepMinMs,
} from '../limits.js';
import { timeOf, timestampsAllowed } from './timestamps.js';

/** Connected users of a whole service, every `stepMs`. */
export interface Trace {
  readonly startMs: number;
  readonly stepMs: number;
  /** One for each step, those that were missing included. */
  readonly values: Float64Array;
  /** Steps whose row was missing: their values lie on the line between their neighbours. */
  readonly filled: ReadonlySet<number>;
}

export const traceHeader = 'timestamp,value';
/** More people than that are not on earth, a hundred times over. */
const valueMax = 1e12;
export const valueAllowed = `a number from 0 to ${valueMax}`;
export const isValue = (value: number): boolean => value >= 0 && value <= valueMax;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Distances between rows that are told apart when the usual one is looked for. */
const distancesMax = 1_000;
const firstLine = 2;

/**
 * Takes the lines of a trace one after the other, the header first; 16 bytes a row are kept. Both methods
 * throw BadInputError with the line in `field`.
 */
export class TraceReader {
  private times = new Float64Array(1_024);
  private values = new Float64Array(1_024);
  private rows = 0;
  private lines = 0;
  /** The first of the empty lines at the end, so far. */
  private emptyAt = 0;

  take(line: string): void {
    this.lines += 1;
    const text = (this.lines === 1 ? line.replace(/^\uFEFF/, '') : line).trimEnd();
    if (text.length > traceLineMaxChars) {
      const allowed = `at most ${traceLineMaxChars} characters in a line`;
      throw bad(this.lines, `${text.slice(0, 40)}…, a line of ${text.length}`, allowed);
    }
    if (this.lines === 1) return checkHeader(text);
    if (text === '') {
      if (this.emptyAt === 0) this.emptyAt = this.lines;
      return;
    }
    if (this.emptyAt > 0) throw bad(this.emptyAt, 'an empty line', 'empty lines only at the end');
    this.row(text);
  }

  end(): Trace {
    if (this.lines === 0) throw bad(1, 'nothing', `the header ${traceHeader}`);
    if (this.rows < 2) {
      throw bad(
        this.lines,
        `${this.rows} rows`,
        'at least two rows, so that their distance is known',
      );
    }
    return evenly(this.times.subarray(0, this.rows), this.values.subarray(0, this.rows));
  }

  private row(text: string): void {
    const [time = '', value = '', ...more] = text.split(',');
    if (more.length > 0 || !text.includes(',')) {
      throw bad(
        this.lines,
        `${text} (${more.length + (text.includes(',') ? 2 : 1)} columns)`,
        `two columns: ${traceHeader}`,
      );
    }
    const atMs = timeOf(time.trim());
    if (Number.isNaN(atMs)) throw bad(this.lines, `the time ${said(time)}`, timestampsAllowed);
    const number = decimal.test(value.trim()) ? Number(value) : NaN;
    if (!isValue(number)) {
      throw bad(this.lines, `the value ${said(value)}`, valueAllowed);
    }
    const before = this.times[this.rows - 1];
    if (before !== undefined && atMs <= before) {
      const what = atMs === before ? 'the same time as' : 'a time before that of';
      const allowed = 'each time once, in ascending order';
      throw bad(this.lines, `${time.trim()}, ${what} line ${this.lines - 1}`, allowed);
    }
    if (this.rows === traceRowsMax) {
      throw bad(this.lines, `more than ${traceRowsMax} rows`, `at most ${traceRowsMax} rows`);
    }
    if (this.rows === this.times.length) {
      this.times = grown(this.times);
      this.values = grown(this.values);
    }
    this.times[this.rows] = atMs;
    this.values[this.rows] = number;
    this.rows += 1;
  }
}

export interface RowsKnown {
  /** Between two rows; absent: what most have between them. */
  readonly stepMs?: number;
  /** How a person finds a row; absent: by the line of its file. */
  readonly placeOf?: (row: number) => string;
}

/** Rows as a regular series; each time once, ascending. @throws BadInputError naming the place */
export function evenly(times: Float64Array, values: Float64Array, known: RowsKnown = {}): Trace {
  const { stepMs = usualDistance(times), placeOf = (row) => lineName(row + firstLine) } = known;
  if (stepMs < traceStepMinMs || stepMs > traceStepMaxMs) {
    const allowed = `${traceStepMinMs / 1_000} s to ${traceStepMaxMs / dayMs} days between two rows`;
    throw badAt(placeOf(1), `${stepMs / 1_000} s after the row before it`, allowed);
  }
  const missing = missingRows(times, stepMs, placeOf);
  const filled = new Set<number>();
  const startMs = times[0] ?? 0;
  if (missing === 0) return { startMs, stepMs, values: values.slice(), filled };

  const whole = new Float64Array(times.length + missing);
  let to = 0;
  times.forEach((atMs, row) => {
    const steps = row === 0 ? 1 : Math.round((atMs - (times[row - 1] ?? 0)) / stepMs);
    const [from = 0, until = 0] = [values[Math.max(0, row - 1)], values[row]];
    for (let step = 1; step < steps; step += 1) {
      filled.add(to);
      whole[to++] = from + ((until - from) * step) / steps;
    }
    whole[to++] = until;
  });
  return { startMs, stepMs, values: whole, filled };
}

/** What most rows have between them. */
function usualDistance(times: Float64Array): number {
  const counts = new Map<number, number>();
  for (let row = 1; row < times.length && counts.size < distancesMax; row += 1) {
    const distance = (times[row] ?? 0) - (times[row - 1] ?? 0);
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  const [usual] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
  return usual;
}

function missingRows(
  times: Float64Array,
  stepMs: number,
  placeOf: (row: number) => string,
): number {
  let missing = 0;
  let firstGap: { row: number; rows: number } | undefined;
  for (let row = 1; row < times.length; row += 1) {
    const distance = (times[row] ?? 0) - (times[row - 1] ?? 0);
    const steps = distance / stepMs;
    if (!Number.isInteger(steps)) {
      const found = `${distance / 1_000} s after the row before it`;
      throw badAt(placeOf(row), found, `whole multiples of ${stepMs / 1_000} s, as most rows have`);
    }
    if (steps > 1) firstGap ??= { row, rows: steps - 1 };
    missing += steps - 1;
  }
  const most = Math.floor(((times.length + missing) * traceGapSharePercentMax) / 100);
  if (firstGap !== undefined && missing > most) {
    const found = `${missing} missing rows, ${firstGap.rows} of them before this one`;
    const allowed = `at most ${most}, which is ${traceGapSharePercentMax} %; fill them, or use a part without gaps`;
    throw badAt(placeOf(firstGap.row), found, allowed);
  }
  return missing;
}

function checkHeader(text: string): void {
  if (text === traceHeader) return;
  throw bad(1, text === '' ? 'an empty line' : `the header ${said(text)}`, traceHeader);
}

const lineName = (line: number): string => `line ${line}`;

const bad = (line: number, found: string, allowed: string): BadInputError =>
  badAt(lineName(line), found, allowed);

function badAt(field: string, found: string, allowed: string): BadInputError {
  return new BadInputError(`trace: ${field} has ${found}; allowed is ${allowed}`, {
    field,
    found,
    allowed,
  });
}

const said = (text: string): string =>
  text.trim() === '' ? '"" (empty)' : `"${text.slice(0, 60)}"`;

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
