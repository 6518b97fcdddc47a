import { describe, expect, it } from 'vitest';
import { copyOf, elapse, textOf } from '../../../src/simulate/explore/graph.js';

class Counter {
  count = 0;
  readonly seen = new Set<string>();
  add(what: string): void {
    this.count += 1;
    this.seen.add(what);
  }
}

describe('a copy of a machine', () => {
  it('works like the original and leaves it alone', () => {
    const original = new Counter();
    original.add('a');
    const copy = copyOf(original);
    copy.add('b');
    expect([...copy.seen]).toEqual(['a', 'b']);
    expect({ count: original.count, seen: [...original.seen] }).toEqual({ count: 1, seen: ['a'] });
  });

  it('keeps what was one object one object', () => {
    const shared = { at: 1 };
    const copy = copyOf({ list: [shared], map: new Map([['x', shared]]) });
    expect(copy.list[0]).toBe(copy.map.get('x'));
    expect(copy.list[0]).not.toBe(shared);
  });

  it('follows a circle', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const copy = copyOf(circle);
    expect(copy.self).toBe(copy);
    expect(textOf(copy)).toBe(textOf(circle));
  });
});

describe('the text of a state', () => {
  it('is equal for equal states and tells apart what differs', () => {
    const state = (n: number) => ({
      map: new Map([[1, { n }]]),
      set: new Set(['a']),
      list: [null],
    });
    expect(textOf(state(1))).toBe(textOf(state(1)));
    expect(textOf(state(1))).not.toBe(textOf(state(2)));
  });

  it('tells one object twice from two equal ones', () => {
    const shared = {};
    expect(textOf([shared, shared])).not.toBe(textOf([{}, {}]));
  });

  it('tells text from what looks like it', () => {
    expect(new Set([null, 'null', 0, '0', undefined].map(textOf)).size).toBe(5);
    expect(textOf(['a,', 'b'])).not.toBe(textOf(['a', ',b']));
  });
});

describe('time in a state', () => {
  const horizons = { readAtMs: 2, firstSentAtMs: 3 };

  it('moves moments back, as far as their horizon', () => {
    const state = { readAtMs: 0, sent: { firstSentAtMs: new Map([[1, -2]]) }, ttlMs: 5 };
    elapse(state, 1, horizons);
    expect(state).toEqual({ readAtMs: -1, sent: { firstSentAtMs: new Map([[1, -3]]) }, ttlMs: 5 });
    elapse(state, 9, horizons);
    expect(state).toEqual({ readAtMs: -2, sent: { firstSentAtMs: new Map([[1, -3]]) }, ttlMs: 5 });
  });

  it('refuses a field of which nobody said whether it is a moment', () => {
    expect(() => {
      elapse({ deep: [{ inventedAtMs: 1 }] }, 1, horizons);
    }).toThrow(/inventedAtMs/);
  });

  it('leaves "never" where it is', () => {
    const state = { readAtMs: Number.NEGATIVE_INFINITY };
    elapse(state, 1, horizons);
    expect(state.readAtMs).toBe(Number.NEGATIVE_INFINITY);
  });
});
