// Turns in virtual time: order, rate, bounds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/core/turns.js';
import { WaitingList } from '../../src/core/waiting-list.js';

describe('turns', () => {
  it('are taken at once up to the burst, then one by one at the rate', () => {
    const turns = new Turns({ perSecond: 10, burst: 3, waitMaxMs: 1_000 });
    expect(Array.from({ length: 6 }, () => turns.take(0))).toEqual([0, 0, 0, 100, 200, 300]);
  });

  it('are refused beyond the longest wait, and a refusal takes none', () => {
    const turns = new Turns({ perSecond: 10, burst: 1, waitMaxMs: 150 });
    expect([0, 0, 0, 0, 0].map(() => turns.take(0))).toEqual([0, 100, null, null, null]);
    expect(turns.take(100)).toBe(100);
  });

  it('come back to the full burst after a quiet time, and to no more', () => {
    const turns = new Turns({ perSecond: 10, burst: 2, waitMaxMs: 1_000 });
    turns.take(0);
    expect([1, 2, 3].map(() => turns.take(1_000_000))).toEqual([0, 0, 100]);
  });

  it('keep the order of coming and the rate, whatever the pattern', () => {
    const pattern = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(pattern, fc.integer({ min: 1, max: 20 }), (gaps, burst) => {
        const turns = new Turns({ perSecond: 50, burst, waitMaxMs: 2_000 });
        let nowMs = 0;
        const served: number[] = [];
        for (const gap of gaps) {
          nowMs += gap;
          const waitMs = turns.take(nowMs);
          if (waitMs !== null) served.push(nowMs + waitMs);
        }
        expect([...served].sort((a, b) => a - b)).toEqual(served);
        // In any window no more than the burst and what was earned meanwhile.
        served.forEach((atMs, i) => {
          const until = served.findIndex((other) => other >= atMs + 1_000);
          const count = (until < 0 ? served.length : until) - i;
          expect(count).toBeLessThanOrEqual(burst + 50 + 1);
        });
      }),
    );
  });
});

describe('a waiting list', () => {
  const limits = { perSecond: 10, burst: 1, waitMaxMs: 1_000, keepMs: 5_000 };

  it('serves who comes back in its turn, before whoever came later', () => {
    const list = new WaitingList(limits);
    expect(list.ask('a', 0)).toBe(0);
    expect(list.ask('b', 0)).toBe(100);
    expect(list.ask('c', 0)).toBe(200);
    expect(list.ask('late', 100)).toBe(200);
    expect(list.ask('b', 100)).toBe(0);
    expect(list.ask('c', 3_000)).toBe(0);
  });

  it('gives nobody a second place, and nothing for asking too early', () => {
    const list = new WaitingList(limits);
    list.ask('a', 0);
    list.ask('b', 0);
    for (let n = 0; n < 50; n += 1) expect(list.ask('b', 50)).toBe(50);
    expect(list.size()).toBe(1);
    expect(list.ask('c', 50)).toBe(150);
  });

  it('forgets who does not come back, and has room for as many as it says', () => {
    const list = new WaitingList(limits);
    for (let n = 0; n < 1_000; n += 1) list.ask(`u${n}`, 0);
    expect(list.size()).toBe(10);
    expect(list.ask('x', 0)).toBe(limits.waitMaxMs);
    expect(list.ask('x', 6_500)).toBe(0);
    expect(list.size()).toBe(0);
  });
});
