// The rule with a tolerance: the least weight moves, and the slack that the tolerance gives is spent
// on few ranges. Orders the steps; each has its own file:
//   shares.ts    the first distribution, and contiguous shares for new instances where enough must move anyway
//   windows.ts   what new instances take from staying ones, in pieces that span whole ranges
//   shed.ts      what else must leave instances above their upper bound
//   pour.ts      where the pool goes: to neighbours, then whole, then cut
// A piece of the line is a range, so all of it is work on ranges, O(P + R log R).
import { fromPartitions, includes, normalize, type Ranges } from '../ranges.js';
import { boundsOf, type Bounds } from './bounds.js';
import { weightedLowerBound } from './certificate.js';
import { floorsOf } from './floors.js';
import { placeHeavy } from './heavy.js';
import { first, give, lineOf, pool, type Line } from './line.js';
import { pour } from './pour.js';
import { refine } from './refine/refine.js';
import { settleLine } from './settle-line.js';
import { dealFirst, dealShares } from './shares.js';
import { shed } from './shed.js';
import type { Dealing, LowerBound, Situation } from './situation.js';
import { unlessIdle } from './unless-idle.js';
import { takeWindows } from './windows.js';

/** What the steps share; the numbers are by index of a staying instance. */
export interface Compact {
  readonly s: Situation;
  readonly bounds: Bounds;
  readonly line: Line;
  /** What a new instance shall reach, and below which nobody is brought. */
  readonly floor: readonly number[];
  /** Above this an instance gives. */
  readonly ceiling: number[];
  /** Sums of doubles are equal within this. */
  readonly epsilon: number;
  /** Weight that may still be moved above the bound where that spares cutting a range. */
  spare: number;
  /** Floor and ceiling are one: whoever has room is filled. */
  readonly exact: boolean;
  /** How much more new instances want of those that stand high. */
  readonly levelling: number;
}

/** Whole partitions rarely add up to what must move: so much of the bound may be moved above it. */
const spareShare = 0.003;
/** What is tried for {@link Compact.levelling}; the first where one must do. */
const levellings = [0, 100, 400] as const;
const triedRangesMax = 4_096;

export function dealCompact(s: Situation): Dealing {
  const bounds = boundsOf(s);
  const before = s.weights;
  const lowerBound: LowerBound = (after, dealt) =>
    weightedLowerBound(s, bounds, before, after, dealt);
  const settled = (of: Attempt): Dealing => ({ ...settledOf(of), lowerBound });
  const giant = bounds.upper.reduce((a, b) => Math.max(a, b), 0);
  const tries = levellingsOf(s, bounds);
  const tryWith = (heavy: number, levelling: number, inShares: boolean): Attempt =>
    attempt(s, bounds, lowerBound, { heavy, levelling, inShares });
  const inWindows = bestOf(tries.map((levelling) => tryWith(giant, levelling, false)));
  const whole = mayShare(s, bounds) ? fewer(inWindows, tryWith(giant, 0, true)) : inWindows;
  if (s.load.uniform || whole.excess <= whole.c.epsilon)
    return unlessIdle(s, bounds, before, refine(s, bounds, whole.c, settled(whole)));
  // Ranges were dealt that hold a partition too heavy for any room left: those go first, then.
  const light = s.tolerance * bounds.mean.reduce((a, b) => Math.min(a, b), Infinity);
  const apart = tryWith(light, 0, false);
  const better = apart.excess < whole.excess ? apart : whole;
  return unlessIdle(s, bounds, before, refine(s, bounds, better.c, settled(better)));
}

/** One partition of whoever owns it to the pool. */
function giveAway(line: Line, partition: number): void {
  let piece = first(line);
  while ((line.to[piece] as number) < partition) piece = line.next[piece] as number;
  give(line, piece, partition, partition, pool);
}

/** Several are worth their time where new instances choose among few ranges. */
function levellingsOf(s: Situation, bounds: Bounds): readonly number[] {
  const ranges = s.held.reduce((sum, own) => sum + own.length, 0);
  const choose = bounds.isNew.includes(true) && ranges <= triedRangesMax;
  return choose ? levellings : levellings.slice(0, 1);
}

/**
 * The same steps to exact counts, which take up nothing of the movement: for equal weights without a
 * tolerance, where the rule of the worked examples would crowd an instance with ranges.
 */
export function compactToCounts(s: Situation, target: readonly number[]): Line {
  const line = lineOf(s, s.pinned);
  const ceiling = [...target];
  const c: Compact = {
    s,
    bounds: boundsOf(s),
    line,
    floor: target,
    ceiling,
    epsilon: 1e-9,
    spare: 0,
    exact: true,
    levelling: 0,
  };
  takeWindows(c);
  shed(c);
  pour(c);
  return line;
}

interface Attempt {
  readonly c: Compact;
  /** What is above ceilings at the end. */
  readonly excess: number;
  settled?: ReturnType<typeof settleLine>;
}

function settledOf(of: Attempt): ReturnType<typeof settleLine> {
  return (of.settled ??= settleLine(of.c.line));
}

/** The one with the least excess, then with the fewest ranges, now and in the events to come. */
function bestOf(attempts: readonly Attempt[]): Attempt {
  const [first, ...others] = attempts as readonly [Attempt, ...Attempt[]];
  return others.reduce((best, one) => {
    const epsilon = best.c.epsilon;
    if (Math.abs(one.excess - best.excess) > epsilon) return one.excess < best.excess ? one : best;
    return outlook(one.c) < outlook(best.c) - 1e-9 ? one : best;
  }, first);
}

/** Whether what must move anyway is enough for all new instances: then shares of it are an answer. */
function mayShare(s: Situation, bounds: Bounds): boolean {
  if (!bounds.isNew.includes(true) || s.held.every((ranges) => ranges.length === 0)) return false;
  const total = bounds.mean.reduce((a, b) => a + b, 0);
  let keptAtMost = 0;
  let needed = 0;
  bounds.upper.forEach((upper, i) => {
    keptAtMost += Math.min(upper, s.weights[i] as number);
    if (bounds.isNew[i])
      needed += Math.max(0, (bounds.lower[i] as number) - (s.weights[i] as number));
  });
  return total - keptAtMost >= needed * (1 - 1e-9);
}

/** Shares where they are as near to balance, move no more and make fewer ranges; of as many, the more even. */
function fewer(inWindows: Attempt, inShares: Attempt): Attempt {
  const { epsilon, s } = inWindows.c;
  if (outsideOf(inShares) > outsideOf(inWindows) + epsilon) return inWindows;
  const most = movedOf(inWindows) + (s.load.uniform ? 0 : inShares.c.spare);
  if (movedOf(inShares) > most + epsilon) return inWindows;
  const more = rangesOf(inShares.c) - rangesOf(inWindows.c);
  if (more !== 0) return more < 0 ? inShares : inWindows;
  return outlook(inShares.c) < outlook(inWindows.c) - 1e-9 ? inShares : inWindows;
}

/** What is above ceilings, what new instances lack of their floor, and what donors were brought below it. */
function outsideOf({ c: { s, bounds, floor, line }, excess }: Attempt): number {
  return floor.reduce((sum, wanted, i) => {
    const least = bounds.isNew[i] ? wanted : Math.min(wanted, s.weights[i] as number);
    return sum + Math.max(0, least - (line.weight[i] as number));
  }, excess);
}

function movedOf(of: Attempt): number {
  const { load } = of.c.s;
  const moves = settledOf(of).dealt.filter(({ donor }) => donor >= 0);
  return moves.reduce((sum, { from, to }) => sum + load.of(from, to), 0);
}

function rangesOf({ line }: Compact): number {
  return line.count.reduce((a, b) => a + b, 0);
}

/**
 * Ranges, and what they will become: everybody who stands at its ceiling must give a slice to each
 * instance that joins later, which is a range more each time, so uneven levels count; and so do
 * many ranges on one instance. The weights are from walks (docs/placement.md).
 */
function outlook({ line, bounds }: Compact): number {
  let ranges = 0;
  let unevenness = 0;
  let crowding = 0;
  line.count.forEach((count, i) => {
    ranges += count;
    unevenness += ((line.weight[i] as number) / (bounds.mean[i] as number) - 1) ** 2;
    crowding += count * count;
  });
  return ranges + 300 * unevenness + 0.1 * crowding;
}

interface Way {
  /** Partitions of the pool above this weight go first. */
  readonly heavy: number;
  readonly levelling: number;
  /** Whether shares are dealt before windows are taken. */
  readonly inShares: boolean;
}

/** All steps. */
function attempt(
  s: Situation,
  bounds: Bounds,
  lowerBound: LowerBound,
  { heavy, levelling, inShares }: Way,
): Attempt {
  const { fixed, parting } = giantsOf(s, bounds);
  const line = lineOf(s, fixed);
  const stuck = line.weight.map((_, i) => stuckWeight(s, i, fixed));
  const floor = floorsOf(s, bounds, line, stuck);
  const ceiling = bounds.upper.map((upper, i) => Math.max(upper, stuck[i] as number));
  const total = bounds.mean.reduce((a, b) => a + b, 0);
  const epsilon = s.load.uniform ? 1e-9 : total * 1e-12;
  const spare = spareShare * lowerBound(ceiling, []);
  const c: Compact = { s, bounds, line, floor, ceiling, epsilon, spare, exact: false, levelling };
  for (const p of parting) giveAway(line, p);
  if (!s.load.uniform) placeHeavy(c, heavy);
  if (s.held.every((ranges) => ranges.length === 0) && line.size === 1) dealFirst(c);
  else {
    if (inShares) {
      shed(c, 'pool');
      dealShares(c);
    }
    takeWindows(c);
    shed(c);
    pour(c);
  }
  const excess = line.weight.reduce(
    (sum, weight, i) => sum + Math.max(0, weight - (ceiling[i] as number)),
    0,
  );
  return { c, excess };
}

/**
 * What cannot be moved: pinned partitions, and of those that nobody could hold the heaviest one of each
 * staying instance. `parting`: the others of that kind, which must find an owner of their own.
 */
function giantsOf(
  s: Situation,
  bounds: Bounds,
): { readonly fixed: Ranges; readonly parting: readonly number[] } {
  const most = bounds.upper.reduce((a, b) => Math.max(a, b), 0);
  if (s.load.uniform || s.load.heaviest <= most) return { fixed: s.pinned, parting: [] };
  const staying: number[] = [];
  const parting: number[] = [];
  for (const ranges of s.held.slice(0, s.staying)) {
    let heaviest = -1;
    for (const [from, to] of ranges) {
      if (s.load.of(from, to) <= most) continue;
      for (let p = from; p <= to; p += 1) {
        if (s.load.at(p) <= most) continue;
        if (heaviest >= 0) parting.push(s.load.at(p) > s.load.at(heaviest) ? heaviest : p);
        if (heaviest < 0 || s.load.at(p) > s.load.at(heaviest)) heaviest = p;
      }
    }
    if (heaviest >= 0) staying.push(heaviest);
  }
  const fixed =
    staying.length === 0 ? s.pinned : normalize([...s.pinned, ...fromPartitions(staying)]);
  return { fixed, parting: parting.filter((p) => !includes(s.pinned, p)) };
}

function stuckWeight(s: Situation, i: number, fixed: Ranges): number {
  if (fixed.length === 0) return 0;
  let sum = 0;
  for (const [from, to] of s.held[i] as Ranges) {
    for (let p = from; p <= to; p += 1) if (includes(fixed, p)) sum += s.load.at(p);
  }
  return sum;
}
