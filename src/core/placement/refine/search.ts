// The best assignment of few partitions between their bounds, by branch and bound: heaviest first, a branch
// given up when even the bound of the certificate, taken for what is left, is not below what is known.
// Bounded by branches, so not always the best.
import { branchOver } from './branch.js';
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
  const { weightAt, epsilon } = a;
  const movable = a.held.flat().sort((p, q) => weightAt(q) - weightAt(p) || p - q);
  if (movable.length > searchedPartitionsMax || a.weight.length > searchedInstancesMax) {
    return { isFound: false, isComplete: false };
  }
  let best: Int32Array | undefined;
  let bestMoved = below;
  const isComplete = branchOver(a, movable, {
    branchesMax,
    needFirst: true,
    mayLead: (least) => least < bestMoved - epsilon,
    found: (to, _, moved) => {
      [best, bestMoved] = [to.slice(), moved];
    },
  });
  if (best === undefined) return { isFound: false, isComplete };
  for (const [at, p] of movable.entries()) {
    const to = best[at] as number;
    if (to !== a.owner[p]) transfer(a, [p, to]);
  }
  return { isFound: true, isComplete };
}
