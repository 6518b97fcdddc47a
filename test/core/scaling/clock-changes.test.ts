import { describe, expect, it } from 'vitest';
import { offsetsOf } from '../../../src/core/scaling/clock-changes.js';
import { offsetAt } from '../../../src/core/forecast/local-time.js';

const hourMs = 3_600_000;

describe('the time zone', () => {
  it('tells both changes of a year to the second', () => {
    const year = offsetsOf('Europe/Berlin', Date.UTC(2025, 0, 1), Date.UTC(2026, 0, 1));
    expect(year).toEqual([
      { fromMs: Date.UTC(2025, 0, 1), offsetMs: hourMs },
      { fromMs: Date.UTC(2025, 2, 30, 1), offsetMs: 2 * hourMs },
      { fromMs: Date.UTC(2025, 9, 26, 1), offsetMs: hourMs },
    ]);
    expect(offsetAt(year, Date.UTC(2025, 2, 30, 1) - 1)).toBe(hourMs);
    expect(offsetAt(year, Date.UTC(2025, 2, 30, 1))).toBe(2 * hourMs);
    expect(offsetAt(year, 0)).toBe(hourMs);
    expect(offsetAt(year, Date.UTC(2030, 0, 1))).toBe(hourMs);
  });

  it('knows zones of half hours, and west of Greenwich', () => {
    const at = Date.UTC(2025, 6, 1, 12, 0, 0, 123);
    expect(offsetsOf('Asia/Kolkata', at, at)).toEqual([{ fromMs: at, offsetMs: 5.5 * hourMs }]);
    expect(offsetsOf('America/New_York', at, at)[0]?.offsetMs).toBe(-4 * hourMs);
  });

  it('refuses what is no zone, and a table without end', () => {
    expect(() => offsetsOf('Mars/Olympus', 0, 1)).toThrow(RangeError);
    expect(() => offsetsOf('UTC', 0, Infinity)).toThrow(
      /^untilMs: Infinity found; allowed is up to/,
    );
  });

  it('has no offset where no table is', () => {
    expect(offsetAt([], 5)).toBe(0);
  });
});
