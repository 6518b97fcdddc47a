// Where the pool goes: small pieces to the neighbours that they touch, the others whole to whom has
// the room, and cut only where nobody has it. Never takes from anybody.
import type { Compact } from './deal-compact.js';
import { give, ownerAt, pieceWeight, pool, poolPieces } from './line.js';
import { heapOf } from './heap.js';
import { room, roomier } from './shed.js';

/** How much room, in means, a range more is worth. */
const perRange = 0.02;
/**
 * And how much it is worth to be the last in order rather than the first. Who is last leaves first: what
 * it gets now finds a better place then, and the others keep their room for whole ranges until that.
 */
const byOrder = 0.2;

export function pour(c: Compact): void {
  const { line } = c;
  const limit = (i: number): number => room(c, i);
  const bySize = (): number[] =>
    poolPieces(line).sort((a, b) => pieceWeight(line, a) - pieceWeight(line, b) || a - b);
  const pieces = bySize();
  if (pieces.length === 0) return;
  for (const piece of pieces) toNeighbours(c, piece, limit);
  // Where everybody must get exactly so much, what a neighbour can take of a piece is a range less.
  if (c.exact) for (const piece of bySize()) partsToNeighbours(c, piece, limit);
  const roomiest = roomiestOf(c, limit);
  for (const piece of bySize().reverse()) placeWhole(c, piece, limit, roomiest);
  for (const piece of bySize()) toNeighbours(c, piece, limit);
  for (const piece of bySize().reverse()) placeCut(c, piece, limit, roomiest);
}

type Limit = (i: number) => number;

/** All of a piece to the neighbours that have room for it. */
function toNeighbours(c: Compact, piece: number, limit: Limit): void {
  const { s, line, epsilon } = c;
  const [left, right] = [
    ownerAt(line, line.prev[piece] as number),
    ownerAt(line, line.next[piece] as number),
  ];
  const [from, to] = [line.from[piece] as number, line.to[piece] as number];
  const weight = pieceWeight(line, piece);
  const one = roomier(c, line.prev[piece] as number, line.next[piece] as number);
  if (one === pool) return;
  if (limit(one) >= weight - epsilon) {
    give(line, piece, from, to, one);
    return;
  }
  if (left === pool || right === pool || left === right) return;
  const low = s.load.fitLow(from, to, limit(left) + epsilon);
  if (low === 0 || low === to - from + 1) return;
  if (s.load.of(from + low, to) > limit(right) + epsilon) return;
  give(line, piece, from + low, to, right);
  give(line, piece, from, from + low - 1, left);
}

function placeWhole(c: Compact, piece: number, limit: Limit, roomiest: () => number): void {
  const weight = pieceWeight(c.line, piece);
  const receiver = roomiest();
  if (limit(receiver) < weight) return;
  give(c.line, piece, c.line.from[piece] as number, c.line.to[piece] as number, receiver);
}

/** The piece to whoever has room, in as few parts as it takes. */
function placeCut(c: Compact, start: number, limit: Limit, roomiest: () => number): void {
  const { s, line, epsilon } = c;
  let piece = start;
  for (;;) {
    toNeighbours(c, piece, limit);
    if (line.owner[piece] !== pool) return;
    const [from, to] = [line.from[piece] as number, line.to[piece] as number];
    const best = roomiest();
    const weight = pieceWeight(line, piece);
    if (limit(best) >= weight - epsilon) {
      give(line, piece, from, to, best);
      return;
    }
    // As much to each neighbour as it can take, then the most anybody can take.
    const rest = partsToNeighbours(c, piece, limit);
    if (rest !== piece || pieceWeight(line, piece) < weight) {
      piece = rest;
      continue;
    }
    const fits = s.load.fitHigh(from, to, limit(best) + epsilon);
    // A partition that is too heavy for anybody goes where the level is lowest.
    const count = Math.max(1, fits);
    give(line, piece, to - count + 1, to, fits > 0 ? best : lowest(c, limit));
    if (count === to - from + 1) return;
  }
}

/** As much of a piece as its neighbours have room for; answers the piece that is left of it. */
function partsToNeighbours(c: Compact, piece: number, limit: Limit): number {
  const { s, line, epsilon } = c;
  const [from, to] = [line.from[piece] as number, line.to[piece] as number];
  const left = ownerAt(line, line.prev[piece] as number);
  const right = ownerAt(line, line.next[piece] as number);
  const low = left === pool ? 0 : s.load.fitLow(from, to, limit(left) + epsilon);
  const high =
    right === pool || right === left ? 0 : s.load.fitHigh(from, to, limit(right) + epsilon);
  if (low + high === 0 || low + high >= to - from + 1) return piece;
  if (high > 0) give(line, piece, to - high + 1, to, right);
  if (low === 0) return piece;
  const given = give(line, piece, from, from + low - 1, left);
  return line.next[given] as number; // only now: the line may have grown other columns
}

/** Who has the most room, fewer ranges and a late place in order counting as room. */
function roomiestOf(c: Compact, limit: Limit): () => number {
  const { line, bounds } = c;
  const late = byOrder / line.weight.length;
  const score = (i: number): number =>
    limit(i) / (bounds.mean[i] as number) - perRange * (line.count[i] as number) + late * i;
  const heap = heapOf<readonly [i: number, score: number]>((a, b) => a[1] - b[1] || b[0] - a[0]);
  for (let i = 0; i < line.weight.length; i += 1) heap.push([i, score(i)]);
  return () => {
    // Scores mostly fall while the pool is dealt: the top is put back until it is up to date.
    for (;;) {
      const [i, before] = heap.pop() as readonly [number, number];
      const now = score(i);
      heap.push([i, now]);
      if (now >= before) return i;
    }
  };
}

function lowest(c: Compact, limit: Limit): number {
  let best = 0;
  let bestLevel = -Infinity;
  for (let i = 0; i < c.line.weight.length; i += 1) {
    const level = limit(i) / (c.bounds.mean[i] as number);
    if (level > bestLevel) [best, bestLevel] = [i, level];
  }
  return best;
}
