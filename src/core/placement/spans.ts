// Ranges of many owners in one ascending order, as columns of numbers: a million partitions in a hundred
// thousand ranges are put in order without an object for each. Owns no rule.
import type { Range, Ranges } from '../ranges.js';

export interface Spans {
  readonly count: number;
  /** Ascending. */
  readonly from: Int32Array;
  /** Inclusive. */
  readonly to: Int32Array;
  /** Index of the list that the range came from. */
  readonly owner: Int32Array;
  /** Every range is one of partitions below the P that was asked for. */
  readonly isWithin: boolean;
  /** List → 1 when its ranges were sorted and joined as they came. */
  readonly isJoined: Uint8Array;
  /** All lists were. */
  readonly areJoined: boolean;
  /** List → how many partitions its ranges hold; and all lists together. */
  readonly counts: readonly number[];
  readonly partitions: number;
}

/** A digit of the radix sort: two passes order partitions below 2^20, three below 2^30. */
const digitBits = 10;

/**
 * The ranges of all lists, ascending by their first partition. O(R): a radix sort. Where `isWithin` is
 * false nothing else holds.
 */
export function spansOf(lists: readonly Ranges[], partitions: number): Spans {
  const count = lists.reduce((sum, ranges) => sum + ranges.length, 0);
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  const owner = new Int32Array(count);
  const isJoined = new Uint8Array(lists.length).fill(1);
  const counts = lists.map(() => 0);
  let all = 0;
  let at = 0;
  let highest = 0;
  let isSorted = true;
  let isWithin = true;
  let areJoined = true;
  for (let list = 0; list < lists.length; list += 1) {
    const ranges = lists[list] as Ranges;
    let until = -2;
    let held = 0;
    for (let i = 0; i < ranges.length; i += 1) {
      const range = (ranges[i] ?? []) as Range; // what is none is within nothing
      const low = range[0];
      const high = range[1];
      from[at] = low;
      to[at] = high;
      owner[at] = list;
      // Such a column holds nothing but whole numbers: what comes out as it went in is one.
      const areWhole = from[at] === low && to[at] === high;
      if (!(areWhole && low >= 0 && low <= high && high < partitions)) isWithin = false;
      if (low <= until + 1) {
        isJoined[list] = 0;
        areJoined = false;
      }
      until = high;
      if (low < highest) isSorted = false;
      else highest = low;
      held += high - low + 1;
      at += 1;
    }
    counts[list] = held;
    all += held;
  }
  const joined = { isJoined, areJoined };
  const spans = { count, from, to, owner, isWithin, ...joined, counts, partitions: all };
  if (isSorted || !isWithin) return spans;
  const order = orderBy(from, highest);
  const pick = (column: Int32Array): Int32Array => {
    const sorted = new Int32Array(count);
    for (let i = 0; i < count; i += 1) sorted[i] = column[order[i] as number] as number;
    return sorted;
  };
  return { ...spans, from: pick(from), to: pick(to), owner: pick(owner) };
}

/** Indexes in ascending order of their keys, which are at most `highest`. */
function orderBy(keys: Int32Array, highest: number): Int32Array {
  const count = keys.length;
  const mask = (1 << digitBits) - 1;
  let order = new Int32Array(count);
  let next = new Int32Array(count);
  for (let i = 0; i < count; i += 1) order[i] = i;
  for (let shift = 0; highest >> shift > 0; shift += digitBits) {
    const starts = new Int32Array(mask + 2);
    for (let i = 0; i < count; i += 1) {
      const place = (((keys[i] as number) >> shift) & mask) + 1;
      starts[place] = (starts[place] as number) + 1;
    }
    for (let digit = 1; digit <= mask; digit += 1) {
      starts[digit] = (starts[digit] as number) + (starts[digit - 1] as number);
    }
    for (let k = 0; k < count; k += 1) {
      const i = order[k] as number;
      const digit = ((keys[i] as number) >> shift) & mask;
      const place = starts[digit] as number;
      next[place] = i;
      starts[digit] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}

export function areDisjoint({ count, from, to }: Spans): boolean {
  for (let i = 1; i < count; i += 1) {
    if ((from[i] as number) <= (to[i - 1] as number)) return false;
  }
  return true;
}

/** What disjoint spans leave of 0..partitions-1, ascending. */
export function gapsBetween({ count, from, to, ...all }: Spans, partitions: number): Ranges {
  if (all.partitions === partitions) return [];
  const gaps: Range[] = [];
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    if ((from[i] as number) > next) gaps.push([next, (from[i] as number) - 1]);
    next = (to[i] as number) + 1;
  }
  if (next < partitions) gaps.push([next, partitions - 1]);
  return gaps;
}

/** Owner → the sum over its ranges, ascending; owners are 0..owners-1. */
export function sumsOf(
  { count, from, to, owner }: Spans,
  owners: number,
  weigh: (from: number, to: number) => number,
): number[] {
  const sums = new Array<number>(owners).fill(0);
  for (let i = 0; i < count; i += 1) {
    const of = owner[i] as number;
    sums[of] = (sums[of] as number) + weigh(from[i] as number, to[i] as number);
  }
  return sums;
}
