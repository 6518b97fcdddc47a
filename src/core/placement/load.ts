// How heavy partitions are. Equal weights are arithmetic on ranges (nothing is stored per partition);
// other weights are read once, O(P), into prefix sums, so that any range costs O(1). Owns no decision.
// Both kinds are the same functions with a branch inside: two kinds of functions behind one interface
// would keep the compiler from inlining either as soon as a process has planned with both.
// Of many partitions only every eighth has its sum: a sum for each of a million would be eight megabytes
// of fresh memory a plan, which took longer to get and to fill than adding up the few weights between.

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
  /** Mark → weight of all partitions below it; marks are 2^shift partitions apart. */
  readonly marks: Float64Array;
  readonly shift: number;
  readonly total: number;
  readonly heaviest: number;
  readonly areEqual: boolean;
}

/** Up to so many partitions each has its mark: */
const closeMarksMax = 65_536;
/** of more of them only every eighth. */
const shiftOfMany = 3;
const none: Pick<Weights, 'at' | 'marks' | 'shift'> = {
  at: new Float64Array(0),
  marks: new Float64Array(0),
  shift: 0,
};

/** One pass over P weights, which are copied unless they are such a column already. */
export function weightsOf(weights: ArrayLike<number>): Weights {
  const at = weights instanceof Float64Array ? weights : new Float64Array(weights);
  const shift = at.length <= closeMarksMax ? 0 : shiftOfMany;
  const step = 1 << shift;
  const marks = new Float64Array((at.length >> shift) + 1);
  let total = 0;
  let heaviest = 0;
  let lightest = Infinity;
  for (let mark = 0, p = 0; mark < marks.length; mark += 1) {
    marks[mark] = total;
    const end = Math.min(p + step, at.length);
    for (; p < end; p += 1) {
      const weight = at[p] as number;
      if (weight > heaviest) heaviest = weight;
      if (weight < lightest) lightest = weight;
      total += weight;
    }
  }
  // One that is not finite makes the total so; the total of good ones may be too large as well.
  const areGood = lightest >= 0 && total < Infinity;
  const firstWrong = areGood ? -1 : at.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  return { firstWrong, at, marks, shift, total, heaviest, areEqual: lightest === heaviest };
}

/** Weights must have been checked; 1 each when absent. */
export function loadOf(weights: Weights | undefined): Load {
  // Equal weights, even all zero, are balanced by count: nobody is better off with all the idle ones.
  const uniform = weights === undefined || weights.areEqual;
  const sums = uniform ? none : weights;
  const { at } = sums;
  return {
    uniform,
    at: (partition) => (uniform ? 1 : (at[partition] as number)),
    of: (from, to) => (uniform ? to - from + 1 : below(sums, to + 1) - below(sums, from)),
    fitLow: (from, to, limit) =>
      uniform ? fitCount(to - from + 1, limit) : fitUp(sums, from, to + 1, limit),
    fitHigh: (from, to, limit) =>
      uniform ? fitCount(to - from + 1, limit) : fitDown(sums, from, to + 1, limit),
    heaviest: uniform ? 1 : weights.heaviest,
    unit: uniform ? (weights?.at[0] ?? 1) : 1,
  };
}

function fitCount(size: number, limit: number): number {
  return Math.min(size, Math.max(0, Math.floor(limit)));
}

type Sums = Pick<Weights, 'at' | 'marks' | 'shift'>;

/** Weight of all below a partition: added up from the mark before it as the marks themselves were. */
function below({ at, marks, shift }: Sums, partition: number): number {
  const mark = partition >> shift;
  let sum = marks[mark] as number;
  for (let p = mark << shift; p < partition; p += 1) sum += at[p] as number;
  return sum;
}

/** How many partitions from `low` up to `high` (exclusive) weigh at most `limit`. */
function fitUp(sums: Sums, low: number, high: number, limit: number): number {
  if (high <= low) return 0;
  const base = below(sums, low);
  return firstPast(sums, low + 1, high, base, limit, true) - 1 - low;
}

/** How many partitions from `high` (exclusive) down to `low` weigh at most `limit`. */
function fitDown(sums: Sums, low: number, high: number, limit: number): number {
  if (high <= low) return 0;
  const base = below(sums, high);
  return high - firstPast(sums, low, high - 1, base, limit, false);
}

/**
 * The first of the boundaries low..high that is more than `limit` above `base`, or, where `isAbove` is
 * false, at most `limit` below it; high + 1 when none is. By halves among the marks, then one by one.
 */
function firstPast(
  { at, marks, shift }: Sums,
  low: number,
  high: number,
  base: number,
  limit: number,
  isAbove: boolean,
): number {
  const sign = isAbove ? 1 : -1;
  let mark = (low >> shift) + 1;
  let end = (high >> shift) + 1;
  while (mark < end) {
    const middle = (mark + end) >> 1;
    if (sign * ((marks[middle] as number) - base) <= limit !== isAbove) end = middle;
    else mark = middle + 1;
  }
  let boundary = (mark - 1) << shift;
  let sum = marks[mark - 1] as number;
  for (; boundary < low; boundary += 1) sum += at[boundary] as number;
  for (; boundary <= high; boundary += 1) {
    if (sign * (sum - base) <= limit !== isAbove) return boundary;
    // There is no weight at the last boundary of all.
    if (boundary < high) sum += at[boundary] as number;
  }
  return high + 1;
}
