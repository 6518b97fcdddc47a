// What new instances get besides windows: pieces of the pool before, and single partitions after, to
// come from nearly enough to enough. Never brings a donor below its floor.
import type { Compact } from './deal-compact.js';
import { give, isThere, movablePieces, ownerAt, pieceWeight, pool, poolPieces } from './line.js';

/** Bounds the search for the last partitions of one new instance. */
const topUpsMax = 16;

/** Whole pieces of the pool first, the largest that fit; then parts. False when that is not enough. */
export function fillFromPool(c: Compact, i: number): boolean {
  const { s, line, floor, ceiling, epsilon } = c;
  const pieces = poolPieces(line).sort(
    (a, b) => pieceWeight(line, b) - pieceWeight(line, a) || a - b,
  );
  for (const piece of pieces) {
    const room = (ceiling[i] as number) - (line.weight[i] as number);
    const need = (floor[i] as number) - (line.weight[i] as number);
    if (need <= epsilon) return true;
    if (pieceWeight(line, piece) <= room) {
      give(line, piece, line.from[piece] as number, line.to[piece] as number, i);
    }
  }
  for (const piece of pieces) {
    const need = (floor[i] as number) - (line.weight[i] as number);
    if (need <= epsilon) return true;
    if (!isThere(line, piece) || ownerAt(line, piece) !== pool) continue;
    const [from, to] = [line.from[piece] as number, line.to[piece] as number];
    const room = (ceiling[i] as number) - (line.weight[i] as number);
    const whole = s.load.fitLow(from, to, need + epsilon);
    const count =
      s.load.of(from, from + whole - 1) < need - epsilon && s.load.fitLow(from, to, room) > whole
        ? whole + 1
        : whole;
    if (count > 0) give(line, piece, from, from + count - 1, i);
  }
  return (floor[i] as number) - (line.weight[i] as number) <= epsilon;
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
