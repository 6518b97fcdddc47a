// The best assignment of few partitions, by branch and bound (Land and Doig 1960): heaviest first,
// each at home before elsewhere, a branch given up when even the bound of the certificate, taken for
// what is left, is not below what is known. Bounded by branches, so not always the best.
import { transfer, type OwnerTable } from './owner-table.js';

/** More partitions or instances than this have too many assignments for the branches there are. */
export const searchedPartitionsMax = 64;
export const searchedInstancesMax = 12;
const branchesMax = 60_000;

export interface Searched {
  readonly isFound: boolean;
  /** All branches were looked at: nothing moves less than what the assignment is now. */
  readonly isComplete: boolean;
}

/**
 * Changes the assignment to one between low and high that moves less than `below`, the best that is
 * found.
 */
export function search(a: OwnerTable, below: number): Searched {
  const { weightAt, home, low, high, epsilon } = a;
  const n = a.weight.length;
  const movable = a.held.flat().sort((p, q) => weightAt(q) - weightAt(p) || p - q);
  if (movable.length > searchedPartitionsMax || n > searchedInstancesMax) {
    return { isFound: false, isComplete: false };
  }
  const weight = [...a.weight];
  // What is still to be assigned: of each home, and of nobody who stays.
  const atHome = a.weight.map(() => 0);
  let free = 0;
  let moved = a.moved;
  const staysAt = (p: number): number => {
    const by = home[p] as number;
    return by >= 0 && by < n ? by : -1;
  };
  for (const p of movable) {
    const [owner, by, one] = [a.owner[p] as number, staysAt(p), weightAt(p)];
    weight[owner] = (weight[owner] as number) - one;
    if (by < 0) free += one;
    else atHome[by] = (atHome[by] as number) + one;
    if (by >= 0 && owner !== by) moved -= one;
  }
  const chosen = new Int32Array(movable.length);
  let best: Int32Array | undefined;
  let bestMoved = below;
  let branches = 0;

  /** No way to assign the rest moves less; Infinity when there is no way. */
  const atLeast = (): number => {
    let leaves = 0;
    let needs = 0;
    let gaps = 0;
    let left = free;
    for (let i = 0; i < n; i += 1) {
      const [now, own] = [weight[i] as number, atHome[i] as number];
      leaves += Math.max(0, now + own - (high[i] as number));
      needs += Math.max(0, (low[i] as number) - now - own);
      gaps += Math.max(0, (low[i] as number) - now);
      left += own;
    }
    return gaps > left + epsilon ? Infinity : moved + Math.max(leaves, needs - free);
  };
  const assign = (at: number): void => {
    if (branches >= branchesMax || atLeast() >= bestMoved - epsilon) return;
    const p = movable[at];
    if (p === undefined) {
      [best, bestMoved] = [chosen.slice(), moved];
      return;
    }
    const [one, by] = [weightAt(p), staysAt(p)];
    if (by < 0) free -= one;
    else atHome[by] = (atHome[by] as number) - one;
    const need = (i: number): number => Math.max(0, (low[i] as number) - (weight[i] as number));
    const room = (i: number): number => (high[i] as number) - (weight[i] as number);
    const order = a.weight
      .map((_, i) => i)
      .filter((i) => one <= room(i) + epsilon)
      .sort(
        (i, j) =>
          Number(j === by) - Number(i === by) || need(j) - need(i) || room(j) - room(i) || i - j,
      );
    for (const i of order) {
      branches += 1;
      const cost = by >= 0 && i !== by ? one : 0;
      weight[i] = (weight[i] as number) + one;
      moved += cost;
      chosen[at] = i;
      assign(at + 1);
      weight[i] = weight[i] - one;
      moved -= cost;
    }
    if (by < 0) free += one;
    else atHome[by] = (atHome[by] as number) + one;
  };
  assign(0);
  a.work += branches;
  const isComplete = branches < branchesMax;
  if (best === undefined) return { isFound: false, isComplete };
  for (const [at, p] of movable.entries()) {
    const to = best[at] as number;
    if (to !== a.owner[p]) transfer(a, [p, to]);
  }
  return { isFound: true, isComplete };
}
