import * as hdr from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { Gaps } from '../../src/instance/gaps.js';

const longest = (gaps: string): number => hdr.decodeFromCompressedBase64(gaps).maxValue;

describe('gaps of an instance', () => {
  it('of clients that were told to move stand apart from those of all that came', () => {
    const gaps = new Gaps();
    gaps.left(7, 3);
    gaps.arrived(7, 40, 'moved');
    gaps.arrived(7, 41_000, 'other');
    const [moves] = gaps.report();
    expect(moves).toMatchObject({ revision: 7, left: 3, arrived: 2, planned: { arrived: 1 } });
    expect(longest(moves?.gaps ?? '')).toBeGreaterThan(40_000);
    expect(longest(moves?.planned?.gaps ?? '')).toBe(40);
  });

  it('are said once where all were told, and of nobody as none', () => {
    const gaps = new Gaps();
    gaps.left(6, 1);
    gaps.arrived(7, 40, 'moved');
    gaps.arrived(8, 41_000, 'other');
    const [left, moved, other] = gaps.report();
    expect(left).toEqual({ revision: 6, left: 1, arrived: 0, gaps: '' });
    expect(moved).not.toHaveProperty('planned');
    expect(other).toMatchObject({ arrived: 1, planned: { arrived: 0, gaps: '' } });
  });

  it('are kept of the latest four revisions', () => {
    const gaps = new Gaps();
    for (const revision of [3, 1, 2, 5, 4, 1]) gaps.arrived(revision, 1, 'moved');
    expect(gaps.report().map(({ revision }) => revision)).toEqual([3, 2, 5, 4]);
  });
});
