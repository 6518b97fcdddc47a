// The input of a plan in the form in which the rules read it: instances as indexes in their one
// order, those that stay before those that leave, ranges joined, defaults filled in.
import { countOf, normalize, type Ranges } from '../ranges.js';
import { loadOf, type Load } from './load.js';
import { countsOf, gapsBetween, type Spans } from './spans.js';
import type { PlanInput } from './types.js';

export const toleranceWithWeights = 0.1;
export const maxRangesPerInstanceDefault = 8;

export interface Situation {
  readonly partitions: number;
  /** Index → name: 0..staying-1 stay or join, the rest leave; each part by trailing number. */
  readonly names: readonly string[];
  readonly staying: number;
  /** Index → what it owns now. */
  readonly held: readonly Ranges[];
  /** Index → how many partitions that is. */
  readonly counts: readonly number[];
  /** The same in the order of the partitions; owners are indexes of names. */
  readonly spans: Spans;
  readonly unowned: Ranges;
  readonly pinned: Ranges;
  /** Index → relative size, of those that stay; all 1 when they are equal. */
  readonly capacity: readonly number[];
  readonly load: Load;
  readonly tolerance: number;
  readonly maxRangesPerInstance: number;
  /** Under a budget: who began to fill up in an earlier round goes on filling. */
  readonly inRounds: boolean;
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

/** The input must have been checked; `spans` is what that answered. */
export function situationOf(input: PlanInput, spans: Spans): Situation {
  const current = new Map(Object.entries(input.current ?? {}));
  const stayingNames = inOrder(input.instances);
  const stays = new Set(stayingNames);
  const leaving = inOrder([...current.keys()].filter((name) => !stays.has(name)));
  const names = [...stayingNames, ...leaving];
  const places = new Map(names.map((name, i) => [name, i]));
  const placeOf = [...current.keys()].map((name) => places.get(name) as number);
  const held = names.map((): Ranges => []);
  [...current.values()].forEach((ranges, list) => {
    held[placeOf[list] as number] = spans.isJoined[list] === 1 ? ranges : normalize(ranges);
  });
  const inPlace = { ...spans, owner: renamed(spans.owner, placeOf) };
  const capacities = new Map(Object.entries(input.capacity ?? {}));
  const capacity = stayingNames.map((name) => capacities.get(name) ?? 1);
  const weighted = input.weights !== undefined;
  return {
    partitions: input.partitions,
    names,
    staying: stayingNames.length,
    held,
    counts: countsOf(inPlace, names.length),
    spans: inPlace,
    unowned: gapsBetween(spans, input.partitions),
    pinned: normalize(input.pinned ?? []),
    capacity: capacity.every((size) => size === capacity[0]) ? capacity.map(() => 1) : capacity,
    load: loadOf(input.partitions, input.weights),
    tolerance: input.tolerance ?? (weighted ? toleranceWithWeights : 0),
    maxRangesPerInstance: input.maxRangesPerInstance ?? maxRangesPerInstanceDefault,
    inRounds: input.budget !== undefined,
  };
}

function renamed(owners: Int32Array, placeOf: readonly number[]): Int32Array {
  const places = new Int32Array(owners.length);
  for (let i = 0; i < owners.length; i += 1) places[i] = placeOf[owners[i] as number] as number;
  return places;
}

/** Sorted by {@link compareInstances}. */
function inOrder(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, number: trailingNumber(name) }))
    .sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : byText(a.name, b.name)))
    .map(({ name }) => name);
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
  const digits = /\d+$/.exec(name)?.[0];
  return digits === undefined ? Infinity : Number(digits);
}
