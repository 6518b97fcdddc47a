// The input of a plan in the form in which the rules read it: instances as indexes in their one
// order, those that stay before those that leave, ranges joined, defaults filled in.
import { countOf, normalize, type Ranges } from '../ranges.js';
import type { Checked } from './check.js';
import { loadOf, type Load } from './load.js';
import { gapsBetween, sumsOf, type Spans } from './spans.js';
import type { PlanInput } from './types.js';

export const toleranceWithWeights = 0.1;
export const maxRangesPerInstanceDefault = 8;

/** A number of so many decimal digits is exact as a double. */
const exactDigits = 15;
const zero = '0'.charCodeAt(0);

export interface Situation {
  readonly partitions: number;
  /** Index → name: 0..staying-1 stay or join, the rest leave; each part by trailing number. */
  readonly names: readonly string[];
  readonly staying: number;
  /** Index → what it owns now. */
  readonly held: readonly Ranges[];
  /** Index → how many partitions that is. */
  readonly counts: readonly number[];
  /** Index → how much it weighs, in the load's balanced unit. */
  readonly weights: readonly number[];
  /** The same in the order of the partitions; owners are indexes of names. */
  readonly spans: Spans;
  readonly unowned: Ranges;
  readonly pinned: Ranges;
  /** Index → relative size, of those that stay; all 1 when they are equal. */
  readonly capacity: readonly number[];
  readonly load: Load;
  readonly tolerance: number;
  readonly maxRangesPerInstance: number;
  /** Who is below its lower bound counts as new: an earlier round began to fill it. */
  readonly inRounds: boolean;
  readonly effort: Effort;
}

/** How much has been done for plans of this situation: a count, because there is no clock here. */
export interface Effort {
  /** Of partitions with one another, and what takes as long. */
  comparisons: number;
}

/** A piece of the pool that has found its receiver; `donor` -1: nobody owned it. Indexes. */
export interface Dealt {
  readonly from: number;
  readonly to: number;
  readonly donor: number;
  readonly receiver: number;
}

export type LowerBound = (after: readonly number[], dealt: readonly Dealt[]) => number;

/** What a dealing rule answers: what each index keeps, and what changes hands, ascending. */
export interface Dealing {
  readonly kept: readonly Ranges[];
  readonly dealt: readonly Dealt[];
  /** For the same balance no plan moves less, in the load's balanced unit; `dealt`: in this round. */
  readonly lowerBound: LowerBound;
}

export function situationOf(
  { input, places, owners, lists, spans, weights }: Checked,
  effort: Effort = { comparisons: 0 },
): Situation {
  const staying = inOrder(input.instances);
  const leaving = inOrder(owners.filter((name) => !places.has(name)));
  const names = leaving.length === 0 ? staying : [...staying, ...leaving];
  const indexes = names === input.instances ? places : new Map(names.map((name, i) => [name, i]));
  const indexOf = owners.map((name) => indexes.get(name) as number);
  const held = names.map((): Ranges => []);
  const counts = names.map(() => 0);
  for (const [list, i] of indexOf.entries()) {
    const ranges = lists[list] as Ranges;
    held[i] = spans.isJoined[list] === 1 ? ranges : normalize(ranges);
    counts[i] = spans.counts[list] as number;
  }
  const inPlace = { ...spans, owner: renamed(spans.owner, indexOf) };
  const load = loadOf(weights);
  return {
    partitions: input.partitions,
    names,
    staying: staying.length,
    held,
    counts,
    weights: load.uniform ? counts : weighed(inPlace, held, load),
    spans: inPlace,
    unowned: gapsBetween(spans, input.partitions),
    pinned: normalize(input.pinned ?? []),
    capacity: capacitiesOf(staying, input.capacity),
    load,
    tolerance: input.tolerance ?? (weights === undefined ? 0 : toleranceWithWeights),
    maxRangesPerInstance: input.maxRangesPerInstance ?? maxRangesPerInstanceDefault,
    inRounds: false,
    effort,
  };
}

/** By way of the columns: a hundred thousand ranges are not looked up one by one. */
function weighed(spans: Spans, held: readonly Ranges[], load: Load): readonly number[] {
  const weights = sumsOf(spans, held.length, load.of);
  if (spans.areJoined) return weights;
  // What came in pieces is added up as if it had come joined: the order of a sum shows in its last digits.
  const pieces = new Int32Array(held.length);
  for (const owner of spans.owner) pieces[owner] = (pieces[owner] as number) + 1;
  return weights.map((weight, i) => {
    const ranges = held[i] as Ranges;
    return pieces[i] === ranges.length ? weight : weightOf(load, ranges);
  });
}

function capacitiesOf(
  names: readonly string[],
  capacity: PlanInput['capacity'],
): readonly number[] {
  if (capacity === undefined) return names.map(() => 1);
  const given = new Map(Object.entries(capacity));
  const sizes = names.map((name) => given.get(name) ?? 1);
  return sizes.every((size) => size === sizes[0]) ? sizes.map(() => 1) : sizes;
}

function renamed(owners: Int32Array, indexOf: readonly number[]): Int32Array {
  const indexes = new Int32Array(owners.length);
  for (let i = 0; i < owners.length; i += 1) indexes[i] = indexOf[owners[i] as number] as number;
  return indexes;
}

/** Sorted by {@link compareInstances}. O(N) where they came sorted. */
function inOrder(names: readonly string[]): readonly string[] {
  const numbers = names.map(trailingNumber);
  const compare = (a: number, b: number): number => {
    const [numberA, numberB] = [numbers[a] as number, numbers[b] as number];
    if (numberA !== numberB) return numberA < numberB ? -1 : 1;
    return byText(names[a] as string, names[b] as string);
  };
  if (names.every((_, i) => i === 0 || compare(i - 1, i) <= 0)) return names;
  return names
    .map((_, i) => i)
    .sort(compare)
    .map((i) => names[i] as string);
}

/** By trailing number (`messaging-2` before `messaging-10`); names without one last; then by text. */
export function compareInstances(a: string, b: string): number {
  const [numberA, numberB] = [trailingNumber(a), trailingNumber(b)];
  if (numberA !== numberB) return numberA < numberB ? -1 : 1;
  return byText(a, b);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Weight of (disjoint) ranges, in the load's balanced unit. */
export function weightOf(load: Load, ranges: Ranges): number {
  if (load.uniform) return countOf(ranges);
  return ranges.reduce((sum, [from, to]) => sum + load.of(from, to), 0);
}

/** The number a name ends with, Infinity without one. */
export function trailingNumber(name: string): number {
  let start = name.length;
  while (start > 0 && isDigit(name.charCodeAt(start - 1))) start -= 1;
  if (start === name.length) return Infinity;
  if (name.length - start > exactDigits) return Number(name.slice(start));
  let number = 0;
  for (let i = start; i < name.length; i += 1) number = 10 * number + name.charCodeAt(i) - zero;
  return number;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= zero + 9;
}
