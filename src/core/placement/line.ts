// The partition space as a line of pieces, each with its owner, which the compact rule cuts and
// joins while it works. Owns weights and piece counts of the owners; decides nothing.
// A piece is a number; giving a part of it to another owner costs O(1).
import { normalize, subtract, type Range, type Ranges } from '../ranges.js';
import { weightOf, type Dealt, type Situation } from './situation.js';

/** The owner of what must still be dealt. */
export const pool = -1;
export const none = -1;

export interface Line {
  readonly s: Situation;
  /** Piece → first and last partition, owner, neighbours (`none` at the ends). */
  readonly from: number[];
  readonly to: number[];
  readonly owner: number[];
  readonly prev: number[];
  readonly next: number[];
  /** Piece → whether it must stay with its owner. */
  readonly fixed: boolean[];
  /** Owner → what it has now. */
  readonly weight: number[];
  readonly count: number[];
  /** Owner → pieces it ever had; those that it lost or that were joined to others included. */
  readonly ever: number[][];
}

/** What stays is with its owner; what leaving instances have and what nobody owns is in the pool. */
export function lineOf(s: Situation, fixed: Ranges): Line {
  const line: Line = {
    s,
    from: [],
    to: [],
    owner: [],
    prev: [],
    next: [],
    fixed: [],
    weight: s.capacity.map(() => 0),
    count: s.capacity.map(() => 0),
    ever: s.capacity.map(() => []),
  };
  const owned: [from: number, to: number, owner: number, fixed: boolean][] = [];
  for (let i = 0; i < s.staying; i += 1) {
    const ranges = s.held[i] as Ranges;
    line.weight[i] = weightOf(s.load, ranges);
    const free = fixed.length === 0 ? ranges : subtract(ranges, fixed);
    for (const [from, to] of free) owned.push([from, to, i, false]);
    if (fixed.length === 0) continue;
    for (const [from, to] of subtract(ranges, free)) owned.push([from, to, i, true]);
  }
  owned.sort((a, b) => a[0] - b[0]);
  let at = 0;
  for (const [from, to, owner, stuck] of owned) {
    if (from > at) append(line, at, from - 1, pool, false);
    append(line, from, to, owner, stuck);
    at = to + 1;
  }
  if (at < s.partitions) append(line, at, s.partitions - 1, pool, false);
  return line;
}

function append(line: Line, from: number, to: number, owner: number, fixed: boolean): void {
  const piece = line.from.length;
  put(line, from, to, owner, piece - 1, none, fixed);
  if (piece > 0) line.next[piece - 1] = piece;
}

function put(
  line: Line,
  from: number,
  to: number,
  owner: number,
  prev: number,
  next: number,
  fixed: boolean,
): number {
  const piece = line.from.length;
  line.from.push(from);
  line.to.push(to);
  line.owner.push(owner);
  line.prev.push(prev);
  line.next.push(next);
  line.fixed.push(fixed);
  tally(line, piece, owner);
  return piece;
}

function tally(line: Line, piece: number, owner: number): void {
  if (owner === pool) return;
  (line.ever[owner] as number[]).push(piece);
  line.count[owner] = (line.count[owner] as number) + 1;
}

/** Whether the piece is still there: joined ones end before they begin. */
export function isThere(line: Line, piece: number): boolean {
  return (line.from[piece] as number) <= (line.to[piece] as number);
}

export function pieceWeight(line: Line, piece: number): number {
  return line.s.load.of(line.from[piece] as number, line.to[piece] as number);
}

export function ownerAt(line: Line, piece: number): number {
  return piece === none ? pool : (line.owner[piece] as number);
}

/** The pieces of an owner that it may give, ascending. */
export function movablePieces(line: Line, owner: number): number[] {
  const mine = (p: number): boolean =>
    line.owner[p] === owner && isThere(line, p) && line.fixed[p] === false;
  return [...new Set((line.ever[owner] as number[]).filter(mine))].sort(
    (a, b) => (line.from[a] as number) - (line.from[b] as number),
  );
}

/** The pieces of the pool, ascending. O(pieces). */
export function poolPieces(line: Line): number[] {
  const pieces: number[] = [];
  for (let p = first(line); p !== none; p = line.next[p] as number) {
    if (line.owner[p] === pool) pieces.push(p);
  }
  return pieces;
}

export function first(line: Line): number {
  // Piece 0 is the lowest: joining keeps the lower piece, cutting adds above.
  return line.from.length === 0 ? none : 0;
}

/** Gives from..to of one piece to another owner; answers the piece that holds it then. */
export function give(line: Line, piece: number, from: number, to: number, owner: number): number {
  const before = line.owner[piece] as number;
  const low = line.from[piece] as number;
  const high = line.to[piece] as number;
  const weight = line.s.load.of(from, to);
  if (before !== pool) line.weight[before] = (line.weight[before] as number) - weight;
  if (owner !== pool) line.weight[owner] = (line.weight[owner] as number) + weight;
  let middle = piece;
  if (to < high) split(line, piece, to + 1);
  if (from > low) middle = split(line, piece, from);
  if (before !== pool) line.count[before] = (line.count[before] as number) - 1;
  line.owner[middle] = owner;
  tally(line, middle, owner);
  const next = line.next[middle] as number;
  if (next !== none && joins(line, middle, next)) absorb(line, middle, next);
  const prev = line.prev[middle] as number;
  if (prev !== none && joins(line, prev, middle)) {
    absorb(line, prev, middle);
    return prev;
  }
  return middle;
}

function joins(line: Line, a: number, b: number): boolean {
  return line.owner[a] === line.owner[b] && !line.fixed[a] && !line.fixed[b];
}

/** The part of a piece from `at` on becomes a piece of its own. */
function split(line: Line, piece: number, at: number): number {
  const next = line.next[piece] as number;
  const owner = line.owner[piece] as number;
  const added = put(line, at, line.to[piece] as number, owner, piece, next, false);
  line.to[piece] = at - 1;
  line.next[piece] = added;
  if (next !== none) line.prev[next] = added;
  return added;
}

function absorb(line: Line, lower: number, upper: number): void {
  const owner = line.owner[lower] as number;
  line.to[lower] = line.to[upper] as number;
  line.from[upper] = line.to[upper] as number;
  line.to[upper] = line.from[upper] - 1;
  const next = line.next[upper] as number;
  line.next[lower] = next;
  if (next !== none) line.prev[next] = lower;
  if (owner !== pool) line.count[owner] = (line.count[owner] as number) - 1;
}

/** What each index keeps, and what changed hands, ascending. */
export function settleLine(line: Line): {
  readonly kept: readonly Ranges[];
  readonly dealt: Dealt[];
} {
  const { s } = line;
  const before: [from: number, to: number, owner: number][] = [];
  s.held.forEach((ranges, i) => {
    for (const [from, to] of ranges) before.push([from, to, i]);
  });
  for (const [from, to] of s.unowned) before.push([from, to, -1]);
  before.sort((a, b) => a[0] - b[0]);
  const kept: Range[][] = s.names.map(() => []);
  const dealt: Dealt[] = [];
  let at = 0;
  for (let p = first(line); p !== none; p = line.next[p] as number) {
    const receiver = line.owner[p] as number;
    const last = line.to[p] as number;
    let from = line.from[p] as number;
    while (from <= last) {
      const [, until, donor] = before[at] as (typeof before)[number];
      const to = Math.min(last, until);
      if (donor === receiver) (kept[donor] as Range[]).push([from, to]);
      else dealt.push({ from, to, donor, receiver });
      if (to === until) at += 1;
      from = to + 1;
    }
  }
  return { kept: kept.map(normalize), dealt };
}
