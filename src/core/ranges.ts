// Partition ranges: `[from, to]`, both inclusive, sorted, disjoint and joined. The only form in
// which people and documents see partitions. Never decides anything.

/** Both inclusive. */
export type Range = readonly [from: number, to: number];
export type Ranges = readonly Range[];

/** Sorts and joins ranges that touch or overlap. */
export function normalize(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const joined: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** The ranges of a set of partitions, in any order, duplicates allowed. */
export function fromPartitions(partitions: Iterable<number>): Ranges {
  const sorted = [...partitions].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const partition of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && partition <= last[1] + 1) last[1] = Math.max(last[1], partition);
    else ranges.push([partition, partition]);
  }
  return ranges;
}

/** Each partition of the ranges, in the order of the ranges. */
export function* partitionsOf(ranges: Ranges): Generator<number> {
  for (const [from, to] of ranges) for (let p = from; p <= to; p += 1) yield p;
}

/** How many partitions the (disjoint) ranges hold. */
export function countOf(ranges: Ranges): number {
  let count = 0;
  for (let i = 0; i < ranges.length; i += 1) {
    const range = ranges[i] as Range;
    count += range[1] - range[0] + 1;
  }
  return count;
}

/** Whether a partition lies in sorted, disjoint ranges. */
export function includes(ranges: Ranges, partition: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = ranges[middle] as Range;
    if (partition < from) high = middle - 1;
    else if (partition > to) low = middle + 1;
    else return true;
  }
  return false;
}

/** `[0-119,240-299]`, as people read it; `[]` for none. */
export function formatRanges(ranges: Ranges): string {
  return `[${ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')}]`;
}

/** What is in `ranges` and not in `without`; both sorted and disjoint. */
export function subtract(ranges: Ranges, without: Ranges): Ranges {
  const left: Range[] = [];
  let cut = 0;
  for (const [from, to] of ranges) {
    let start = from;
    while (cut < without.length && (without[cut] as Range)[1] < start) cut += 1;
    for (let i = cut; i < without.length && start <= to; i += 1) {
      const [cutFrom, cutTo] = without[i] as Range;
      if (cutFrom > to) break;
      if (cutFrom > start) left.push([start, cutFrom - 1]);
      start = cutTo + 1;
    }
    if (start <= to) left.push([start, to]);
  }
  return left;
}

/** The `count` highest partitions of sorted, disjoint ranges, and what stays below them. */
export function takeHigh(ranges: Ranges, count: number): { kept: Ranges; taken: Ranges } {
  const kept = [...ranges];
  const taken: Range[] = [];
  let missing = count;
  while (missing > 0 && kept.length > 0) {
    const [from, to] = kept.pop() as Range;
    const cut = Math.max(from, to - missing + 1);
    taken.push([cut, to]);
    if (cut > from) kept.push([from, cut - 1]);
    missing -= to - cut + 1;
  }
  return { kept, taken: taken.reverse() };
}

/** The first two ranges that share a partition, of ranges in any order; undefined when disjoint. */
export function firstOverlap(ranges: Ranges): readonly [Range, Range] | undefined {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (let i = 1; i < sorted.length; i += 1) {
    const [before, after] = [sorted[i - 1] as Range, sorted[i] as Range];
    if (after[0] <= before[1]) return [before, after];
  }
  return undefined;
}
