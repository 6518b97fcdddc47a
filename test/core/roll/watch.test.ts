import { describe, expect, it } from 'vitest';
import {
  noWatch,
  watchRolled,
  type SeenInstance,
  type Verdict,
} from '../../../src/core/roll/watch.js';

const bounds = { watchMs: 1_000, readyWithinMs: 5_000 };
const ready = (name: string, uid: string, ends?: number): SeenInstance => ({
  ...{ name, uid, phase: 'ready' },
  ...(ends === undefined ? {} : { ends }),
});
const starting = (name: string, uid: string, ends?: number): SeenInstance => ({
  ...ready(name, uid, ends),
  phase: 'starting',
});

/** The first verdict, and when; null when there is none by the last look. */
function verdictOf(
  looks: readonly (readonly [atMs: number, ...seen: readonly SeenInstance[]])[],
): (Verdict & { readonly atMs: number }) | null {
  let state = noWatch;
  for (const [atMs, ...seen] of looks) {
    const watched = watchRolled(state, seen, atMs, bounds);
    state = watched.state;
    if (watched.verdict !== null) return { ...watched.verdict, atMs };
  }
  return null;
}
const ended = { kind: 'unhealthy', instance: 'a-0', why: 'ended 2 times while it was watched' };

describe('watching a new version', () => {
  it('is well when everybody has been Ready for as long as it is watched', () => {
    const both = [ready('a-0', 'x'), ready('a-1', 'y')] as const;
    expect(
      verdictOf([
        [0, ...both],
        [999, ...both],
      ]),
    ).toBeNull();
    expect(
      verdictOf([
        [0, ...both],
        [1_000, ...both],
      ]),
    ).toEqual({ kind: 'well', atMs: 1_000 });
  });

  it('is well at the first look when nobody shall be watched, or nobody runs it', () => {
    const at = (seen: readonly SeenInstance[]) =>
      watchRolled(noWatch, seen, 5, { ...bounds, watchMs: 0 }).verdict;
    expect(at([ready('a-0', 'x')])).toEqual({ kind: 'well' });
    expect(at([])).toEqual({ kind: 'well' });
  });

  it('begins anew when one is not Ready, or another one comes that is not', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'x')],
        [900, starting('a-0', 'x')],
        [950, ready('a-0', 'x')],
        [1_900, ready('a-0', 'x')],
        [1_950, ready('a-0', 'x')],
      ]),
    ).toEqual({ kind: 'well', atMs: 1_950 });
    expect(
      verdictOf([
        [0, ready('a-0', 'x')],
        [900, ready('a-0', 'x'), starting('a-1', 'y')],
        [1_000, ready('a-0', 'x'), ready('a-1', 'y')],
        [1_999, ready('a-0', 'x'), ready('a-1', 'y')],
      ]),
    ).toBeNull();
  });

  it('is not well when one is not Ready for too long, also when it is not seen at all', () => {
    const why = 'was not Ready for 5000 ms while it was watched';
    for (const later of [[starting('a-0', 'x')], []]) {
      expect(
        verdictOf([
          [0, ready('a-0', 'x')],
          [100, ...later],
          [5_099, ...later],
          [5_100, ...later],
        ]),
      ).toEqual({ kind: 'unhealthy', instance: 'a-0', why, atMs: 5_100 });
    }
  });

  it('takes one end for an accident, which prolongs it, and a second for a crash loop', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'x')],
        [500, ready('a-0', 'y')],
        [600, ready('a-0', 'y')],
        [1_599, ready('a-0', 'y')],
        [1_600, ready('a-0', 'y')],
      ]),
    ).toEqual({ kind: 'well', atMs: 1_600 });
    expect(
      verdictOf([
        [0, ready('a-0', 'x')],
        [500, starting('a-0', 'y')],
        [600, starting('a-0', 'z')],
      ]),
    ).toEqual({ ...ended, atMs: 600 });
  });

  it('counts ends of each instance for itself', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'x'), ready('a-1', 'v')],
        [100, ready('a-0', 'y'), ready('a-1', 'v')],
        [200, ready('a-0', 'y'), ready('a-1', 'w')],
        [300, ready('a-0', 'y'), ready('a-1', 'w')],
        [1_300, ready('a-0', 'y'), ready('a-1', 'w')],
      ]),
    ).toEqual({ kind: 'well', atMs: 1_300 });
  });
});

describe('watching where the platform counts ends', () => {
  it('knows of the second end before there is a third life', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'x', 0)],
        [100, starting('a-0', 'x', 1)],
        [200, starting('a-0', 'y', 1)],
        [300, starting('a-0', 'y', 2)],
      ]),
    ).toEqual({ ...ended, atMs: 300 });
  });

  it('counts no end twice: neither told first and then seen, nor both at once', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'x', 0)],
        [100, starting('a-0', 'x', 1)],
        [200, ready('a-0', 'y', 1)],
        [1_200, ready('a-0', 'y', 1)],
      ]),
    ).toEqual({ kind: 'well', atMs: 1_200 });
    expect(
      verdictOf([
        [0, ready('a-0', 'x', 3)],
        [100, starting('a-0', 'y', 4)],
        [200, starting('a-0', 'y', 5)],
      ]),
    ).toEqual({ ...ended, atMs: 200 });
  });

  it('counts two ends between two looks', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'x', 0)],
        [100, ready('a-0', 'z', 2)],
      ]),
    ).toEqual({ ...ended, atMs: 100 });
  });

  it('leaves out what was before it was watched', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'x', 9)],
        [1_000, ready('a-0', 'x', 9)],
      ]),
    ).toEqual({ kind: 'well', atMs: 1_000 });
  });

  it('counts a pod that was made anew as one end', () => {
    expect(
      verdictOf([
        [0, ready('a-0', 'pod1', 0)],
        [100, starting('a-0', 'pod2', 0)],
        [200, starting('a-0', 'pod2', 1)],
      ]),
    ).toEqual({ ...ended, atMs: 200 });
  });
});
