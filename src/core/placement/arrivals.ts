// What heavy arrivals prove: a partition that is a good part of what an instance may hold, and that has
// to find a new owner, makes room for itself wherever it goes. A part of the lower bound; decides
// nothing.
import { leastAssignment } from './assignment.js';
import type { Bounds } from './bounds.js';
import { roundingShare } from './load.js';
import type { Dealt, Situation } from './situation.js';

/** Lighter partitions, in shares of an upper bound, find room in most places and prove little. */
const heavyShare = 0.25;
/** The heaviest ones are looked at, so many: the assignment costs the square of their number. */
const arrivalsMax = 32;

/**
 * What owners of heavy arrivals must lose, in every plan that is as balanced, beyond what they are above
 * their bound: `most` is what each staying instance may end with at most.
 *
 * Who had `had` and gets a partition of weight w loses at least had + w − most. Two of them on one
 * owner cost at least the sum of what each would (the loss is convex in what arrives); and where even
 * two of the lightest are together more than the owner may have, it gets one of them at most. So the
 * cheapest assignment of arrivals to owners, each such owner used once, is a lower bound.
 */
export function lossByArrivals(
  s: Situation,
  bounds: Bounds,
  before: readonly number[],
  most: readonly number[],
  dealt: readonly Dealt[],
): number {
  if (s.load.uniform) return 0;
  const rounding = roundingShare * s.load.of(0, s.partitions - 1);
  const upper = bounds.upper.reduce((a, b) => Math.max(a, b), 0);
  const arrivals = arrivalsOf(s, heavyShare * upper, dealt);
  // The more are looked at, the more of them fit together: the heaviest that never do may prove more.
  const fits = arrivals.findIndex(
    (w, i) => i > 0 && w + (arrivals[i - 1] as number) <= upper + rounding,
  );
  const apart = fits < 0 ? [] : arrivals.slice(0, fits);
  const roomy = most.map((weight) => weight + rounding);
  return Math.max(leastLoss(arrivals, before, roomy), leastLoss(apart, before, roomy));
}

/** `arrivals`: weights, descending. */
function leastLoss(
  arrivals: readonly number[],
  before: readonly number[],
  most: readonly number[],
): number {
  if (arrivals.length === 0) return 0;
  const owners = most.map((_, i) => i);
  const extra = (owner: number, arriving: number): number => {
    const over = (before[owner] as number) - (most[owner] as number);
    return Math.max(0, over + arriving) - Math.max(0, over);
  };
  // Only the cheapest owners of each arrival can be in the answer.
  const candidates = new Set<number>();
  for (const weight of arrivals) {
    const costs = owners.map((i) => extra(i, weight));
    owners
      .toSorted((a, b) => (costs[a] as number) - (costs[b] as number) || a - b)
      .slice(0, arrivals.length)
      .forEach((i) => candidates.add(i));
  }
  const [last = 0, lastButOne = Infinity] = [arrivals.at(-1), arrivals.at(-2)];
  const slots = [...candidates].flatMap((i) =>
    last + lastButOne <= (most[i] as number) ? arrivals.map(() => i) : [i],
  );
  if (slots.length < arrivals.length) return 0;
  return leastAssignment(arrivals.map((weight) => slots.map((i) => extra(i, weight))));
}

/** Weights above a limit of what leaving instances had, or nobody; the heaviest ones, descending. */
function arrivalsOf(s: Situation, limit: number, dealt: readonly Dealt[]): readonly number[] {
  const weights: number[] = [];
  for (const { from, to, donor } of dealt) {
    const isHomeless = donor < 0 || donor >= s.staying;
    if (!isHomeless || s.load.of(from, to) <= limit) continue;
    for (let p = from; p <= to; p += 1) if (s.load.at(p) > limit) weights.push(s.load.at(p));
  }
  return weights.sort((a, b) => b - a).slice(0, arrivalsMax);
}
