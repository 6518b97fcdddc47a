// One window of the line for new instances: how wide it may be around the end of a range, what it is
// worth, and taking it. Keeps count of what may still be taken from donors beyond what they must give.
// Chooses no window: windows.ts does.
import type { Compact } from './deal-compact.js';
import { first, give, movablePieces, none, pool, type Line } from './line.js';
import { weightOf } from './situation.js';

export interface Window {
  /** Partitions, inclusive. */
  readonly low: number;
  readonly high: number;
  /** At whose upper end it was looked for. */
  readonly piece: number;
  /** Whole ranges in it; those of instances that have many count twice. */
  readonly saved: number;
  readonly score: number;
}

export interface WindowSearch {
  /** What a new instance still needs to reach its floor. */
  readonly need: (owner: number) => number;
  /** Who is above its ceiling. */
  readonly due: () => readonly number[];
  /** What new instances that need something need, on average, when the search begins. */
  readonly unit: number;
  /** Weight of the mean partition. */
  readonly partition: number;
  /** The window around the upper end of a piece, as wide as its donors and `room` allow. */
  readonly at: (piece: number, room: number) => Window | undefined;
  /** Gives the window to a new instance; answers the piece that holds it then. */
  readonly take: (window: Window, receiver: number) => number;
  /** Pieces at whose upper end a window may begin. */
  readonly starts: () => readonly number[];
  /** What a donor that must give nothing may still give. */
  readonly free: () => number;
  /** Nearly all windows begin with a partition heavier than that. */
  readonly isScarce: () => boolean;
  /** Where this says no there is no window at the upper end of the piece. O(1). */
  readonly mayBeginAt: (piece: number) => boolean;
  /** From now on donors give whatever they have above their floor. */
  readonly relax: () => void;
}

/** What a whole range would be worth of which only a part is taken: a later window has less to take. */
const eatenWorth = 0.2;
/** What is taken, and what must be given anyway, is worth so much, in ranges per {@link WindowSearch.unit}. */
const weightWorth = 3;
/** A range more than this many on one instance makes swallowing one of its ranges worth two. */
const crowdedFrom = 4;

export function windowSearch(c: Compact, news: readonly number[]): WindowSearch {
  const { s, bounds, line, floor, ceiling, epsilon } = c;
  const need = (i: number): number => (floor[i] as number) - (line.weight[i] as number);
  const over = (i: number): number =>
    Math.max(0, (line.weight[i] as number) - (ceiling[i] as number));
  const needs = news.map(need).filter((least) => least > epsilon);
  const needed = needs.reduce((a, b) => a + b, 0);
  // Who was filled from the pool already does not count, or no window is as wide as one partition.
  const unit = needs.length === 0 ? 0 : needed / needs.length;
  /** What donors give beyond what they must. */
  let extra = Math.max(
    0,
    line.weight.reduce((left, _, i) => left - over(i), needed),
  );
  // Rounding up to whole partitions needs some of what is taken beyond what must be given.
  const due = new Set<number>();
  for (let i = 0; i < line.weight.length; i += 1) if (over(i) > epsilon) due.add(i);
  const partition = weightOf(s.load, [[0, s.partitions - 1]]) / s.partitions;
  const rounding = s.load.uniform ? 0 : 2 * partition;

  const free = (): number => Math.max(0, extra - rounding * due.size);
  const isScarce = (): boolean => free() < (s.load.uniform ? 1 - epsilon : rounding);
  const mayGive = (piece: number, up: boolean): boolean => {
    if (piece === none) return false;
    const nearest = (up ? line.from[piece] : line.to[piece]) as number;
    return due.has(line.owner[piece] as number) || s.load.at(nearest) <= free() + 2 * epsilon;
  };
  const mayBeginAt = (piece: number): boolean =>
    mayGive(piece, false) || mayGive(line.next[piece] as number, true);

  const starts = (): readonly number[] => {
    // While donors give only what they must, no window begins elsewhere.
    if (extra <= 0) return touching(line, due);
    const pieces: number[] = [];
    for (let p = first(line); p !== none; p = line.next[p] as number) pieces.push(p);
    return pieces;
  };

  // What the window that is being looked for takes from each owner.
  const used = new Float64Array(line.weight.length);
  const touched = new Int32Array(line.weight.length);

  const at = (start: number, room: number): Window | undefined => {
    let left = room;
    let saved = 0;
    let worth = 0;
    let usedExtra = 0;
    let touches = 0;
    let high = line.to[start] as number;
    let low = high + 1;
    const rounded = rounding * due.size;
    // Down from the end of the piece, then up from there.
    for (let side = 0; side < 2; side += 1) {
      const up = side === 1;
      let p = up ? (line.next[start] as number) : start;
      while (p !== none && left > epsilon) {
        const owner = line.owner[p] as number;
        if (owner === pool || line.fixed[p] === 1 || bounds.isNew[owner] === true) break;
        const weight = line.weight[owner] as number;
        const most = ceiling[owner] as number;
        const spent = used[owner] as number;
        const must = Math.max(0, weight - most);
        const lost = must - spent;
        const can = weight - (floor[owner] as number) - spent;
        const spare = Math.max(0, extra - usedExtra - rounded);
        const mine = Math.min(left, can, Math.max(0, lost) + spare);
        const from = line.from[p] as number;
        const to = line.to[p] as number;
        const limit = mine + epsilon;
        let count = up ? s.load.fitLow(from, to, limit) : s.load.fitHigh(from, to, limit);
        if (!s.load.uniform && count < to - from + 1) {
          const above = Math.max(0, extra - usedExtra) + c.spare;
          if (mayRoundUp(c, from, to, up, count, mine, lost, can, left, above)) count += 1;
        }
        if (count === 0) break;
        const taken = up ? s.load.of(from, from + count - 1) : s.load.of(to - count + 1, to);
        const level = weight / most - 1;
        worth += weightWorth * Math.min(Math.max(0, lost), taken) + c.levelling * level * taken;
        if (spent === 0 && taken > 0) {
          touched[touches] = owner;
          touches += 1;
        }
        used[owner] = spent + taken;
        usedExtra += Math.max(0, spent + taken - must) - Math.max(0, spent - must);
        left -= taken;
        if (up) high = from + count - 1;
        else low = to - count + 1;
        if (count < to - from + 1) {
          worth += (eatenWorth * unit * count) / (to - from + 1);
          break;
        }
        saved += (line.count[owner] as number) > crowdedFrom ? 2 : 1;
        p = (up ? line.next[p] : line.prev[p]) as number;
      }
    }
    for (let k = 0; k < touches; k += 1) used[touched[k] as number] = 0;
    if (low > high) return undefined;
    worth += weightWorth * (room - left);
    return { low, high, piece: start, saved, score: saved + worth / unit };
  };

  const take = (window: Window, receiver: number): number => {
    const weight = s.load.of(window.low, window.high);
    const donors = spanOwners(line, window);
    const must = (): number => donors.reduce((all, k) => all + over(k), 0);
    const before = must();
    const own = takeSpan(line, window, receiver);
    extra -= weight - (before - must());
    if (extra < 0) [extra, c.spare] = [0, Math.max(0, c.spare + extra)];
    for (const k of donors) if (over(k) <= epsilon) due.delete(k);
    return own;
  };

  const relax = (): void => {
    extra = Infinity;
  };
  return {
    need,
    due: () => [...due],
    unit,
    partition,
    at,
    take,
    starts,
    free,
    isScarce,
    mayBeginAt,
    relax,
  };
}

/**
 * Whether one partition more than the `count` that weigh at most `mine`, from the near end of a piece, is
 * taken: where that rounds up what the donor must lose, or what a new instance needs and the donor must
 * lose anyway.
 */
function mayRoundUp(
  { s, epsilon }: Compact,
  first: number,
  last: number,
  up: boolean,
  count: number,
  mine: number,
  lost: number,
  can: number,
  left: number,
  above: number,
): boolean {
  const next = up ? s.load.of(first, first + count) : s.load.of(last - count, last);
  if (mine >= left - epsilon) return next <= lost + epsilon;
  if (lost > left + epsilon || next <= lost || next > can || next > left) return false;
  const covered = up ? s.load.of(first, first + count - 1) : s.load.of(last - count + 1, last);
  return lost > covered + epsilon && next - lost <= above;
}

/** The pieces of these owners and those below them. */
function touching(line: Line, owners: Iterable<number>): readonly number[] {
  const pieces: number[] = [];
  const isAmong = new Uint8Array(line.size);
  const add = (piece: number): void => {
    if (isAmong[piece] === 1) return;
    isAmong[piece] = 1;
    pieces.push(piece);
  };
  for (const owner of owners) {
    for (const piece of movablePieces(line, owner)) {
      add(piece);
      const below = line.prev[piece] as number;
      if (below !== none) add(below);
    }
  }
  return pieces;
}

function spanOwners(line: Line, { low, high, piece }: Window): number[] {
  let p = piece;
  while ((line.from[p] as number) > low) p = line.prev[p] as number;
  const owners = new Set<number>();
  for (; p !== none && (line.from[p] as number) <= high; p = line.next[p] as number) {
    if ((line.to[p] as number) >= low) owners.add(line.owner[p] as number);
  }
  return [...owners];
}

/** Gives low..high, which may span many pieces, to a new instance. */
function takeSpan(line: Line, { low, high, piece }: Window, receiver: number): number {
  let p = piece;
  while ((line.from[p] as number) > low) p = line.prev[p] as number;
  if ((line.to[p] as number) < low) p = line.next[p] as number;
  let at = low;
  let own = p;
  while (at <= high) {
    const to = Math.min(line.to[p] as number, high);
    own = give(line, p, at, to, receiver);
    at = to + 1;
    p = line.next[own] as number;
  }
  return own;
}
