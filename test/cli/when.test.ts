import { describe, expect, it } from 'vitest';
import { durationMs, durationText, timeText } from '../../src/cli/when.js';

describe('times for people', () => {
  it('are in UTC, to the second', () => {
    expect(timeText(Date.UTC(2026, 10, 24, 9, 8, 5, 678))).toBe('2026-11-24 09:08:05Z');
  });

  it.each([
    [840, '840 ms'],
    [12_340, '12.3 s'],
    [245_000, '4 min 5 s'],
    [12_000_000, '3 h 20 min'],
  ])('%d ms last %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
  ])('%s is %d ms', (text, ms) => expect(durationMs('--last', text)).toBe(ms));

  it.each(['', '1', 'h', '0h', '-1h', '1w', '1.5h'])('%j is refused by name', (text) => {
    expect(() => durationMs('--last', text)).toThrow(/^--last is/);
  });
});
