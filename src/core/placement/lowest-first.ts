// Longest-processing-time placement (Graham 1969): heaviest first, each to the receiver whose level
// is lowest. A binary heap of receivers, O(H (log H + log N)).

/**
 * Partition → rank of its receiver. Adds what it places to `weights`. A receiver's level is its
 * weight ÷ its width; ties go to the lower rank, ties of partitions to the lower partition.
 */
export function placeLowestFirst(
  partitions: readonly number[],
  weightAt: (partition: number) => number,
  weights: number[],
  widths: readonly number[],
): ReadonlyMap<number, number> {
  const level = (rank: number): number => (weights[rank] as number) / (widths[rank] as number);
  const before = (a: number, b: number): boolean =>
    level(a) - level(b) < 0 || (level(a) === level(b) && a < b);
  const heap = weights.map((_, rank) => rank);
  const sink = (start: number): void => {
    let at = start;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && before(heap[child] as number, heap[least] as number))
          least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least] as number, heap[at] as number];
      at = least;
    }
  };
  for (let at = heap.length >> 1; at >= 0; at -= 1) sink(at);

  const placed = new Map<number, number>();
  for (const p of [...partitions].sort((a, b) => weightAt(b) - weightAt(a) || a - b)) {
    const rank = heap[0] as number;
    placed.set(p, rank);
    weights[rank] = (weights[rank] as number) + weightAt(p);
    sink(0);
  }
  return placed;
}
