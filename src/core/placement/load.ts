// How heavy partitions are. Equal weights are arithmetic on ranges (nothing is stored per partition);
// other weights are prefix sums, O(P) once, so that any range costs O(1). Owns no decision.

export interface Load {
  /** Every partition weighs the same. */
  readonly uniform: boolean;
  /** Weight of a partition. What the planner balances: 1 each when weights are equal. */
  readonly at: (partition: number) => number;
  /** Weight of from..to, both inclusive. */
  readonly of: (from: number, to: number) => number;
  /** How many partitions, counted from the low (or high) end of from..to, weigh at most `limit`. */
  readonly fitLow: (from: number, to: number, limit: number) => number;
  readonly fitHigh: (from: number, to: number, limit: number) => number;
  /** Factor from what is balanced to the input's unit: the common weight, or 1. */
  readonly unit: number;
}

/** Weights must have been checked: P finite numbers of at least 0. */
export function loadOf(partitions: number, weights: ArrayLike<number> | undefined): Load {
  if (weights === undefined) return uniformLoad(1);
  const first = weights[0] as number;
  for (let p = 1; p < partitions; p += 1) {
    if (weights[p] !== first) return weightedLoad(partitions, weights);
  }
  // Equal weights, even all zero, are balanced by count: nobody is better off with all the idle ones.
  return uniformLoad(first);
}

function uniformLoad(unit: number): Load {
  const fit = (from: number, to: number, limit: number): number =>
    Math.min(to - from + 1, Math.max(0, Math.floor(limit)));
  return {
    uniform: true,
    at: () => 1,
    of: (from, to) => to - from + 1,
    fitLow: fit,
    fitHigh: fit,
    unit,
  };
}

function weightedLoad(partitions: number, weights: ArrayLike<number>): Load {
  const before = new Float64Array(partitions + 1);
  for (let p = 0; p < partitions; p += 1) {
    before[p + 1] = (before[p] as number) + (weights[p] as number);
  }
  const of = (from: number, to: number): number =>
    (before[to + 1] as number) - (before[from] as number);
  /** The largest k of 0..count for which weight(k), which only grows, is at most the limit. */
  const largest = (count: number, limit: number, weight: (k: number) => number): number => {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (weight(middle) <= limit) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    uniform: false,
    at: (partition) => weights[partition] as number,
    of,
    fitLow: (from, to, limit) => largest(to - from + 1, limit, (k) => of(from, from + k - 1)),
    fitHigh: (from, to, limit) => largest(to - from + 1, limit, (k) => of(to - k + 1, to)),
    unit: 1,
  };
}
