// Single partitions of the pool that are too heavy to be dealt with their neighbours: they are placed
// first, heaviest first, each where the level is lowest (Graham 1969). Deals nothing else.
import type { Ranges } from '../ranges.js';
import type { Compact } from './deal-compact.js';
import { heapOf } from './heap.js';
import { give, poolPieces } from './line.js';
import type { Situation } from './situation.js';

/** Who holds a heavy partition itself cannot make room in small parts: it seems that much fuller. */
const wariness = 0.2;

/** Places the partitions of the pool above a weight. O(P + H log N) for H of them. */
export function placeHeavy(c: Compact, above: number): void {
  const { s, bounds, line, ceiling } = c;
  const heavy: number[] = [];
  for (const piece of poolPieces(line)) {
    const last = line.to[piece] as number;
    for (let p = line.from[piece] as number; p <= last; p += 1) {
      if (s.load.at(p) > above) heavy.push(p);
    }
  }
  if (heavy.length === 0) return;
  const heaviest = s.held.slice(0, s.staying).map((ranges) => heaviestIn(s, ranges));
  heavy.sort((a, b) => s.load.at(b) - s.load.at(a) || a - b);
  const level = (i: number): number =>
    ((line.weight[i] as number) + wariness * (heaviest[i] as number)) / (bounds.mean[i] as number);
  const lowest = heapOf<number>((a, b) => level(b) - level(a) || b - a);
  for (let i = 0; i < s.staying; i += 1) lowest.push(i);
  const areEqual = s.capacity.every((size) => size === s.capacity[0]);
  /** Of instances of different size the one that stands lowest with it. */
  const lowestWith = (weight: number): number => {
    const levelWith = (i: number): number => level(i) + weight / (bounds.mean[i] as number);
    let best = 0;
    for (let i = 1; i < s.staying; i += 1) if (levelWith(i) < levelWith(best)) best = i;
    return best;
  };
  const most = bounds.upper.reduce((a, b) => Math.max(a, b), 0);
  const pieces = new Map<number, number>();
  for (const p of heavy) {
    const receiver = areEqual ? (lowest.pop() as number) : lowestWith(s.load.at(p));
    pieces.set(p, receiver);
    line.weight[receiver] = (line.weight[receiver] as number) + s.load.at(p);
    // Who holds one that nobody could hold has its share with that.
    if (s.load.at(p) > most) {
      ceiling[receiver] = Math.max(ceiling[receiver] as number, s.load.at(p));
    }
    if (areEqual) lowest.push(receiver);
  }
  for (const [p, receiver] of pieces) {
    line.weight[receiver] = (line.weight[receiver] as number) - s.load.at(p);
  }
  const byPlace = [...pieces].sort((a, b) => a[0] - b[0]);
  let next = 0;
  for (const piece of poolPieces(line)) {
    let at = piece;
    const last = line.to[piece] as number;
    for (; next < byPlace.length; next += 1) {
      const [p, receiver] = byPlace[next] as (typeof byPlace)[number];
      if (p > last) break;
      const own = give(line, at, p, p, receiver);
      if (p < last) at = line.next[own] as number;
    }
  }
}

function heaviestIn(s: Situation, ranges: Ranges): number {
  let most = 0;
  for (const [from, to] of ranges) {
    for (let p = from; p <= to; p += 1) most = Math.max(most, s.load.at(p));
  }
  return most;
}
