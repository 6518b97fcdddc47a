// What Prometheus may answer, and what of it is a trace.
import { describe, expect, it } from 'vitest';
import { traceOfRange } from '../../../src/cli/simulate/trace-of-range.js';
import { BadInputError } from '../../../src/errors.js';
import type { SeriesRange } from '../../../src/time-series-port.js';

const startMs = Date.UTC(2026, 5, 1);
const stepMs = 300_000;
const series = (values: readonly (number | undefined)[], labels = {}): SeriesRange => ({
  labels,
  points: values.flatMap((value, at) =>
    value === undefined ? [] : [{ atMs: startMs + at * stepMs, value }],
  ),
});
const hundreds = new Array<number | undefined>(300).fill(100);

function refusal(answer: readonly SeriesRange[]): BadInputError {
  try {
    traceOfRange('users', answer, stepMs);
  } catch (error) {
    if (error instanceof BadInputError) return error;
  }
  throw new Error('it was accepted');
}

describe('the answer to a range query', () => {
  it('is a trace when it is one series, a few missing steps filled', () => {
    const values = [...hundreds];
    values[7] = undefined;
    const trace = traceOfRange('users', [series(values)], stepMs);
    expect([trace.startMs, trace.stepMs, trace.values.length]).toEqual([startMs, stepMs, 300]);
    expect([...trace.filled]).toEqual([7]);
  });

  const wrong: readonly [string, SeriesRange[], string, string][] = [
    ['nothing', [], 'no series', 'a query that has values'],
    ['one value', [series([1])], 'a single value', 'a query that has values'],
    [
      'several series',
      [series([1, 2], { instance: 'a' }), series([1, 2], { instance: 'b' })],
      '2 series: {instance="a"}, {instance="b"}',
      'sum(…)',
    ],
    ['a NaN', [series([1, NaN, 3])], 'NaN at 2026-06-01T00:05:00.000Z', 'a number from 0'],
    ['an infinity', [series([1, Infinity])], 'Infinity at', 'a number from 0'],
    ['a negative value', [series([-1, 3])], '-1 at 2026-06-01T00:00:00.000Z', 'a number from 0'],
  ];
  it.each(wrong)('is refused with %s', (_, answer, found, allowed) => {
    const error = refusal(answer);
    expect(error.field).toBe('--prometheus');
    expect(error.found).toContain(found);
    expect(error.allowed).toContain(allowed);
  });

  it('is refused with a long gap, by its time', () => {
    const values = [...hundreds];
    values.fill(undefined, 100, 110);
    const error = refusal([series(values)]);
    expect(error.field).toBe('--prometheus, at 2026-06-01T09:10:00.000Z');
    expect(error.found).toBe('10 missing rows, 10 of them before this one');
  });
});
