// How many partitions each instance shall own when all weigh the same: its share of P rounded down
// or up, those rounded up chosen so that the fewest partitions move. O(N log N).
import { countOf, subtract } from '../ranges.js';
import type { Situation } from './situation.js';

export interface CountTargets {
  /** Index of a staying instance → how many partitions it shall own; they sum to P. */
  readonly target: readonly number[];
  /** No choice of whom to round up moves fewer partitions than this. */
  readonly lowerBound: number;
}

/**
 * Shares are P × capacity ÷ Σ capacity; counts differ from them by less than one, so with equal
 * capacities they differ from one another by at most one. An instance with more pinned partitions
 * than its share keeps those, and the others share the rest.
 *
 * Lower bound: whoever holds `count` and may end with at most `floor` or, for as many as are rounded
 * up, `floor + 1`, loses at least the difference; each rounding up spares at most one partition, and
 * only to an instance above its floor; an instance that leaves loses everything.
 */
export function countTargets(s: Situation): CountTargets {
  const { counts } = s;
  const pinned = s.held
    .slice(0, s.staying)
    .map((ranges, i) =>
      s.pinned.length === 0 ? 0 : (counts[i] as number) - countOf(subtract(ranges, s.pinned)),
    );
  const share = sharesAround(s, pinned);
  const above = (i: number): boolean => (counts[i] as number) > (share.floor[i] as number);
  const claim = (i: number): number => 2 * Number(share.mustRoundUp(i)) + Number(above(i));
  const byClaim: number[][] = [[], [], [], []];
  for (const i of share.mayRoundUp) byClaim[claim(i)]?.push(i);
  // Of as good a claim the largest fraction, of as large a one the lower index, as they are.
  const roundedUp = byClaim
    .reverse()
    .flatMap((of) =>
      of.sort((a, b) => (share.fraction[b] as number) - (share.fraction[a] as number)),
    )
    .slice(0, share.extras);
  const target = [...share.floor];
  for (const i of roundedUp) target[i] = (target[i] as number) + 1;

  const leaving = counts.slice(s.staying).reduce((sum, count) => sum + count, 0);
  const overFloor = share.floor.reduce(
    (sum, floor, i) => sum + Math.max(0, (counts[i] as number) - floor),
    0,
  );
  // An instance below its floor that its pins force up spares nothing: it takes an extra, though.
  const wasted = share.mayRoundUp.filter((i) => share.mustRoundUp(i) && !above(i)).length;
  const spared = Math.min(share.extras - wasted, share.mayRoundUp.filter(above).length);
  return { target, lowerBound: leaving + overFloor - spared };
}

interface Shares {
  readonly floor: readonly number[];
  readonly fraction: readonly number[];
  readonly extras: number;
  readonly mayRoundUp: readonly number[];
  readonly mustRoundUp: (i: number) => boolean;
}

/** Rounded-down shares; instances whose pins exceed their share are set aside until nothing changes. */
function sharesAround(s: Situation, pinned: readonly number[]): Shares {
  const fixed = new Set<number>();
  // Every pass sets at least one instance aside, so it ends after at most `staying` passes.
  for (;;) {
    const free = pinned.map((_, i) => i).filter((i) => !fixed.has(i));
    const rest = [...fixed].reduce((left, i) => left - (pinned[i] as number), s.partitions);
    const size = free.reduce((sum, i) => sum + (s.capacity[i] as number), 0);
    const floor = [...pinned];
    const fraction = pinned.map(() => 0);
    for (const i of free) {
      const share = snap((rest * (s.capacity[i] as number)) / size);
      floor[i] = Math.floor(share);
      fraction[i] = share - Math.floor(share);
    }
    const extras = free.reduce((left, i) => left - (floor[i] as number), rest);
    const mustRoundUp = (i: number): boolean => (pinned[i] as number) > (floor[i] as number);
    const fractional = free.filter((i) => (fraction[i] as number) > 0);
    const mayRoundUp = fractional.length >= extras ? fractional : free;
    const forced = free.filter(mustRoundUp);
    const tooMany = forced.filter((i) => (pinned[i] as number) > (floor[i] as number) + 1);
    const eligible = new Set(forced.length === 0 ? [] : mayRoundUp);
    const tooManyForced = forced.length > extras || !forced.every((i) => eligible.has(i));
    const stuck = tooMany.length > 0 ? tooMany : tooManyForced ? forced : [];
    if (stuck.length === 0) return { floor, fraction, extras, mayRoundUp, mustRoundUp };
    for (const i of stuck) fixed.add(i);
  }
}

/** Takes away what floating point added to or took from a whole share. */
function snap(share: number): number {
  const whole = Math.round(share);
  return Math.abs(share - whole) < 1e-6 ? whole : share;
}
