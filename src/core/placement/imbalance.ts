// Who ends outside the bounds that a plan is to keep, and what is in the way: for people, who shall not have
// to work that out from levels. Changes no plan.
import { includes, type Ranges } from '../ranges.js';
import { boundsOf } from './bounds.js';
import type { Situation } from './situation.js';

/**
 * What keeps an instance outside its bounds.
 * - `heavy-partition`: above, and one partition on it alone weighs more than it may have
 * - `pinned`: above, and its pinned partitions alone do
 * - `exact`: above a mean that has to be met exactly, with unequal weights and tolerance 0
 * - `whole-partitions`: its partitions are so coarse that no single one and no two exchanged were found to help
 * - `others-above`: below, because what others have too much of cannot be moved there
 * - `budget`: no round within the budget was found that leads on
 */
export type ImbalanceReason =
  'heavy-partition' | 'pinned' | 'exact' | 'whole-partitions' | 'others-above' | 'budget';

/** Weights are in the unit of the input. */
export interface OutOfBounds {
  readonly instance: string;
  /** Above what it may have; or below what it shall reach when it is new, or shall keep when it gives. */
  readonly side: 'above' | 'below';
  readonly weight: number;
  /** What it had, where it gives and ends below. */
  readonly had?: number;
  /** (1 ± tolerance) × mean, of equal weights in whole partitions. */
  readonly limit: number;
  /** Its share by capacity. */
  readonly mean: number;
  readonly reason: ImbalanceReason;
  /** Of what it ends with; absent when it owns nothing. */
  readonly heaviest?: { readonly partition: number; readonly weight: number };
  /** Weight of its pinned partitions, where it has any. */
  readonly pinned?: number;
}

export interface Imbalance {
  readonly tolerance: number;
  /** The least tolerance that would allow this distribution, rounded up; absent where none below 1 would. */
  readonly neededTolerance?: number;
  /** The farthest outside first, at most {@link outOfBoundsMax}. */
  readonly outOfBounds: readonly OutOfBounds[];
  /** How many more there are. */
  readonly more: number;
}

export const outOfBoundsMax = 16;
/** Sums of doubles are equal within this share of a mean. */
const relativeEpsilon = 1e-9;
/** Nobody is moved for less than this share of a mean where a level cannot be met exactly. */
const grain = 0.001;
const toleranceDigits = 1_000;

/**
 * Undefined when every staying instance is at most at its upper bound, every new one at least at its
 * lower, and no other was brought below that; and while rounds are left, which bring it about. With
 * tolerance 0 somebody is above whenever one is brought below, and that is said alone. `after`: index → weight it ends with.
 * O(N), and O(P ÷ N) for each of those that are listed.
 */
export function imbalanceOf(
  s: Situation,
  after: readonly number[],
  owned: readonly Ranges[],
  round: { readonly now: readonly unknown[]; readonly later: readonly unknown[] },
): Imbalance | undefined {
  const isStuck = round.now.length === 0 && round.later.length > 0;
  if (round.later.length > 0 && !isStuck) return undefined;
  const { mean, upper, lower, isNew } = boundsOf(s);
  const slack = s.tolerance === 0 && !s.load.uniform ? grain : relativeEpsilon;
  const outside = mean
    .map((share, i) => {
      const weight = after[i] as number;
      const above = (weight - (upper[i] as number)) / share;
      const isHeld = isNew[i] === true || (s.tolerance > 0 && isBroughtBelow(s, lower, i, weight));
      const below = isHeld ? ((lower[i] as number) - weight) / share : 0;
      return { i, side: above > below ? ('above' as const) : ('below' as const), above, below };
    })
    .filter(({ above, below }) => Math.max(above, below) > slack)
    .sort((a, b) => Math.max(b.above, b.below) - Math.max(a.above, a.below) || a.i - b.i);
  if (outside.length === 0) return undefined;
  // Idle partitions of equal weight are balanced by count.
  const unit = s.load.unit === 0 ? 1 : s.load.unit;
  const isAnyAbove = outside.some(({ side }) => side === 'above');
  const outOfBounds = outside.slice(0, outOfBoundsMax).map(({ i, side }): OutOfBounds => {
    const { heaviest, pinned } = contentsOf(s, owned[i] as Ranges);
    const limit = (side === 'above' ? upper[i] : lower[i]) as number;
    return {
      instance: s.names[i] as string,
      side,
      weight: (after[i] as number) * unit,
      ...(side === 'below' && isNew[i] !== true ? { had: (s.weights[i] as number) * unit } : {}),
      limit: limit * unit,
      mean: (mean[i] as number) * unit,
      reason: isStuck
        ? 'budget'
        : side === 'above'
          ? reasonAbove(s, limit * (1 + slack), heaviest?.weight ?? 0, pinned)
          : isAnyAbove
            ? 'others-above'
            : 'whole-partitions',
      ...(heaviest === undefined
        ? {}
        : { heaviest: { ...heaviest, weight: heaviest.weight * unit } }),
      ...(pinned === 0 ? {} : { pinned: pinned * unit }),
    };
  });
  const isOutside = new Set(outside.map(({ i }) => i));
  const needed = mean.reduce((most, share, i) => {
    const weight = after[i] as number;
    const counts = isOutside.has(i) || isBroughtBelow(s, lower, i, weight);
    return counts ? Math.max(most, Math.abs(weight / share - 1)) : most;
  }, 0);
  const neededTolerance = Math.ceil((needed - relativeEpsilon) * toleranceDigits) / toleranceDigits;
  return {
    tolerance: s.tolerance,
    ...(neededTolerance < 1 ? { neededTolerance } : {}),
    outOfBounds,
    more: outside.length - outOfBounds.length,
  };
}

/** Whether an instance that had its lower bound is left less by giving. */
function isBroughtBelow(
  s: Situation,
  lower: readonly number[],
  i: number,
  weight: number,
): boolean {
  const [had, least] = [s.weights[i] as number, lower[i] as number];
  return weight < had && had >= least * (1 - relativeEpsilon);
}

function reasonAbove(
  s: Situation,
  limit: number,
  heaviest: number,
  pinned: number,
): ImbalanceReason {
  if (heaviest > limit) return 'heavy-partition';
  if (pinned > limit) return 'pinned';
  return s.tolerance === 0 && !s.load.uniform ? 'exact' : 'whole-partitions';
}

/** The heaviest partition of some ranges, the lowest of equal ones, and the weight of those that are pinned. */
function contentsOf(
  s: Situation,
  ranges: Ranges,
): {
  readonly heaviest: { readonly partition: number; readonly weight: number } | undefined;
  readonly pinned: number;
} {
  const [first] = ranges;
  if (first === undefined) return { heaviest: undefined, pinned: 0 };
  let heaviest = { partition: first[0], weight: s.load.at(first[0]) };
  let pinned = 0;
  for (const [from, to] of ranges) {
    for (let p = from; p <= to; p += 1) {
      const weight = s.load.at(p);
      if (weight > heaviest.weight) heaviest = { partition: p, weight };
      if (s.pinned.length > 0 && includes(s.pinned, p)) pinned += weight;
    }
  }
  return { heaviest, pinned };
}
