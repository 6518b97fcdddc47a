// What instances above their ceiling still must give when new ones have enough: boundaries shift to
// neighbours with room, small ranges go whole, and only what is left is cut. What finds no neighbour
// goes to the pool. Never takes more than the excess but for the last whole partition.
import type { Compact } from './deal-compact.js';
import { give, movablePieces, none, ownerAt, pieceWeight, pool, type Line } from './line.js';

export function shed(c: Compact, to: 'neighbours' | 'pool' = 'neighbours'): void {
  const { line, ceiling, epsilon } = c;
  for (let i = 0; i < line.weight.length; i += 1) {
    if ((line.weight[i] as number) - (ceiling[i] as number) > epsilon)
      shedOne(c, i, to === 'neighbours');
  }
}

/**
 * What instances above their ceiling must give although it brings them below their floor, because only
 * heavy partitions would bring them down: it goes to the pool first, so that new instances get it.
 */
export function shedHeavy(c: Compact): void {
  const { s, line, floor, ceiling, epsilon } = c;
  if (s.load.uniform) return;
  for (let i = 0; i < line.weight.length; i += 1) {
    const excess = (line.weight[i] as number) - (ceiling[i] as number);
    const may = (line.weight[i] as number) - (floor[i] as number);
    if (excess > epsilon && lightWeight(c, i, may, excess) < excess) shedOne(c, i, false);
  }
}

/** Weight of the partitions of an owner that weigh at most `limit` each; stops at `enough`. */
function lightWeight({ s, line }: Compact, i: number, limit: number, enough: number): number {
  let sum = 0;
  for (const piece of movablePieces(line, i)) {
    const last = line.to[piece] as number;
    for (let p = line.from[piece] as number; p <= last && sum < enough; p += 1) {
      if (s.load.at(p) <= limit) sum += s.load.at(p);
    }
  }
  return sum;
}

function shedOne(c: Compact, i: number, toNeighbours: boolean): void {
  const { s, line, ceiling, epsilon } = c;
  const excess = (): number => (line.weight[i] as number) - (ceiling[i] as number);
  const bySize = movablePieces(line, i).sort(
    (a, b) => pieceWeight(line, a) - pieceWeight(line, b) || a - b,
  );
  // Whole ranges to neighbours with room, the smallest first: each is a range less.
  for (const piece of toNeighbours ? bySize : []) {
    const weight = pieceWeight(line, piece);
    if (weight > excess() + epsilon) break;
    const to = roomier(c, line.prev[piece] as number, line.next[piece] as number);
    if (to !== pool && room(c, to) >= weight)
      give(line, piece, line.from[piece] as number, line.to[piece] as number, to);
  }
  // Parts of ranges to neighbours: no range more.
  for (const piece of toNeighbours ? movablePieces(line, i) : []) {
    for (const up of [true, false]) {
      const most = excess();
      if (most <= epsilon) return;
      const to = ownerAt(line, (up ? line.next[piece] : line.prev[piece]) as number);
      if (line.owner[piece] !== i || to === pool || to === i) continue;
      const limit = Math.min(most, room(c, to));
      if (limit > epsilon) cut(c, piece, limit, up, to);
    }
  }
  for (const piece of movablePieces(line, i).sort(
    (a, b) => pieceWeight(line, a) - pieceWeight(line, b) || a - b,
  )) {
    if (pieceWeight(line, piece) > excess() + epsilon) break;
    give(line, piece, line.from[piece] as number, line.to[piece] as number, pool);
  }
  if (excess() <= epsilon) return;
  // The end of a range at which whole partitions cover the excess with the least above it.
  let best: { piece: number; up: boolean; count: number; above: number } | undefined;
  for (const piece of movablePieces(line, i).reverse()) {
    const [from, to] = [line.from[piece] as number, line.to[piece] as number];
    for (const up of [true, false]) {
      const fits = (up ? s.load.fitHigh : s.load.fitLow)(from, to, excess() + epsilon);
      const covered = up ? s.load.of(to - fits + 1, to) : s.load.of(from, from + fits - 1);
      const count = covered < excess() - epsilon ? fits + 1 : fits;
      if (count > to - from + 1) continue;
      const above =
        (up ? s.load.of(to - count + 1, to) : s.load.of(from, from + count - 1)) - excess();
      const crossing = count > 0 && (best === undefined || above < best.above - epsilon);
      if (crossing) best = { piece, up, count, above };
    }
  }
  if (best === undefined || best.above > c.spare) {
    const window = closestWindow(c, i, excess());
    if (window !== undefined && (best === undefined || window.above < best.above)) {
      c.spare = Math.max(0, c.spare - window.above);
      give(line, window.piece, window.from, window.to, pool);
      return;
    }
  }
  if (best === undefined) return;
  c.spare = Math.max(0, c.spare - best.above);
  const [from, to] = [line.from[best.piece] as number, line.to[best.piece] as number];
  if (best.up) give(line, best.piece, to - best.count + 1, to, pool);
  else give(line, best.piece, from, from + best.count - 1, pool);
}

/** The run of partitions inside one piece that covers the excess with the least above it. */
function closestWindow(
  c: Compact,
  i: number,
  excess: number,
):
  | { readonly piece: number; readonly from: number; readonly to: number; readonly above: number }
  | undefined {
  const { s, line, epsilon } = c;
  let best: { piece: number; from: number; to: number; above: number } | undefined;
  for (const piece of movablePieces(line, i)) {
    const last = line.to[piece] as number;
    let from = line.from[piece] as number;
    for (let to = from; to <= last; to += 1) {
      while (from < to && s.load.of(from + 1, to) >= excess - epsilon) from += 1;
      const above = s.load.of(from, to) - excess;
      if (above >= -epsilon && (best === undefined || above < best.above)) {
        best = { piece, from, to, above };
      }
    }
  }
  return best;
}

function cut(c: Compact, piece: number, limit: number, up: boolean, receiver: number): void {
  const { s, line, epsilon } = c;
  const [from, to] = [line.from[piece] as number, line.to[piece] as number];
  const count = (up ? s.load.fitHigh : s.load.fitLow)(from, to, limit + epsilon);
  if (count === 0) return;
  if (up) give(line, piece, to - count + 1, to, receiver);
  else give(line, piece, from, from + count - 1, receiver);
}

/** What an instance can take without passing its ceiling; one that must give takes nothing. */
export function room(c: Compact, i: number): number {
  return (c.ceiling[i] as number) - (c.line.weight[i] as number);
}

/** Of the owners of two pieces the one with more room; `pool` when neither is an instance. */
export function roomier(c: Compact, a: number, b: number): number {
  const [left, right] = [ownerAt(c.line, a), ownerAt(c.line, b)];
  if (left === pool || right === pool) return left === pool ? right : left;
  return room(c, right) > room(c, left) ? right : left;
}

export function isEnd(line: Line, piece: number): boolean {
  return line.next[piece] === none;
}
