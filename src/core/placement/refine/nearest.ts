// As near to balance as it gets, where single partitions are too heavy for everybody to be between the
// bounds: steps (nearer.ts) until none is left, and then whatever planning again would do, so that
// planning again finds nothing to do. Works only where somebody is above its bound or owns nothing.
import type { Bounds } from '../bounds.js';
import { includes, normalize, type Range, type Ranges } from '../../ranges.js';
import { weightOf, type Dealing, type Situation } from '../situation.js';
import { fillStep, nearerStep, shelfOf } from './nearer.js';
import {
  dealingOf,
  mayGoOn,
  ownerTableOf,
  transfer,
  type OwnerTable,
  type Transfer,
} from './owner-table.js';
import { isOutside, repair } from './repair.js';
import { search } from './search.js';

/** Of more partitions than this looking at each would be all the time there is. */
export const partitionsMax = 65_536;
/** Comparisons: about 20 ms on one core of a server. */
export const workMax = 600_000;
/** Sums of doubles are equal within this share of the whole. */
const relativeEpsilon = 1e-12;
/** Each time the levels fall, so it ends by itself; most worlds need one. */
const passesMax = 8;

/** What an owner table begins with. */
export type Start = Pick<OwnerTable, 'weight' | 'low' | 'high' | 'epsilon' | 'moved' | 'workMax'>;

/** Makes a dealing move less at levels that are not worse than what it starts with. */
type Reduce = (s: Situation, dealing: Dealing, start: Start) => Dealing;

/** Weights after a dealing, and what it moves. O(R) */
export function measured(
  s: Situation,
  dealing: Pick<Dealing, 'kept' | 'dealt'>,
): Pick<Start, 'weight' | 'epsilon' | 'moved'> {
  const weight = dealing.kept.slice(0, s.staying).map((ranges) => weightOf(s.load, ranges));
  let moved = 0;
  for (const { from, to, donor, receiver } of dealing.dealt) {
    const piece = s.load.of(from, to);
    weight[receiver] = (weight[receiver] as number) + piece;
    if (donor >= 0) moved += piece;
  }
  const epsilon = relativeEpsilon * weight.reduce((a, b) => a + b, 0);
  return { weight, moved, epsilon };
}

/** The dealing, or one that is nearer. */
export function nearest(s: Situation, bounds: Bounds, dealing: Dealing, reduce: Reduce): Dealing {
  let best = dealing;
  for (let pass = 0; pass < passesMax; pass += 1) {
    const after = startAfter(s, bounds, best);
    if (!mayBeNearer(s, bounds, after, emptyAfter(s, best))) return best;
    const a = ownerTableOf(s, best, { ...after, high: after.high.map(() => Infinity) });
    if (!takeSteps(a, s, bounds)) break;
    const stepped = { ...best, ...dealingOf(s, a) };
    best = reduce(s, stepped, startAfter(s, bounds, stepped));
  }
  for (let pass = 0; pass < passesMax; pass += 1) {
    const owner = improvedInPlace({ ...s, held: heldAfter(s, best) }, bounds);
    if (owner === undefined) return best;
    const home = ownerTableOf(s, best, startAfter(s, bounds, best)).home;
    best = { ...best, ...dealingOf(s, { home, owner }) };
  }
  return best;
}

/**
 * Whether planning with what is now would leave it. A single step that helps answers that, and is found
 * much sooner than where all steps lead: an instance that joins gets its first partition at once.
 */
export function isSettled(s: Situation, bounds: Bounds): boolean {
  const dealing = { kept: s.held, dealt: [] };
  const start = startAfter(s, bounds, dealing);
  if (!mayBeNearer(s, bounds, start, emptyAfter(s, dealing))) return true;
  const a = ownerTableOf(s, dealing, { ...start, high: start.high.map(() => Infinity) });
  const isStep =
    s.held.slice(0, s.staying).some((own, i) => own.length === 0 && fillStep(a, bounds, i)) ||
    nearerStep(a, bounds, shelfOf(a)) !== undefined;
  return !isStep && improvedInPlace(s, bounds) === undefined;
}

/** What is now, but nearer; undefined when it is as near as this finds. */
export function nearerInPlace(s: Situation, bounds: Bounds, lowerBound: Dealing['lowerBound']) {
  const dealing: Dealing = { kept: s.held, dealt: [], lowerBound };
  const home = ownerTableOf(s, dealing, startAfter(s, bounds, dealing)).home;
  let held = s.held;
  let owner: Int32Array | undefined;
  for (let pass = 0; pass < passesMax; pass += 1) {
    const next = improvedInPlace({ ...s, held }, bounds);
    if (next === undefined) break;
    owner = next;
    held = heldAfter(s, dealingOf(s, { home, owner }));
  }
  return owner === undefined ? undefined : { ...dealing, ...dealingOf(s, { home, owner }) };
}

/** Partition → owner, of an assignment that is nearer than what everybody holds now. */
function improvedInPlace(s: Situation, bounds: Bounds): Int32Array | undefined {
  const dealing = { kept: s.held, dealt: [] };
  const start = startAfter(s, bounds, dealing);
  const empty = emptyAfter(s, dealing);
  if (!mayBeNearer(s, bounds, start, empty)) return undefined;
  if (s.tolerance > 0 && isOutside(start)) {
    const repaired = ownerTableOf(s, dealing, start);
    if (repair(repaired)) return repaired.owner;
    const searched = ownerTableOf(s, dealing, start);
    if (search(searched, Infinity).isFound) return searched.owner;
  }
  const a = ownerTableOf(s, dealing, { ...start, high: start.high.map(() => Infinity) });
  return takeSteps(a, s, bounds) ? a.owner : undefined;
}

/** Whether there was one. */
function takeSteps(a: OwnerTable, s: Situation, bounds: Bounds): boolean {
  const shelf = shelfOf(a);
  const owned = new Int32Array(s.staying);
  for (const by of a.owner) owned[by] = (owned[by] as number) + 1;
  const take = (step: readonly Transfer[] | undefined): boolean => {
    if (step === undefined) return false;
    for (const one of step) {
      const [from, to] = [a.owner[one[0]] as number, one[1]];
      transfer(a, one);
      for (const i of [from, to]) shelf.sorted[i] = undefined;
      owned[from] = (owned[from] as number) - 1;
      owned[to] = (owned[to] as number) + 1;
    }
    return true;
  };
  const fill = (i: number): boolean => owned[i] === 0 && take(fillStep(a, bounds, i));
  const instances = owned.map((_, i) => i);
  // Giving the last partition away leaves another one empty, so it is looked at again.
  do while (mayGoOn(a) && take(nearerStep(a, bounds, shelf)));
  while (mayGoOn(a) && instances.some(fill));
  return a.done.length > 0;
}

function mayBeNearer(
  s: Situation,
  { upper }: Bounds,
  { weight, epsilon }: Start,
  empty: boolean,
): boolean {
  return empty || weight.some((now, i) => now > (upper[i] as number) + epsilon);
}

/** What cannot be moved, or what nobody could hold, raises the bound of who holds it. */
function startAfter(s: Situation, bounds: Bounds, dealing: Pick<Dealing, 'kept' | 'dealt'>): Start {
  const { weight, moved, epsilon } = measured(s, dealing);
  const most = bounds.upper.reduce((a, b) => Math.max(a, b), 0);
  const isOver = weight.some((now, i) => now > (bounds.upper[i] as number) + epsilon);
  const held = isOver ? heldAfter(s, dealing) : [];
  const high = bounds.upper.map((upper, i) =>
    (weight[i] as number) > upper + epsilon
      ? Math.max(upper, stuckIn(s, held[i] as Ranges, most))
      : upper,
  );
  // Who stays may go back to what it has now, also where it was given more on the way.
  const low = bounds.lower.map((lower, i) =>
    Math.min(lower, weight[i] as number, bounds.isNew[i] ? Infinity : (s.weights[i] as number)),
  );
  return { weight, moved, epsilon, low, high, workMax };
}

function stuckIn(s: Situation, ranges: Ranges, most: number): number {
  let pinned = 0;
  let heaviest = 0;
  for (const [from, to] of ranges) {
    for (let p = from; p <= to; p += 1) {
      if (s.pinned.length > 0 && includes(s.pinned, p)) pinned += s.load.at(p);
      else if (s.load.at(p) > most) heaviest = Math.max(heaviest, s.load.at(p));
    }
  }
  return pinned + heaviest;
}

function heldAfter(
  s: Situation,
  { kept, dealt }: Pick<Dealing, 'kept' | 'dealt'>,
): readonly Ranges[] {
  const added = new Map<number, Range[]>();
  for (const { from, to, receiver } of dealt) {
    const own = added.get(receiver);
    if (own === undefined) added.set(receiver, [[from, to]]);
    else own.push([from, to]);
  }
  return s.names.map((_, i) => normalize([...(kept[i] ?? []), ...(added.get(i) ?? [])]));
}

function emptyAfter(s: Situation, { kept, dealt }: Pick<Dealing, 'kept' | 'dealt'>): boolean {
  const owns = kept.slice(0, s.staying).map((ranges) => ranges.length > 0);
  for (const { receiver } of dealt) owns[receiver] = true;
  return owns.includes(false);
}
