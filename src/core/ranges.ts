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
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
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
