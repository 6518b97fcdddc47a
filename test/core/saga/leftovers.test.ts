import { describe, expect, it } from 'vitest';
import { isTidy, tidyingOf, type Found } from '../../../src/core/saga/leftovers.js';

/** A grow from two to three: the third runs, and revision 2 gives it something. */
const found: Found = {
  earlier: null,
  owners: [0, 1, 2],
  formerOwners: [0, 1],
  astray: 0,
  replicas: 3,
  emptySurplus: 0,
};
const ended = (outcome: string | null) => ({ earlier: { id: 'm@4', outcome } });

describe('what an earlier run left', () => {
  it.each(['completed', 'recovered', 'unnecessary', 'refused', 'rejected', 'undone', 'aborted'])(
    'is nothing after %s: what runs above the owners is somebody’s wish',
    (outcome) => {
      const tidying = tidyingOf({ ...found, ...ended(outcome), emptySurplus: 1 });
      expect(tidying).toEqual({
        releaseHolds: false,
        removeSurplus: false,
        instances: null,
        notes: [],
      });
      expect(isTidy(outcome)).toBe(true);
    },
  );

  it('is finished where it died: what ConfigDB wants is what was decided', () => {
    const tidying = tidyingOf({ ...found, ...ended(null), astray: 40 });
    expect(tidying).toMatchObject({ releaseHolds: true, removeSurplus: false, instances: 3 });
    expect(tidying.notes).toEqual([
      'm@4 ended without an outcome: its warm-up and holds are cancelled',
      '40 partitions are not where the latest distribution wants them',
    ]);
  });

  it('is undone where its undo failed', () => {
    const tidying = tidyingOf({ ...found, ...ended('compensation-failed'), astray: 40 });
    expect(tidying).toMatchObject({ releaseHolds: true, instances: 2 });
    expect(tidying.notes[0]).toBe('m@4 could not be undone: tried again');
  });

  it('goes where it died before it wrote anything: instances that hold nothing', () => {
    const dead = { ...found, ...ended(null), owners: [0, 1], emptySurplus: 1 };
    expect(tidyingOf(dead)).toMatchObject({ removeSurplus: true, instances: 2 });
  });

  it('before the first distribution says nothing about numbers', () => {
    const dead = { ...found, ...ended(null), owners: null, formerOwners: null };
    expect(tidyingOf(dead).instances).toBeNull();
  });
});
