// The partition space as a line of pieces, each with its owner, which the compact rule cuts and
// joins while it works. Owns weights and piece counts of the owners; decides nothing.
// A piece is a number, an index into columns; giving a part of it to another owner costs O(1).
import type { Range, Ranges } from '../ranges.js';
import type { Situation } from './situation.js';
import type { Spans } from './spans.js';

/** The owner of what must still be dealt. */
export const pool = -1;
export const none = -1;

export interface Line {
  readonly s: Situation;
  /** Pieces so far, those included that were joined to others. */
  size: number;
  /** Piece → first and last partition, owner, neighbours (`none` at the ends). */
  from: Int32Array;
  to: Int32Array;
  owner: Int32Array;
  prev: Int32Array;
  next: Int32Array;
  /** Piece → 1 when it must stay with its owner. */
  fixed: Uint8Array;
  /** Owner → what it has now. */
  readonly weight: number[];
  readonly count: number[];
  /**
   * Owner (or behind all of them, the pool) → the last entry of the pieces it ever had, those that it
   * lost included; entry → …
   */
  readonly lastEntry: Int32Array;
  entries: number;
  entryPiece: Int32Array;
  entryBefore: Int32Array;
}

/** Pieces that a line has room for beyond those it begins with; it grows when they are used up. */
const spareSize = 256;

/** What stays is with its owner; what leaving instances have and what nobody owns is in the pool. */
export function lineOf(s: Situation, fixed: Ranges): Line {
  const { spans, staying } = s;
  const size = spans.count + (spans.count >> 2) + spareSize;
  const line: Line = {
    s,
    size: 0,
    from: new Int32Array(size),
    to: new Int32Array(size),
    owner: new Int32Array(size),
    prev: new Int32Array(size),
    next: new Int32Array(size),
    fixed: new Uint8Array(size),
    weight: s.weights.slice(0, staying),
    count: s.capacity.map(() => 0),
    lastEntry: new Int32Array(staying + 1).fill(none),
    entries: 0,
    entryPiece: new Int32Array(size),
    entryBefore: new Int32Array(size),
  };
  // Nothing to join or to set apart: the ranges are the pieces.
  if (fixed.length === 0 && spans.areJoined && s.names.length === staying && !s.unowned.length) {
    fillFrom(line, spans);
    return line;
  }
  let at = 0;
  const append = (from: number, to: number, owner: number, isFixed: boolean): void => {
    const last = line.size - 1;
    const isLike = last >= 0 && line.owner[last] === owner;
    const joinsLast = isLike && isFixed === (line.fixed[last] === 1);
    if (joinsLast) line.to[last] = to;
    else {
      const piece = put(line, from, to, owner, last, none);
      if (isFixed) line.fixed[piece] = 1;
      if (last >= 0) line.next[last] = piece;
    }
    at = to + 1;
  };
  let nextFixed = 0;
  for (let i = 0; i < spans.count; i += 1) {
    const owner = spans.owner[i] as number;
    if (owner >= staying) continue;
    const [from, to] = [spans.from[i] as number, spans.to[i] as number];
    if (from > at) append(at, from - 1, pool, false);
    if (fixed.length === 0) append(from, to, owner, false);
    while (at <= to) {
      while (nextFixed < fixed.length && (fixed[nextFixed] as Range)[1] < at) nextFixed += 1;
      const [fixedFrom, fixedTo] = fixed[nextFixed] ?? [Infinity, Infinity];
      if (fixedFrom > at) append(at, Math.min(to, fixedFrom - 1), owner, false);
      else append(at, Math.min(to, fixedTo), owner, true);
    }
  }
  if (at < s.partitions) append(at, s.partitions - 1, pool, false);
  return line;
}

function fillFrom(line: Line, spans: Spans): void {
  const { count, owner } = spans;
  const { prev, next, lastEntry, entryPiece, entryBefore } = line;
  line.from.set(spans.from);
  line.to.set(spans.to);
  line.owner.set(owner);
  line.size = count;
  line.entries = count;
  for (let i = 0; i < count; i += 1) {
    const of = owner[i] as number;
    prev[i] = i - 1;
    next[i] = i + 1;
    entryPiece[i] = i;
    entryBefore[i] = lastEntry[of] as number;
    lastEntry[of] = i;
    line.count[of] = (line.count[of] as number) + 1;
  }
  next[count - 1] = none;
}

function put(
  line: Line,
  from: number,
  to: number,
  owner: number,
  prev: number,
  next: number,
): number {
  if (line.size === line.from.length) growPieces(line);
  const piece = line.size;
  line.size += 1;
  line.from[piece] = from;
  line.to[piece] = to;
  line.owner[piece] = owner;
  line.prev[piece] = prev;
  line.next[piece] = next;
  tally(line, piece, owner);
  return piece;
}

function tally(line: Line, piece: number, owner: number): void {
  if (line.entries === line.entryPiece.length) {
    line.entryPiece = twice(line.entryPiece);
    line.entryBefore = twice(line.entryBefore);
  }
  line.entryPiece[line.entries] = piece;
  const chain = chainOf(line, owner);
  line.entryBefore[line.entries] = line.lastEntry[chain] as number;
  line.lastEntry[chain] = line.entries;
  line.entries += 1;
  if (owner !== pool) line.count[owner] = (line.count[owner] as number) + 1;
}

/** The pool's entries are behind those of all owners. */
function chainOf(line: Line, owner: number): number {
  return owner === pool ? line.s.staying : owner;
}

function growPieces(line: Line): void {
  line.from = twice(line.from);
  line.to = twice(line.to);
  line.owner = twice(line.owner);
  line.prev = twice(line.prev);
  line.next = twice(line.next);
  const fixed = new Uint8Array(2 * line.fixed.length);
  fixed.set(line.fixed);
  line.fixed = fixed;
}

function twice(column: Int32Array): Int32Array {
  const longer = new Int32Array(2 * column.length);
  longer.set(column);
  return longer;
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

/** The pieces of an owner that it may give, or of the pool, ascending. O(n log n) for those it ever had. */
export function movablePieces(line: Line, owner: number): number[] {
  const { from, entryPiece, entryBefore } = line;
  const mine: number[] = [];
  let isDescending = true;
  let lowest = Infinity;
  let e = line.lastEntry[chainOf(line, owner)] as number;
  for (; e !== none; e = entryBefore[e] as number) {
    const p = entryPiece[e] as number;
    if (line.owner[p] !== owner || !isThere(line, p) || line.fixed[p] === 1) continue;
    const at = from[p] as number;
    if (at >= lowest) isDescending = false;
    lowest = at;
    mine.push(p);
  }
  // The latest entry comes first: who has got nothing since the beginning got its pieces in order.
  if (isDescending) return mine.reverse();
  return [...new Set(mine)].sort((a, b) => (from[a] as number) - (from[b] as number));
}

/** The pieces of the pool, ascending. */
export function poolPieces(line: Line): number[] {
  return movablePieces(line, pool);
}

export function first(line: Line): number {
  // Piece 0 is the lowest: joining keeps the lower piece, cutting adds above.
  return line.size === 0 ? none : 0;
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
  return line.owner[a] === line.owner[b] && line.fixed[a] === 0 && line.fixed[b] === 0;
}

/** The part of a piece from `at` on becomes a piece of its own. */
function split(line: Line, piece: number, at: number): number {
  const next = line.next[piece] as number;
  const owner = line.owner[piece] as number;
  const added = put(line, at, line.to[piece] as number, owner, piece, next);
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
