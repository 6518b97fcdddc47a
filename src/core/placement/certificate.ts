// What a plan can prove about itself. The bounds are arguments about every possible plan, computed
// from the situation and not from how the plan was found. Owns no rule of placement.
import type { Ranges } from '../ranges.js';
import { lossByArrivals } from './arrivals.js';
import type { Bounds } from './bounds.js';
import { weightOf, type Dealt, type Situation } from './situation.js';

/**
 * No plan that is at least as balanced as this one moves less. "At least as balanced": every staying
 * instance ends with at most its upper bound, or what this plan leaves it where that is more; every
 * new one with at least its lower bound, or what this plan gives it where that is less.
 *
 * Whoever must end lower loses the difference, a leaving instance everything, and nobody loses weight but
 * by moving it; where heavy partitions arrive, their new owners lose what they make room with
 * (arrivals.ts). And a new instance owns nothing, or in rounds too little, so all it ends with beyond that
 * comes from leaving instances, from nobody, or from those that stay. A partition heavier than a new
 * instance needs serves one, and no more than its need; what cannot come from the first two is lost by
 * those that stay, who lose the larger of that and of the first sum. (Equal weights: countTargets.)
 */
export function weightedLowerBound(
  s: Situation,
  bounds: Bounds,
  before: readonly number[],
  after: readonly number[],
  dealt: readonly Dealt[],
): number {
  // Who leaves may have nothing, or in rounds what this one leaves it.
  const most = before.map((_, i) => Math.max(bounds.upper[i] ?? 0, after[i] as number));
  const lost = before.map((weight, i) => Math.max(0, weight - (most[i] as number)));
  const leaving = sum(lost.slice(s.staying));
  const over = sum(lost.slice(0, s.staying));
  const room = lossByArrivals(s, bounds, before, most.slice(0, s.staying), dealt);
  const needs = bounds.lower.map((lower, i) =>
    bounds.isNew[i] === true
      ? Math.max(0, Math.min(lower, after[i] as number) - (before[i] as number))
      : 0,
  );
  const needed = sum(needs);
  if (needed === 0) return leaving + over + room;
  const need = needs.reduce((a, b) => Math.max(a, b));
  const ofLeaving = Math.min(
    leaving,
    sum(s.held.slice(s.staying).map((of) => useful(s, of, need))),
  );
  return leaving + Math.max(over + room, needed - ofLeaving - useful(s, s.unowned, need));
}

/** Weight of partitions, none counted for more than the largest need. O(P) only where one is heavier. */
function useful({ load }: Situation, ranges: Ranges, need: number): number {
  if (load.heaviest <= need) return weightOf(load, ranges);
  let weight = 0;
  for (const [from, to] of ranges) {
    for (let p = from; p <= to; p += 1) weight += Math.min(need, load.at(p));
  }
  return weight;
}

function sum(weights: readonly number[]): number {
  return weights.reduce((a, b) => a + b, 0);
}

/** Heaviest and lightest staying instance over the mean, per capacity; 1 and 1 of nothing. */
export function balanceOf(
  s: Situation,
  after: readonly number[],
): { readonly maxOverMean: number; readonly minOverMean: number } {
  const total = s.load.of(0, s.partitions - 1);
  const size = sum(s.capacity);
  let maxOverMean = 0;
  let minOverMean = Infinity;
  s.capacity.forEach((capacity, i) => {
    const over = ((after[i] as number) * size) / (capacity * total);
    maxOverMean = Math.max(maxOverMean, over);
    minOverMean = Math.min(minOverMean, over);
  });
  return { maxOverMean, minOverMean };
}
