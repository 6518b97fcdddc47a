// What new instances get besides windows: pieces of the pool before, and single partitions after, to
// come from nearly enough to enough. Never brings a donor below its floor.
import type { Compact } from './deal-compact.js';
import { give, isThere, movablePieces, ownerAt, pieceWeight, pool, poolPieces } from './line.js';

/** Bounds the search for the last partitions of one new instance. */
const topUpsMax = 16;

/**
 * Gives pieces of the pool to new instances, in order, until each has its floor: whole ones first, the
 * largest that fit, then parts. Beyond its floor an instance gets only what no other new one needs.
 */
export function fillFromPool(c: Compact, news: readonly number[]): void {
  const pieces = poolPieces(c.line).sort(
    (a, b) => pieceWeight(c.line, b) - pieceWeight(c.line, a) || a - b,
  );
  if (pieces.length === 0) return;
  const need = (i: number): number =>
    Math.max(0, (c.floor[i] as number) - (c.line.weight[i] as number));
  let needed = news.reduce((sum, i) => sum + need(i), 0);
  let left = pieces.reduce((sum, piece) => sum + pieceWeight(c.line, piece), 0);
  for (const i of news) {
    const before = c.line.weight[i] as number;
    needed -= need(i);
    const most = before + Math.max(need(i), left - needed);
    fillOne(c, i, pieces, Math.min(most, c.ceiling[i] as number));
    left -= (c.line.weight[i] as number) - before;
  }
}

/** `most`: what the instance may have in all. */
function fillOne(c: Compact, i: number, pieces: readonly number[], most: number): void {
  const { s, line, floor, epsilon } = c;
  const isPool = (piece: number): boolean => isThere(line, piece) && ownerAt(line, piece) === pool;
  for (const piece of pieces) {
    const need = (floor[i] as number) - (line.weight[i] as number);
    if (need <= epsilon) return;
    const room = most - (line.weight[i] as number);
    if (isPool(piece) && pieceWeight(line, piece) <= room + epsilon) {
      give(line, piece, line.from[piece] as number, line.to[piece] as number, i);
    }
  }
  for (const piece of pieces) {
    const need = (floor[i] as number) - (line.weight[i] as number);
    if (need <= epsilon) return;
    if (!isPool(piece)) continue;
    const [from, to] = [line.from[piece] as number, line.to[piece] as number];
    const room = most - (line.weight[i] as number);
    // From the high end: what is left is the same piece then.
    const whole = s.load.fitHigh(from, to, need + epsilon);
    const count =
      s.load.of(to - whole + 1, to) < need - epsilon &&
      s.load.fitHigh(from, to, room + epsilon) > whole
        ? whole + 1
        : whole;
    if (count > 0) give(line, piece, to - count + 1, to, i);
  }
}

/** The last partitions of a new instance: of those that touch what it has the lightest that does. */
export function topUp(c: Compact, i: number): void {
  const { s, line, floor, epsilon } = c;
  for (let step = 0; step < topUpsMax; step += 1) {
    const need = (floor[i] as number) - (line.weight[i] as number);
    if (need <= epsilon) return;
    let best: { readonly piece: number; readonly partition: number } | undefined;
    let bestAbove = Infinity;
    for (const piece of movablePieces(line, i)) {
      for (const up of [true, false]) {
        const beside = (up ? line.next[piece] : line.prev[piece]) as number;
        const owner = ownerAt(line, beside);
        if (owner === pool || owner === i || line.fixed[beside] === 1) continue;
        const partition = (up ? line.from[beside] : line.to[beside]) as number;
        const weight = s.load.at(partition);
        const left = (line.weight[owner] as number) - weight;
        const isTooMuch = (line.weight[i] as number) + weight > (c.ceiling[i] as number) + epsilon;
        if (weight === 0 || isTooMuch || left < (floor[owner] as number) - epsilon) continue;
        const above = Math.abs(weight - need) + (weight < need ? need : 0);
        if (above < bestAbove) [best, bestAbove] = [{ piece: beside, partition }, above];
      }
    }
    if (best === undefined) return;
    give(line, best.piece, best.partition, best.partition, i);
  }
}
