// What a plan can prove about itself. The bounds are arguments about every possible plan, computed
// from the situation and not from how the plan was found. Owns no rule of placement.
import { lossByArrivals } from './arrivals.js';
import type { Bounds } from './bounds.js';
import { weightOf, type Dealt, type Situation } from './situation.js';

/**
 * No plan that is at least as balanced as this one moves less. "At least as balanced": every staying
 * instance ends with at most its upper bound, or what this plan leaves it where that is more; every
 * new one with at least its lower bound, or what this plan gives it where that is less.
 *
 * First, whoever must end lower loses the difference, and nobody loses weight but by moving it; and
 * where heavy partitions arrive, their new owners lose what they make room with (arrivals.ts).
 * Second, a new instance owns nothing, or in rounds too little, so all it ends with beyond that was
 * moved to it or had no owner. The larger of the two holds. (Equal weights: countTargets.)
 */
export function weightedLowerBound(
  s: Situation,
  bounds: Bounds,
  before: readonly number[],
  after: readonly number[],
  dealt: readonly Dealt[],
): number {
  const most = bounds.upper.map((upper, i) => Math.max(upper, after[i] as number));
  const lost = before.reduce(
    (sum, weight, i) => sum + Math.max(0, weight - (most[i] ?? (after[i] as number))),
    0,
  );
  const gained = bounds.lower.reduce((sum, lower, i) => {
    if (bounds.isNew[i] !== true) return sum;
    return sum + Math.max(0, Math.min(lower, after[i] as number) - (before[i] as number));
  }, 0);
  const room = lossByArrivals(s, bounds, before, most, dealt);
  return Math.max(lost + room, gained - weightOf(s.load, s.unowned), 0);
}

/** Heaviest and lightest staying instance over the mean, per capacity; 1 and 1 of nothing. */
export function balanceOf(
  s: Situation,
  after: readonly number[],
): { readonly maxOverMean: number; readonly minOverMean: number } {
  const total = s.load.of(0, s.partitions - 1);
  const size = s.capacity.reduce((a, b) => a + b, 0);
  let maxOverMean = 0;
  let minOverMean = Infinity;
  s.capacity.forEach((capacity, i) => {
    const over = ((after[i] as number) * size) / (capacity * total);
    maxOverMean = Math.max(maxOverMean, over);
    minOverMean = Math.min(minOverMean, over);
  });
  return { maxOverMean, minOverMean };
}
