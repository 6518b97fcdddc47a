// Many ranges at once as sorted numbers: a million partitions in a hundred thousand ranges are put in
// order without a comparison function. Owns no rule; P is at most 2^20, so a key is exact in a double.
import { normalize, type Range, type Ranges } from '../ranges.js';

const span = 2 ** 21;

/** The ranges as keys, ascending by their first partition. O(R log R). */
export function spansOf(lists: Iterable<Ranges>): Float64Array {
  let count = 0;
  const all = [...lists];
  for (const ranges of all) count += ranges.length;
  const keys = new Float64Array(count);
  let at = 0;
  for (const ranges of all) {
    for (let i = 0; i < ranges.length; i += 1) {
      const [from, to] = ranges[i] as Range;
      keys[at] = from * span + to;
      at += 1;
    }
  }
  return keys.sort();
}

export function areDisjoint(spans: Float64Array): boolean {
  let until = -1;
  for (const key of spans) {
    const from = Math.floor(key / span);
    if (from <= until) return false;
    until = key - from * span;
  }
  return true;
}

/** What disjoint spans leave of 0..partitions-1, ascending. */
export function gapsBetween(spans: Float64Array, partitions: number): Ranges {
  const gaps: Range[] = [];
  let next = 0;
  for (const key of spans) {
    const from = Math.floor(key / span);
    if (from > next) gaps.push([next, from - 1]);
    next = key - from * span + 1;
  }
  if (next < partitions) gaps.push([next, partitions - 1]);
  return gaps;
}

/** The ranges sorted and joined; the same array when it is already. */
export function joined(ranges: Ranges): Ranges {
  for (let i = 1; i < ranges.length; i += 1) {
    if ((ranges[i] as Range)[0] <= (ranges[i - 1] as Range)[1] + 1) return normalize(ranges);
  }
  return ranges;
}
