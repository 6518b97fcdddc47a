// Reading a trace: what is accepted, and the sentence for whatever is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../src/errors.js';
import { traceHeader } from '../../src/lab/trace.js';
import { traceOfLines } from './given-trace.js';

const rows = (...lines: string[]): string[] => [traceHeader, ...lines];
const minute = (n: number): string =>
  `2026-06-01 ${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00`;
const regular = (count: number, without: readonly number[] = []): string[] =>
  Array.from({ length: count }, (_, n) => n)
    .filter((n) => !without.includes(n))
    .map((n) => `${minute(n)},${10 * n}`);

function refusal(lines: readonly string[]): BadInputError {
  try {
    traceOfLines(lines);
  } catch (error) {
    if (error instanceof BadInputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a trace', () => {
  it('is read with plain, ISO and epoch times, as the same series', () => {
    const series = [
      rows('2026-06-01 00:00:00,1', '2026-06-01 00:05:00,2.5', '2026-06-01 00:10:00,0'),
      rows('2026-06-01T00:00:00Z,1', '2026-06-01T02:05:00+02:00,2.5', '2026-06-01T00:10Z,0'),
      rows('1780272000,1', '1780272300.0,2.5', '1780272600,0e0', '', ''),
      rows('2026-06-01 00:00:00,1\r', '2026-06-01 00:05:00,2.5\r', '2026-06-01 00:10:00,0\r'),
      [
        `\uFEFF${traceHeader}`,
        '2026-06-01 00:00:00, 1',
        '2026-06-01 00:05:00,2.5',
        '2026-06-01 00:10:00,0',
      ],
    ].map(traceOfLines);
    for (const { startMs, stepMs, values, filled } of series) {
      expect({ startMs, stepMs, values: [...values], filled: filled.size }).toEqual({
        startMs: Date.UTC(2026, 5, 1),
        stepMs: 300_000,
        values: [1, 2.5, 0],
        filled: 0,
      });
    }
  });

  it('has a few missing rows filled on the line between their neighbours, and says which', () => {
    const { values, filled } = traceOfLines(rows(...regular(600, [100, 101, 400])));
    expect(values.length).toBe(600);
    expect([...filled]).toEqual([100, 101, 400]);
    expect([values[99], values[100], values[101], values[102]]).toEqual([990, 1000, 1010, 1020]);
  });

  it('is refused with more than one row in a hundred missing', () => {
    const { field, found, allowed } = refusal(rows(...regular(200, [50, 51, 52])));
    expect(field).toBe('line 52');
    expect(found).toBe('3 missing rows, 3 of them before this one');
    expect(allowed).toContain('at most 2, which is 1 %');
  });

  it('is taken with a million rows', () => {
    const lines = [traceHeader];
    for (let n = 0; n < 1_000_000; n += 1) lines.push(`${1_700_000_000 + 60 * n},${n % 1000}`);
    const { values, stepMs } = traceOfLines(lines);
    expect([values.length, stepMs, values[999_999]]).toEqual([1_000_000, 60_000, 999]);
  });

  const wrong: readonly [string, string[], string, string, string][] = [
    ['nothing', [], 'line 1', 'nothing', traceHeader],
    ['another header', ['time,users', '1,2'], 'line 1', 'the header "time,users"', traceHeader],
    ['only a header', rows(), 'line 1', '0 rows', 'at least two rows'],
    ['one row', rows('2026-06-01 00:00:00,1'), 'line 2', '1 rows', 'at least two rows'],
    ['a third column', rows('1,2', '3,4,5'), 'line 3', '3,4,5 (3 columns)', 'two columns'],
    ['no comma', rows('1;2'), 'line 2', '1;2 (1 columns)', 'two columns'],
    [
      'a day that is none',
      rows('2026-02-30 00:00:00,1'),
      'line 2',
      '"2026-02-30 00:00:00"',
      'YYYY-MM-DD',
    ],
    ['an hour that is none', rows('2026-02-20 24:00:00,1'), 'line 2', 'the time', 'YYYY-MM-DD'],
    ['milliseconds', rows('1780272000000,1'), 'line 2', '"1780272000000"', 'seconds since 1970'],
    ['NaN', rows('1,2', '2,NaN'), 'line 3', 'the value "NaN"', 'a number from 0'],
    ['infinity', rows('1,Infinity'), 'line 2', 'the value "Infinity"', 'a number from 0'],
    ['a hexadecimal number', rows('1,0x10'), 'line 2', 'the value "0x10"', 'a number from 0'],
    ['no value', rows('1,'), 'line 2', 'the value "" (empty)', 'a number from 0'],
    ['a negative value', rows('1,-3'), 'line 2', 'the value "-3"', 'a number from 0'],
    [
      'a time twice',
      rows('1,2', '2,2', '2,3'),
      'line 4',
      '2, the same time as line 3',
      'each time once',
    ],
    [
      'disorder',
      rows('1,2', '3,2', '2,3'),
      'line 4',
      '2, a time before that of line 3',
      'ascending',
    ],
    [
      'uneven rows',
      rows('0,1', '60,1', '120,1', '150,1'),
      'line 5',
      '30 s after',
      'whole multiples of 60 s',
    ],
    ['rows too near', rows('0,1', '0.5,1', '1,1'), 'line 3', '0.5 s after', '1 s to 7 days'],
    ['an empty line between', rows('0,1', '', '1,1'), 'line 3', 'an empty line', 'only at the end'],
    ['an endless line', ['x'.repeat(5_000)], 'line 1', 'a line of 5000', 'at most 200 characters'],
  ];
  it.each(wrong)('is refused with %s, by its line', (_, lines, field, found, allowed) => {
    const error = refusal(lines);
    expect(error.field).toBe(field);
    expect(error.found).toContain(found);
    expect(error.allowed).toContain(allowed);
    expect(error.message).toContain(`trace: ${field} has `);
  });

  it('is regular or refused, whatever the text', () => {
    const cell = fc.oneof(
      fc.constantFrom(
        '',
        '0',
        '1',
        '60',
        '120',
        '180',
        '1e3',
        '-1',
        'NaN',
        ' 5 ',
        '2026-06-01 00:00:00',
      ),
      fc.string({ maxLength: 12 }),
    );
    const line = fc.oneof(
      fc.array(cell, { minLength: 1, maxLength: 3 }).map((cells) => cells.join(',')),
      fc.string({ maxLength: 300 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        try {
          const { values, filled, stepMs } = traceOfLines([traceHeader, ...lines]);
          expect(values.length).toBeGreaterThanOrEqual(2 + filled.size);
          expect(stepMs).toBeGreaterThan(0);
          expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
        } catch (error) {
          if (!(error instanceof BadInputError)) throw error;
          expect(error.field).toMatch(/^line \d+$/);
        }
      }),
    );
  });
});
