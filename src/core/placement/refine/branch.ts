// Branch and bound over the owners of some partitions (Land and Doig 1960): one after the other, each at home
// before elsewhere, a branch given up when whoever asks says that nothing comes of it. Carries nothing out, and
// decides neither what is best nor when that is found. Allocates nothing on the way: it is called often.
import { spend, type OwnerTable } from './owner-table.js';

export interface Branching {
  readonly branchesMax: number;
  /** Whether who lacks the most is tried before who has the most room. */
  readonly needFirst: boolean;
  /** `least`: no way to assign the rest moves less; Infinity where there is none. `weight`: so far. */
  readonly mayLead: (least: number, weight: Float64Array) => boolean;
  /** All are assigned: at → owner. Columns are only valid during the call. */
  readonly found: (to: Int32Array, least: number, moved: number, weight: Float64Array) => void;
}

/** Places of what is still to be assigned and nobody's who stays, and of what moves so far. */
const free = 0;
const moved = 1;

/**
 * Assigns `partitions`, which are among those that may move, in their order. All others that may move count as
 * if they could be divided. Answers whether all branches were looked at.
 */
export function branchOver(
  a: OwnerTable,
  partitions: readonly number[],
  { branchesMax, needFirst, mayLead, found }: Branching,
): boolean {
  const { epsilon } = a;
  const [count, n] = [partitions.length, a.weight.length];
  const low = Float64Array.from(a.low);
  const high = Float64Array.from(a.high);
  const weight = Float64Array.from(a.weight);
  const ones = Float64Array.from(partitions, a.weightAt);
  const homes = Int32Array.from(partitions, (p) => stayingHome(a, p));
  // What is still to be assigned: of each home, and of nobody who stays. What cannot move stays in the weights.
  const atHome = new Float64Array(n);
  let atStart = a.moved;
  // In a column: a number that closures share is a new object with each change.
  const sums = new Float64Array(2);
  for (const [owner, own] of a.held.entries()) {
    for (const p of own) {
      const [one, by] = [a.weightAt(p), stayingHome(a, p)];
      weight[owner] = (weight[owner] as number) - one;
      if (by < 0) sums[free] = (sums[free] as number) + one;
      else atHome[by] = (atHome[by] as number) + one;
      if (by >= 0 && owner !== by) atStart -= one;
    }
  }
  sums[moved] = atStart;
  const to = new Int32Array(count);
  /** Of each depth whom to try, in order. */
  const order = new Int32Array(count * n);
  let branches = 0;

  const atLeast = (): number => {
    const unowned = sums[free] as number;
    let [leaves, needs, gaps, left] = [0, 0, 0, unowned];
    for (let i = 0; i < n; i += 1) {
      const [now, own] = [weight[i] as number, atHome[i] as number];
      const [least, most] = [low[i] as number, high[i] as number];
      if (now + own > most) leaves += now + own - most;
      if (now < least) {
        gaps += least - now;
        if (now + own < least) needs += least - now - own;
      }
      left += own;
    }
    return gaps > left + epsilon
      ? Infinity
      : (sums[moved] as number) + Math.max(leaves, needs - unowned);
  };
  const comesBefore = (i: number, j: number, by: number): boolean => {
    if (i === by || j === by) return i === by;
    if (needFirst) {
      const needOfI = Math.max(0, (low[i] as number) - (weight[i] as number));
      const needOfJ = Math.max(0, (low[j] as number) - (weight[j] as number));
      if (needOfI !== needOfJ) return needOfI > needOfJ;
    }
    return (
      (high[i] as number) - (weight[i] as number) > (high[j] as number) - (weight[j] as number)
    );
  };
  /** Answers how many have room. */
  const orderAt = (begin: number, one: number, by: number): number => {
    let end = begin;
    for (let i = 0; i < n; i += 1) {
      if (one > (high[i] as number) - (weight[i] as number) + epsilon) continue;
      let at = end;
      for (; at > begin && comesBefore(i, order[at - 1] as number, by); at -= 1) {
        order[at] = order[at - 1] as number;
      }
      order[at] = i;
      end += 1;
    }
    return end;
  };
  const assign = (at: number): void => {
    const least = atLeast();
    if (branches >= branchesMax || !mayLead(least, weight)) return;
    if (at === count) {
      found(to, least, sums[moved] as number, weight);
      return;
    }
    const [one, by] = [ones[at] as number, homes[at] as number];
    const freeBefore = sums[free] as number;
    const movedBefore = sums[moved] as number;
    const homeBefore = by < 0 ? 0 : (atHome[by] as number);
    if (by < 0) sums[free] = freeBefore - one;
    else atHome[by] = homeBefore - one;
    const begin = at * n;
    const end = orderAt(begin, one, by);
    for (let k = begin; k < end; k += 1) {
      const i = order[k] as number;
      const before = weight[i] as number;
      branches += 1;
      weight[i] = before + one;
      sums[moved] = by >= 0 && i !== by ? movedBefore + one : movedBefore;
      to[at] = i;
      assign(at + 1);
      // Not by subtraction: sums of doubles would drift.
      weight[i] = before;
    }
    sums[moved] = movedBefore;
    sums[free] = freeBefore;
    if (by >= 0) atHome[by] = homeBefore;
  };
  assign(0);
  spend(a, branches);
  a.effort.comparisons += branches * n;
  return branches < branchesMax;
}

/** Who owned it before and stays; -1 when nobody. */
function stayingHome(a: OwnerTable, partition: number): number {
  const by = a.home[partition] as number;
  return by < a.weight.length ? by : -1;
}
