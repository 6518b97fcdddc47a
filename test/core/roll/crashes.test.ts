import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countEnds, noCrashes } from '../../../src/core/roll/crashes.js';

const counted = (...totals: readonly number[]) => totals.reduce(countEnds, noCrashes).ends;

describe('counting the ends of an instance', () => {
  it('leaves out what was before the first look', () => {
    expect(counted(7)).toBe(0);
    expect(counted(7, 7, 8)).toBe(1);
  });

  it('counts several between two looks, and none twice', () => {
    expect(counted(0, 2, 2, 3)).toBe(3);
  });

  it('goes on when the total began anew', () => {
    expect(counted(5, 6, 0, 1)).toBe(2);
    expect(counted(5, 1)).toBe(1);
  });

  it('never counts less than before, and no more than the totals say', () => {
    const totals = fc.array(fc.nat(20), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(totals, fc.nat(20), (before, next) => {
        expect(counted(...before, next)).toBeGreaterThanOrEqual(counted(...before));
        expect(counted(...before)).toBeLessThanOrEqual(before.reduce((sum, one) => sum + one, 0));
      }),
    );
  });
});
