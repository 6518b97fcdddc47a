// Owns: where local time shifts against UTC, as data: seasons are of people, and people live by local
// time, so the same time last week is 167 or 169 hours ago when the clocks were changed in between.
// Never asks a time-zone database; src/core/scaling does.

export interface OffsetChange {
  /** From when on, UTC. */
  readonly fromMs: number;
  /** Local time minus UTC. */
  readonly offsetMs: number;
}

/** Sorted by `fromMs`; the first holds for everything before it too. Empty: seasons in UTC. */
export type OffsetTable = readonly OffsetChange[];

/** Local time minus UTC at an instant, by bisection. */
export function offsetAt(table: OffsetTable, atMs: number): number {
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((table[middle]?.fromMs ?? Infinity) <= atMs) low = middle;
    else high = middle - 1;
  }
  return table[low]?.offsetMs ?? 0;
}
