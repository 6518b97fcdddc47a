// How heavy partitions are. Equal weights are arithmetic on ranges (nothing is stored per partition);
// other weights are read once, O(P), into prefix sums, so that any range costs O(1). Owns no decision.
// Both kinds are the same functions with a branch inside: two kinds of functions behind one interface
// would keep the compiler from inlining either as soon as a process has planned with both.

/** What sums of weights may be off by, as a share of all weight: two that fit exactly must be seen to fit. */
export const roundingShare = 1e-9;

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
  /** Weight of the heaviest partition. */
  readonly heaviest: number;
  /** Factor from what is balanced to the input's unit: the common weight, or 1. */
  readonly unit: number;
}

/** The weights of an input in columns. Where `firstWrong` is not -1 nothing else holds. */
export interface Weights {
  /** The first that is no finite number of at least 0. */
  readonly firstWrong: number;
  readonly at: Float64Array;
  /** Partition → weight of all below it; the last of all. */
  readonly before: Float64Array;
  readonly heaviest: number;
  readonly areEqual: boolean;
}

const none = new Float64Array(0);

/** One pass over P weights, which are copied unless they are such a column already. */
export function weightsOf(weights: ArrayLike<number>): Weights {
  const at = weights instanceof Float64Array ? weights : new Float64Array(weights);
  const before = new Float64Array(at.length + 1);
  const first = at[0];
  let total = 0;
  let heaviest = 0;
  let areEqual = true;
  for (let p = 0; p < at.length; p += 1) {
    const weight = at[p] as number;
    if (!(weight >= 0 && weight < Infinity)) {
      return { firstWrong: p, at, before, heaviest, areEqual };
    }
    if (weight > heaviest) heaviest = weight;
    if (weight !== first) areEqual = false;
    total += weight;
    before[p + 1] = total;
  }
  return { firstWrong: -1, at, before, heaviest, areEqual };
}

/** Weights must have been checked; 1 each when absent. */
export function loadOf(weights: Weights | undefined): Load {
  // Equal weights, even all zero, are balanced by count: nobody is better off with all the idle ones.
  const uniform = weights === undefined || weights.areEqual;
  const { at, before } = uniform ? { at: none, before: none } : weights;
  return {
    uniform,
    at: (partition) => (uniform ? 1 : (at[partition] as number)),
    of: (from, to) =>
      uniform ? to - from + 1 : (before[to + 1] as number) - (before[from] as number),
    fitLow: (from, to, limit) =>
      uniform ? fitCount(to - from + 1, limit) : fitFrom(before, from, 1, to - from + 1, limit),
    fitHigh: (from, to, limit) =>
      uniform ? fitCount(to - from + 1, limit) : fitFrom(before, to + 1, -1, to - from + 1, limit),
    heaviest: uniform ? 1 : weights.heaviest,
    unit: uniform ? (weights?.at[0] ?? 1) : 1,
  };
}

function fitCount(size: number, limit: number): number {
  return Math.min(size, Math.max(0, Math.floor(limit)));
}

/**
 * How many of `size` partitions fit, counted from the boundary `near` up or down. In doubling steps before
 * it halves: what fits is mostly a small part of a range, and memory near its end is read anyway.
 */
function fitFrom(
  before: Float64Array,
  near: number,
  upOrDown: 1 | -1,
  size: number,
  limit: number,
): number {
  const base = before[near] as number;
  let low = 0;
  let high = size;
  for (let step = 1; low < high; step *= 2) {
    const next = Math.min(low + step, high);
    if (upOrDown * ((before[near + upOrDown * next] as number) - base) <= limit) low = next;
    else high = next - 1;
    if (high - low < step) break;
  }
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (upOrDown * ((before[near + upOrDown * middle] as number) - base) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
