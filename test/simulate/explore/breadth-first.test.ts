import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/simulate/explore/breadth-first.js';
import type { Space } from '../../../src/simulate/explore/breadth-first.js';

/** Two counters from 0 to 9; each step adds one to either. */
function counters(violation: Space['violation'] = () => null): Space {
  const next = new Int32Array(2);
  return {
    initial: new Int32Array(2),
    violation,
    successors: (state, emit) => {
      for (const i of [0, 1]) {
        if ((state[i] as number) >= 9) continue;
        next.set(state);
        next[i] = (state[i] as number) + 1;
        emit(`add ${i}`, next, null, () => ({ text: `${i} becomes ${next[i]}` }));
      }
    },
  };
}

describe('exploration', () => {
  it('reaches every state once and closes', () => {
    const { states, transitions, depth, closed, kinds } = explore(counters());
    expect({ states, transitions, depth, closed }).toEqual({
      states: 100,
      transitions: 180,
      depth: 18,
      closed: true,
    });
    expect([...kinds]).toEqual([
      ['add 0', 90],
      ['add 1', 90],
    ]);
  });

  it('tells the shortest way to a violated state', () => {
    const space = counters((state) => (state[0] === 2 && state[1] === 1 ? 'wrong' : null));
    const { violation, closed } = explore(space);
    expect(closed).toBe(false);
    expect(violation?.what).toBe('wrong');
    expect(violation?.story).toHaveLength(3);
    expect(violation?.story.at(-1)?.text).toMatch(/becomes/);
  });

  it('tells the event that is itself a violation last', () => {
    const space = counters();
    const bad: Space = {
      ...space,
      successors: (state, emit) => {
        space.successors(state, emit);
        if (state[0] !== 1 || state[1] !== 1) return;
        emit('break', state, 'broken', () => ({ text: 'it breaks' }));
      },
    };
    expect(explore(bad).violation?.story.map(({ text }) => text)).toEqual([
      '0 becomes 1',
      '1 becomes 1',
      'it breaks',
    ]);
  });

  it('finds a violation of the very first state', () => {
    const { violation } = explore(counters(() => 'wrong from the start'));
    expect(violation).toEqual({ what: 'wrong from the start', story: [] });
  });

  it('stops, not closed, at a bound', () => {
    const { states, closed } = explore(counters(), { statesMax: 50 });
    expect(closed).toBe(false);
    expect(states).toBeGreaterThanOrEqual(50);
    expect(states).toBeLessThan(60);
  });

  const rest = {
    isAtRest: (state: Int32Array) => state[0] === 9 && state[1] === 9,
    isFault: () => false,
    stuck: 'stuck',
  };

  it('is content when every state has a way to rest', () => {
    expect(explore({ ...counters(), rest }).violation).toBeNull();
  });

  it('tells the shortest way to where nothing leads to rest any more', () => {
    const space = counters();
    const trapped: Space = {
      ...space,
      rest,
      successors: (state, emit) => {
        if (state[0] !== 3 || state[1] !== 2) space.successors(state, emit);
        if (state[0] === 2 && state[1] === 2)
          emit('fall', new Int32Array([-1, -1]), null, () => ({ text: 'it falls' }));
      },
    };
    const { violation, closed } = explore(trapped);
    expect(closed).toBe(true);
    expect(violation?.what).toBe('stuck');
    // Either trap is five events away.
    expect(violation?.story).toHaveLength(5);
  });

  it('does not count a fault as a way to rest', () => {
    const onlyByFault = { ...rest, isFault: (kind: string) => kind === 'add 1' };
    expect(explore({ ...counters(), rest: onlyByFault }).violation?.story).toEqual([]);
  });

  it('keeps hundreds of thousands of states apart by their fingerprints', () => {
    const width = 3;
    const next = new Int32Array(width);
    const space: Space = {
      initial: new Int32Array(width),
      violation: () => null,
      successors: (state, emit) => {
        for (let i = 0; i < width; i += 1) {
          next.set(state);
          next[i] = ((state[i] as number) + 1) % 64;
          emit('add', next, null, () => ({ text: '' }));
        }
      },
    };
    expect(explore(space).states).toBe(64 ** 3);
  });
});
