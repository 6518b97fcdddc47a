import { describe, expect, it } from 'vitest';
import {
  firstPatienceMs,
  forwardOutageMaxMs,
  nextPatienceMs,
  outageText,
  patienceMaxMs,
  pauseMs,
} from '../../../src/core/saga/outage.js';

/** How the tries of an outage that never ends follow each other, until the limit or `callsMax`. */
function callsUntil(limitMs: number, callsMax: number) {
  const patiences: number[] = [firstPatienceMs];
  let awayMs = firstPatienceMs;
  while (patiences.length < callsMax) {
    const next = nextPatienceMs(awayMs, limitMs);
    if (next === null) break;
    patiences.push(next);
    awayMs += next;
  }
  return { patiences, awayMs };
}

describe('waiting for something that is away', () => {
  it('ends exactly at the limit, after few calls', () => {
    const { patiences, awayMs } = callsUntil(forwardOutageMaxMs, 100);
    expect(awayMs).toBe(forwardOutageMaxMs);
    expect(patiences.length).toBeLessThanOrEqual(9);
  });

  it('outlasts a minute before the point of no return by far', () => {
    expect(nextPatienceMs(60_000, forwardOutageMaxMs)).not.toBeNull();
    expect(nextPatienceMs(forwardOutageMaxMs - 1, forwardOutageMaxMs)).toBe(1);
    expect(nextPatienceMs(forwardOutageMaxMs, forwardOutageMaxMs)).toBeNull();
  });

  it('never ends without a limit, and writes a bounded number of lines an hour', () => {
    const { patiences, awayMs } = callsUntil(Number.POSITIVE_INFINITY, 40);
    expect(patiences.length).toBe(40);
    expect(Math.max(...patiences)).toBe(patienceMaxMs);
    expect(awayMs).toBeGreaterThan(2 * 3_600_000);
  });

  it('is told within seconds, and looked at again soon at first', () => {
    expect(firstPatienceMs).toBeLessThanOrEqual(5_000);
    expect([1, 2, 3, 4, 5, 50].map(pauseMs)).toEqual([200, 400, 800, 1_600, 2_000, 2_000]);
  });

  it('is said with the time of day and the tries', () => {
    const sinceMs = Date.UTC(2026, 10, 24, 13, 5, 12);
    expect(outageText({ what: 'ConfigDB', sinceMs, tries: 7 })).toBe(
      'ConfigDB does not answer since 13:05:12 UTC, tried 7 times',
    );
  });
});
