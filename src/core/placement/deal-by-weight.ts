// The rule of unequal weights or a tolerance, greedy: who is over (1 + tolerance) × mean gives whole
// partitions from its high end, the last one the best fit; new instances are brought to
// (1 − tolerance) × mean; single heavy partitions are placed first, heaviest first, each where the
// level is lowest; the light ones are dealt ascending. O(P + H log N) with H heavy partitions.
// Does not minimise ranges, and leaves balance as near as single heavy partitions allow.
import { normalize, subtract, type Range, type Ranges } from '../ranges.js';
import { boundsOf, type Bounds } from './bounds.js';
import { weightedLowerBound } from './certificate.js';
import { levelToFill, levelToShed } from './levels.js';
import { unlessIdle } from './unless-idle.js';
import { placeLowestFirst } from './lowest-first.js';
import { refine } from './refine/refine.js';
import {
  weightOf,
  type Dealing,
  type Dealt,
  type LowerBound,
  type Situation,
} from './situation.js';

export function dealByWeight(s: Situation): Dealing {
  const { weights } = s;
  const bounds = boundsOf(s);
  const lowerBound: LowerBound = (after, dealt) =>
    weightedLowerBound(s, bounds, weights, after, dealt);
  const goals = shedGoals(s, bounds, weights);
  const pool: (readonly [from: number, to: number, donor: number])[] = s.unowned.map(
    ([from, to]) => [from, to, -1],
  );
  const donors = new Set<number>();
  const kept = s.held.map((ranges, i): Ranges => {
    const goal = goals[i] ?? 0;
    const taken = i >= s.staying ? ranges : give(s, ranges, weights[i] as number, goal, bounds, i);
    for (const [from, to] of taken) pool.push([from, to, i]);
    if (taken.length > 0) donors.add(i);
    return subtract(ranges, taken);
  });
  pool.sort((a, b) => a[0] - b[0]);
  const dealt = deal(s, bounds, kept, pool, donors);
  const limits = { ceiling: bounds.upper, floor: bounds.lower, epsilon: 0 };
  const settled = refine(s, bounds, limits, { kept, dealt, lowerBound });
  return unlessIdle(s, bounds, weights, settled);
}

/** Down to which weight each staying instance gives: to its upper bound, or, where new instances
 * need more than that and the pool yield, the fullest ones down to one common level. */
function shedGoals(s: Situation, bounds: Bounds, weights: readonly number[]): readonly number[] {
  const leaving = weights.slice(s.staying).reduce((a, b) => a + b, 0);
  const newNeed = bounds.lower.reduce((sum, low, i) => sum + (bounds.isNew[i] ? low : 0), 0);
  const need = newNeed - leaving - weightOf(s.load, s.unowned);
  const staying = weights.slice(0, s.staying);
  const over = staying.reduce((sum, w, i) => sum + Math.max(0, w - (bounds.upper[i] as number)), 0);
  if (need <= over) return bounds.upper;
  const level = levelToShed(staying, bounds.mean, need);
  return bounds.mean.map((mean, i) => Math.min(bounds.upper[i] as number, level * mean));
}

/** Whole partitions of one donor, from its high end, that bring it to its goal with the least weight. */
function give(
  s: Situation,
  ranges: Ranges,
  weight: number,
  goal: number,
  bounds: Bounds,
  i: number,
): Ranges {
  let excess = weight - goal;
  if (excess <= weight * Number.EPSILON * s.partitions) return [];
  const movable = subtract(ranges, s.pinned);
  const taken: Range[] = [];
  let at = movable.length - 1;
  let end = movable.at(-1)?.[1] ?? 0;
  // The suffix that fits whole, then one best fit for what remains.
  while (at >= 0 && excess > 0) {
    const [from] = movable[at] as Range;
    const fit = s.load.fitHigh(from, end, excess);
    if (fit > 0) {
      excess -= s.load.of(end - fit + 1, end);
      taken.unshift([end - fit + 1, end]);
    }
    if (fit < end - from + 1) break;
    at -= 1;
    end = movable[at]?.[1] ?? 0;
  }
  const isFine = (overshoot: number): boolean =>
    goal - overshoot >= (bounds.lower[i] as number) ||
    // Nearer to the goal than before, and not a weight that nobody can hold: that would wander.
    (overshoot < excess && overshoot + excess <= (bounds.upper[i] as number));
  for (let pass = 0; pass < 2 && excess > 0; pass += 1) {
    const rest = subtract(movable, normalize(taken));
    const { covering, below } = bestFit(s, rest, excess);
    if (covering !== undefined && isFine(s.load.at(covering) - excess)) {
      taken.push([covering, covering]);
      break;
    }
    // Only too heavy ones cover it: the light ones bring it as near as it gets.
    for (const p of below) {
      if (s.load.at(p) > excess) continue;
      taken.push([p, p]);
      excess -= s.load.at(p);
    }
  }
  return normalize(taken);
}

/** The lightest partition that covers the excess, and all that do not, heaviest first. */
function bestFit(
  s: Situation,
  ranges: Ranges,
  excess: number,
): { readonly covering: number | undefined; readonly below: readonly number[] } {
  let covering: number | undefined;
  const below: number[] = [];
  for (const [from, to] of ranges) {
    for (let p = from; p <= to; p += 1) {
      const weight = s.load.at(p);
      if (weight < excess) {
        if (weight > 0) below.push(p);
      } else if (covering === undefined || weight <= s.load.at(covering)) covering = p;
    }
  }
  return { covering, below: below.sort((a, b) => s.load.at(b) - s.load.at(a) || b - a) };
}

function deal(
  s: Situation,
  bounds: Bounds,
  kept: readonly Ranges[],
  pool: readonly (readonly [from: number, to: number, donor: number])[],
  donors: ReadonlySet<number>,
): Dealt[] {
  const all = bounds.mean.map((_, i) => i);
  const others = all.filter((i) => !donors.has(i));
  const receivers = others.length > 0 ? others : all;
  const widths = receivers.map((i) => bounds.mean[i] as number);
  const weights = receivers.map((i) => weightOf(s.load, kept[i] as Ranges));
  const light = s.tolerance * widths.reduce((a, b) => Math.min(a, b), Infinity);
  const isHeavy = (p: number): boolean => s.load.at(p) > light;

  const heavy: number[] = [];
  let lightWeight = 0;
  for (const [from, to] of pool) {
    for (let p = from; p <= to; p += 1) {
      if (isHeavy(p)) heavy.push(p);
      else lightWeight += s.load.at(p);
    }
  }
  const placed = placeLowestFirst(heavy, s.load.at, weights, widths);
  const shares = lightShares(s, bounds, receivers, weights, widths, lightWeight);

  const dealt: Dealt[] = [];
  const push = (p: number, donor: number, rank: number): void => {
    const receiver = receivers[rank] as number;
    const last = dealt.at(-1);
    const joins = last?.to === p - 1 && last.donor === donor && last.receiver === receiver;
    if (joins) dealt[dealt.length - 1] = { ...last, to: p };
    else dealt.push({ from: p, to: p, donor, receiver });
  };
  let rank = 0;
  let given = 0;
  let until = shares[0] as number;
  for (const [from, to, donor] of pool) {
    for (let p = from; p <= to; p += 1) {
      const fixed = placed.get(p);
      if (fixed !== undefined) {
        push(p, donor, fixed);
        continue;
      }
      const weight = s.load.at(p);
      // Sums of shares, not single ones, so that rounding does not add up.
      while (rank < shares.length - 1 && given + weight / 2 > until) {
        rank += 1;
        until += shares[rank] as number;
      }
      push(p, donor, rank);
      given += weight;
    }
  }
  return dealt;
}

/** How much light weight each receiver shall get: new ones to their lower bound, then evenly. */
function lightShares(
  s: Situation,
  bounds: Bounds,
  receivers: readonly number[],
  weights: readonly number[],
  widths: readonly number[],
  amount: number,
): readonly number[] {
  const start = receivers.map((i, rank) =>
    Math.max(weights[rank] as number, bounds.isNew[i] ? (bounds.lower[i] as number) : 0),
  );
  const first = start.reduce((sum, w, rank) => sum + w - (weights[rank] as number), 0);
  if (first >= amount && first > 0) {
    return start.map((w, rank) => ((w - (weights[rank] as number)) * amount) / first);
  }
  const level = levelToFill(start, widths, amount - first);
  return start.map(
    (w, rank) => Math.max(w, level * (widths[rank] as number)) - (weights[rank] as number),
  );
}
