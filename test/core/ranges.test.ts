// Ranges against sets of single partitions.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countOf,
  firstOverlap,
  formatRanges,
  fromPartitions,
  includes,
  normalize,
  partitionsOf,
  subtract,
  takeHigh,
} from '../../src/core/ranges.js';

const partitionSet = fc.array(fc.nat({ max: 40 }), { maxLength: 40 });

function sorted(partitions: Iterable<number>): number[] {
  return [...new Set(partitions)].sort((a, b) => a - b);
}

describe('ranges', () => {
  it('hold exactly the partitions they were made of, in the fewest ranges', () => {
    fc.assert(
      fc.property(partitionSet, (partitions) => {
        const ranges = fromPartitions(partitions);
        expect([...partitionsOf(ranges)]).toEqual(sorted(partitions));
        expect(countOf(ranges)).toBe(new Set(partitions).size);
        for (let i = 1; i < ranges.length; i += 1) {
          expect(ranges[i]?.[0]).toBeGreaterThan((ranges[i - 1]?.[1] ?? 0) + 1);
        }
        for (let p = -1; p <= 41; p += 1) expect(includes(ranges, p)).toBe(partitions.includes(p));
      }),
    );
  });

  it('join when they touch or overlap', () => {
    expect(
      normalize([
        [5, 9],
        [0, 2],
        [3, 4],
        [8, 12],
        [14, 14],
      ]),
    ).toEqual([
      [0, 12],
      [14, 14],
    ]);
  });

  it('subtract as sets do', () => {
    fc.assert(
      fc.property(partitionSet, partitionSet, (a, b) => {
        const left = subtract(fromPartitions(a), fromPartitions(b));
        expect(left).toEqual(fromPartitions(a.filter((p) => !b.includes(p))));
      }),
      { numRuns: 1000 },
    );
  });

  it('give their highest partitions and keep the rest', () => {
    fc.assert(
      fc.property(partitionSet, fc.nat({ max: 45 }), (partitions, count) => {
        const all = sorted(partitions);
        const { kept, taken } = takeHigh(fromPartitions(all), count);
        const cut = Math.max(0, all.length - count);
        expect([...partitionsOf(kept)]).toEqual(all.slice(0, cut));
        expect([...partitionsOf(taken)]).toEqual(all.slice(cut));
      }),
      { numRuns: 1000 },
    );
  });

  it('name the first two that share a partition', () => {
    expect(
      firstOverlap([
        [4, 6],
        [0, 3],
        [6, 9],
      ]),
    ).toEqual([
      [4, 6],
      [6, 9],
    ]);
    expect(
      firstOverlap([
        [4, 6],
        [0, 3],
        [7, 9],
      ]),
    ).toBeUndefined();
  });

  it('read as people write them', () => {
    expect(
      formatRanges([
        [0, 119],
        [240, 240],
      ]),
    ).toBe('[0-119,240]');
    expect(formatRanges([])).toBe('[]');
  });
});
