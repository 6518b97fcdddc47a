// The best of all assignments, where they are so few that each can be tried: as near to balance as any is, of
// these the least moved, of these as the rules would have it. What exchanges and steps miss, none of which sees
// the whole. Changes nothing where weights are equal, or where the plan given is as good.
//
// Planning again finds the same one and moves nothing: the levels above bounds come first and do not depend on
// who owned what; those below are only missed more by whoever takes from what is there.
import { boundsOf, type Bounds } from '../bounds.js';
import type { Dealing, Situation } from '../situation.js';
import { branchOver } from './branch.js';
import { measured, workMax } from './nearest.js';
import { dealingOf, ownerTableOf, type OwnerTable } from './owner-table.js';
import { spareOf, targetOf } from './target.js';

/** Ways to give all partitions that may move and weigh something to instances; a branch takes some 0.1 µs. */
const waysMax = 100_000;
const partitionsMax = 64;
const instancesMax = 16;
/** Levels are equal within this share of a mean: nobody is moved for less. Levels in it are whole, so that
 * who is nearer is the same question whatever is compared with what. */
const grain = 0.001;
/** Sums of doubles do not begin a grain. */
const slack = 1e-6;

/** How good an assignment is, the first that differs decides, less is better. */
interface Rank {
  /** Grains above upper bounds, from the fullest down; then below lower ones. */
  readonly above: Int32Array;
  readonly below: Int32Array;
  readonly moved: number;
}

export function bestOfAllWays(s: Situation, dealing: Dealing): Dealing {
  const isFew = s.partitions <= partitionsMax && s.staying <= instancesMax && s.staying > 1;
  if (s.load.uniform || !isFew) return dealing;
  const bounds = boundsOf(s);
  const { weight, moved, epsilon } = measured(s, dealing);
  const a = ownerTableOf(s, dealing, {
    weight,
    moved,
    epsilon,
    low: weight.map(() => 0),
    high: weight.map(() => Infinity),
    workMax,
  });
  const partitions = a.held.flat().sort((p, q) => a.weightAt(q) - a.weightAt(p) || p - q);
  if (s.staying ** partitions.length > waysMax) return dealing;
  const owner = bestOwners(s, bounds, a, partitions, targetOf(s, dealing, weight));
  return owner === undefined ? dealing : { ...dealing, ...dealingOf(s, { home: a.home, owner }) };
}

/** Partition → owner; undefined when none is better than what the table has. `target`: see {@link targetOf}. */
function bestOwners(
  s: Situation,
  bounds: Bounds,
  a: OwnerTable,
  partitions: readonly number[],
  target: number,
): Int32Array | undefined {
  const isMovable = new Set(partitions);
  const measureWith = (owners: Int32Array): Measure => {
    const ownsFixed = a.weight.map(() => false);
    for (const [p, by] of owners.entries()) if (!isMovable.has(p)) ownsFixed[by] = true;
    return measureOf(s, bounds, ownsFixed);
  };
  const given = measureWith(a.owner).rank(Float64Array.from(a.weight), a.moved);
  const isInside = (rank: Rank): boolean => rank.above[0] === 0 && rank.below[0] === 0;
  if (isInside(given) && a.moved <= target) return undefined;
  // Ranges are broken up for less movement only where it is worth it.
  let best: Rank = { ...given, moved: a.moved - (isInside(given) ? spareOf(target) : 0) };
  let bestOwner: Int32Array | undefined;
  // Where everybody stays nothing moves that makes nobody better off, such as what weighs nothing.
  const isInPlace = s.unowned.length === 0 && s.names.length === s.staying;
  const others = isInPlace ? a.home : a.owner;
  const measure = measureWith(others);
  if (isInPlace) {
    const now = measure.rank(Float64Array.from(s.weights), 0);
    const order = compare(now.above, given.above) || compare(now.below, given.below);
    if (order <= 0) [best, bestOwner] = [now, a.home];
  }
  branchOver(a, partitions, {
    branchesMax: Infinity,
    needFirst: false,
    // Who gets more only rises. Of as good ones the rules choose, so these are looked at as well.
    mayLead: (least, weight) => {
      const order = measure.compareAbove(weight, best.above);
      if (order !== 0) return order < 0;
      return (
        best.below[0] !== 0 || least < best.moved + (bestOwner === undefined ? -1 : 1) * a.epsilon
      );
    },
    found: (to, _, moved, weight) => {
      const rank = measure.rank(weight, moved);
      const order =
        compare(rank.above, best.above) ||
        compare(rank.below, best.below) ||
        (Math.abs(rank.moved - best.moved) <= a.epsilon ? 0 : rank.moved - best.moved);
      if (order > 0 || (order === 0 && bestOwner === undefined)) return;
      const owner = others.slice();
      for (const [at, p] of partitions.entries()) owner[p] = to[at] as number;
      if (order === 0 && !isPreferred(s, a.home, owner, bestOwner as Int32Array)) return;
      [best, bestOwner] = [rank, owner];
    },
  });
  return bestOwner;
}

interface Measure {
  /** Of weights so far: below 0 when they are nearer to the bounds than `above`. */
  readonly compareAbove: (weight: Float64Array, above: Int32Array) => number;
  readonly rank: (weight: Float64Array, moved: number) => Rank;
}

/** `ownsFixed`: index → whether it has partitions that do not move here. */
function measureOf(
  s: Situation,
  { mean, upper, lower, isNew }: Bounds,
  ownsFixed: readonly boolean[],
): Measure {
  const sorted = new Int32Array(mean.length);
  const grains = (missed: number, i: number): number => {
    const share = missed / ((mean[i] as number) * grain);
    return share > slack ? Math.ceil(share - slack) : 0;
  };
  /** Into {@link sorted}, from the most down. */
  const sort = (missedBy: (i: number) => number): Int32Array => {
    for (let i = 0; i < sorted.length; i += 1) {
      const missed = missedBy(i);
      let at = i;
      for (; at > 0 && (sorted[at - 1] as number) < missed; at -= 1) {
        sorted[at] = sorted[at - 1] as number;
      }
      sorted[at] = missed;
    }
    return sorted;
  };
  const above = (weight: Float64Array): Int32Array =>
    sort((i) => grains((weight[i] as number) - (upper[i] as number), i));
  const below = (weight: Float64Array): Int32Array =>
    sort((i) => {
      const now = weight[i] as number;
      // Whoever gives counts by what it lacks then: what one new instance gets is not to be another's lack. Who
      // is left with nothing at all counts as new, as it will when this is planned again.
      const gives = grains((s.weights[i] as number) - now, i) > 0;
      const isEmpty = grains(now, i) === 0 && ownsFixed[i] === false;
      const isHeld = isNew[i] === true || gives || isEmpty;
      return isHeld ? grains((lower[i] as number) - now, i) : 0;
    });
  return {
    compareAbove: (weight, than) => compare(above(weight), than),
    rank: (weight, moved) => ({
      above: above(weight).slice(),
      below: below(weight).slice(),
      moved,
    }),
  };
}

function compare(one: Int32Array, other: Int32Array): number {
  for (let rank = 0; rank < one.length; rank += 1) {
    const difference = (one[rank] as number) - (other[rank] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** With a tolerance the fewest ranges; then donors give from the high end, to receivers in order. */
function isPreferred(
  s: Situation,
  home: Int32Array,
  owner: Int32Array,
  other: Int32Array,
): boolean {
  if (s.tolerance > 0) {
    const more = rangesIn(owner) - rangesIn(other);
    if (more !== 0) return more < 0;
  }
  for (let p = owner.length - 1; p >= 0; p -= 1) {
    const [moves, moved] = [owner[p] !== home[p], other[p] !== home[p]];
    if (moves !== moved) return moves;
  }
  for (const [p, to] of owner.entries()) {
    if (to !== other[p]) return to < (other[p] as number);
  }
  return false;
}

function rangesIn(owner: Int32Array): number {
  return owner.reduce((count, by, p) => count + (by === owner[p - 1] ? 0 : 1), 0);
}
