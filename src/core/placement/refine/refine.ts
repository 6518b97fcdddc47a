// The last step of a plan with unequal weights: where single partitions are so heavy that windows and
// cuts of ranges left somebody outside the bounds, or move noticeably more than the lower bound,
// partitions are exchanged one by one until that is mended or nothing more is found.
//   repair.ts      brings everybody between the bounds
//   exchange.ts    what one got from another goes back, for lighter ones
//   substitute.ts  what one got from several goes back, for lighter ones of anybody
//   heavy-first.ts the few heaviest by branch and bound, the light ones to fill
//   search.ts      all assignments of few partitions, as many as the bound on branches allows
//   anneal.ts      at last, where none of these came near: many exchanges at once
// Counts comparisons and steps and ends at a bound of them, so its time is bounded whatever the world; equal
// weights, and plans that are near the lower bound already, cost it O(N + R). Less movement is worth
// more ranges here, so it changes nothing for less than a named share of the bound.
import type { Bounds } from '../bounds.js';
import { weightOf, type Dealing, type Situation } from '../situation.js';
import {
  dealingOf,
  mayGoOn,
  ownerTableOf,
  spend,
  transfer,
  type OwnerTable,
} from './owner-table.js';
import { annealBelow, annealInside } from './anneal-runs.js';
import { exchangeFor } from './exchange.js';
import { heavyFirst } from './heavy-first.js';
import { measured, nearest, partitionsMax, workMax, type Start } from './nearest.js';
import { bringHome, isOutside, repair } from './repair.js';
import { search } from './search.js';
import { substitutionFor } from './substitute.js';
import { spareOf, spareShare, targetOf } from './target.js';

/** Of more partitions than this single ones are fine enough to let windows and cuts be, up to that. */
const fineFrom = 4_096;
const fineShare = 0.01;
/** Annealing takes the longest, so it is for what may be more than this above the goal. */
const annealedShare = 0.003;
/** Passes of one kind of exchange each; few worlds need more than ten. */
const passesMax = 24;

export interface Limits {
  /** Index of a staying instance → above which it gives, and what it shall reach when it is new. */
  readonly ceiling: readonly number[];
  readonly floor: readonly number[];
  readonly epsilon: number;
}

export function refine(s: Situation, bounds: Bounds, limits: Limits, dealing: Dealing): Dealing {
  if (s.load.uniform || s.partitions > partitionsMax) return dealing;
  return nearest(s, bounds, exchanged(s, bounds, limits, dealing), reducedLike);
}

function exchanged(s: Situation, bounds: Bounds, limits: Limits, dealing: Dealing): Dealing {
  const { weight, moved, epsilon } = measured(s, dealing);
  const high = limits.ceiling;
  // An instance that had less than its floor may keep that: it is only not to be brought below.
  const low = limits.floor.map((floor, i) =>
    bounds.isNew[i] ? floor : Math.min(floor, weightOf(s.load, s.held[i] ?? [])),
  );
  const start = { weight, low, high, epsilon, moved, workMax };
  // Without a tolerance nobody can be inside but by luck: the plan is as near as it came.
  const outside = s.tolerance > 0 && isOutside(start);
  const target = targetOf(s, dealing, weight);
  const fine = s.partitions > fineFrom ? (target / (1 + spareShare)) * (1 + fineShare) : target;
  if (!outside && moved <= fine) return dealing;

  if (outside) {
    const strict = ownerTableOf(s, dealing, start);
    if (repair(strict)) {
      reduce(s, strict, targetOf(s, dealing, strict.weight));
      return { ...dealingOf(s, strict), lowerBound: dealing.lowerBound };
    }
    const searched = ownerTableOf(s, dealing, start);
    const { isFound, isComplete } = search(searched, Infinity);
    if (isFound || (!isComplete && annealInside(searched))) {
      reduce(s, searched, targetOf(s, dealing, searched.weight));
      return { ...dealingOf(s, searched), lowerBound: dealing.lowerBound };
    }
  }
  return reducedLike(s, dealing, start);
}

/** Less movement, at levels that are not worse than these. */
function reducedLike(s: Situation, dealing: Dealing, start: Start): Dealing {
  const target = targetOf(s, dealing, start.weight);
  if (start.moved <= target) return dealing;
  const like = ownerTableOf(s, dealing, {
    ...start,
    low: start.low.map((one, i) => Math.min(one, start.weight[i] as number)),
    high: start.high.map((one, i) => Math.max(one, start.weight[i] as number)),
  });
  reduce(s, like, target);
  if (start.moved - like.moved <= spareOf(target)) return dealing;
  return { ...dealingOf(s, like), lowerBound: dealing.lowerBound };
}

/** Exchanges until the target is reached or none is found: the cheap kinds first, again and again. */
function reduce(s: Situation, a: OwnerTable, target: number): void {
  if (a.moved <= target || !mayGoOn(a)) return;
  const spare = spareOf(target);
  const { atLeast, starts } = heavyFirst(a, a.moved - spare);
  // What cannot be better, by what the heaviest prove, need not be.
  const goal = Math.max(target, atLeast * (1 + spareShare));
  const wanted = (): boolean => a.moved > goal && mayGoOn(a);
  const kinds: readonly (() => boolean)[] = [
    () => exchangeAll(a, wanted, 'one'),
    () => bringHome(a),
    () => exchangeAll(a, wanted, 'two'),
    () => substituteAll(a, wanted),
  ];
  let kind = 0;
  for (let pass = 0; pass < passesMax && kind < kinds.length && wanted(); pass += 1) {
    kind = kinds[kind]?.() === true ? 0 : kind + 1;
  }
  if (a.moved <= goal || search(a, a.moved - spare).isComplete) return;
  // Without a tolerance the levels, not the movement, are what the plan is after.
  if (s.tolerance > 0 && a.moved > goal * (1 + annealedShare)) annealBelow(a, goal, starts);
}

function exchangeAll(a: OwnerTable, wanted: () => boolean, back: 'one' | 'two'): boolean {
  const before = a.done.length;
  for (let receiver = 0; receiver < a.weight.length; receiver += 1) {
    for (const owner of ownersIn(a, receiver)) {
      while (wanted()) {
        const partitions = (a.held[receiver] as number[]).filter((p) => a.home[p] === owner);
        if (partitions.length === 0) break;
        const transfers = exchangeFor(a, { receiver, owner, partitions, back });
        if (transfers === undefined) break;
        for (const one of transfers) transfer(a, one);
      }
    }
  }
  return a.done.length > before;
}

function substituteAll(a: OwnerTable, wanted: () => boolean): boolean {
  const before = a.done.length;
  for (let receiver = 0; receiver < a.weight.length; receiver += 1) {
    while (wanted()) {
      const transfers = substitutionFor(a, receiver);
      if (transfers === undefined) break;
      for (const one of transfers) transfer(a, one);
    }
  }
  return a.done.length > before;
}

/** Staying instances of which a receiver holds something, ascending. */
function ownersIn(a: OwnerTable, receiver: number): readonly number[] {
  const owners = new Set<number>();
  for (const p of a.held[receiver] as number[]) {
    const by = a.home[p] as number;
    if (by >= 0 && by < a.weight.length && by !== receiver) owners.add(by);
  }
  spend(a, (a.held[receiver] as number[]).length);
  return [...owners].sort((x, y) => x - y);
}
