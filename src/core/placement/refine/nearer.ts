// One step that brings the fullest instance that is above its bound nearer to it, or gives an empty one
// something: a partition goes, or two change places. For worlds in which nobody finds a way to bring
// everybody inside. Answers the step; carries nothing out.
//
// A step lowers the fuller of the two it is between, and levels within the bound count as one, so the
// levels, sorted from the fullest down, only fall: steps never go in a circle.
import type { Bounds } from '../bounds.js';
import { costOf, mayGoOn, spend, type OwnerTable, type Transfer } from './owner-table.js';
import { firstAtLeast } from './sums.js';

/** Nobody is moved to make a level even by less than so much of a mean, but to bring it inside. */
const grain = 0.001;
/** Levels, which are about 1, are equal within this. */
const levelEpsilon = 1e-9;

export interface Shelf {
  /** Instance → what it may give, ascending by weight; forgotten when that changes. */
  readonly sorted: (Sorted | undefined)[];
}

interface Sorted {
  readonly weight: readonly number[];
  readonly partition: readonly number[];
}

export function shelfOf(a: OwnerTable): Shelf {
  return { sorted: a.held.map(() => undefined) };
}

function sortedOf(a: OwnerTable, shelf: Shelf, i: number): Sorted {
  const known = shelf.sorted[i];
  if (known !== undefined) return known;
  const partition = [...(a.held[i] as number[])].sort(
    (p, q) => a.weightAt(p) - a.weightAt(q) || p - q,
  );
  const sorted = { partition, weight: partition.map(a.weightAt) };
  shelf.sorted[i] = sorted;
  spend(a, partition.length);
  return sorted;
}

/** The step for the fullest that has one. `upper`: what counts as inside. */
export function nearerStep(
  a: OwnerTable,
  { mean, upper }: Bounds,
  shelf: Shelf,
): readonly Transfer[] | undefined {
  const level = (i: number): number => (a.weight[i] as number) / (mean[i] as number);
  const above = a.weight
    .map((_, i) => i)
    .filter((i) => (a.weight[i] as number) > (upper[i] as number) + a.epsilon)
    .sort((i, j) => level(j) - level(i) || i - j);
  for (const i of above) {
    if (!mayGoOn(a)) return undefined;
    const step = relief(a, mean, upper, shelf, i);
    if (step !== undefined) return step;
  }
  return undefined;
}

function relief(
  a: OwnerTable,
  mean: readonly number[],
  upper: readonly number[],
  shelf: Shelf,
  i: number,
): readonly Transfer[] | undefined {
  const { weight, epsilon } = a;
  const now = weight[i] as number;
  const width = mean[i] as number;
  const top = now / width;
  const excess = now - (upper[i] as number);
  const mine = sortedOf(a, shelf, i);
  let best: readonly Transfer[] | undefined;
  let bestPeak = Infinity;
  let bestCost = Infinity;
  a.weight.forEach((theirs, j) => {
    if (j === i || !mayGoOn(a)) return;
    const wide = mean[j] as number;
    const inside = (upper[j] as number) / wide;
    const bound = Math.max((upper[i] as number) / width, inside);
    /** Net weight that goes from i to j, at most: beyond it j would stand as high as i does. */
    const most = wide * top - theirs;
    if (most <= epsilon) return;
    const even = (now * wide - theirs * width) / (width + wide);
    const offer = (net: number, cost: number, transfers: () => readonly Transfer[]): void => {
      if (net <= epsilon || net >= most) return;
      const isInside = net >= excess - epsilon && theirs + net <= (upper[j] as number) + epsilon;
      const reached = Math.max((now - net) / width, (theirs + net) / wide);
      if (!isInside && reached > top - grain) return;
      const peak = isInside ? 0 : Math.max(reached, bound);
      if (peak > bestPeak + levelEpsilon) return;
      if (peak >= bestPeak - levelEpsilon && cost >= bestCost - epsilon) return;
      [best, bestPeak, bestCost] = [transfers(), Math.min(peak, bestPeak), cost];
    };
    const others = sortedOf(a, shelf, j);
    spend(a, mine.partition.length);
    mine.partition.forEach((p, at) => {
      const alone = mine.weight[at] as number;
      const cost = costOf(a, p, i, j);
      offer(alone, cost, () => [[p, j]]);
      if (others.partition.length === 0) return;
      // Of what comes back: what leaves just enough to go, and what makes the two most even.
      for (const wanted of [Math.min(excess, most), even]) {
        const least = firstAtLeast(others.weight, alone - wanted);
        spend(a, 4);
        for (
          let k = Math.max(0, least - 1);
          k < Math.min(others.weight.length, least + 1);
          k += 1
        ) {
          const q = others.partition[k] as number;
          const net = alone - (others.weight[k] as number);
          offer(net, cost + costOf(a, q, j, i), () => [
            [p, j],
            [q, i],
          ]);
        }
      }
    });
  });
  return best;
}

/** For an instance that owns nothing: the partition that leaves the lighter of the two the heaviest. */
export function fillStep(
  a: OwnerTable,
  { mean, upper }: Bounds,
  empty: number,
): readonly Transfer[] | undefined {
  let best: Transfer | undefined;
  let bestLow = 2 * levelEpsilon;
  let bestCost = Infinity;
  const wide = mean[empty] as number;
  a.held.forEach((own, i) => {
    const width = mean[i] as number;
    const now = a.weight[i] as number;
    const peak = Math.max(now / width, (upper[empty] as number) / wide);
    spend(a, own.length);
    for (const p of own) {
      const one = a.weightAt(p);
      if (one / wide > peak) continue;
      const low = Math.min((now - one) / width, one / wide);
      const cost = costOf(a, p, i, empty);
      if (low < bestLow - levelEpsilon || (low <= bestLow + levelEpsilon && cost >= bestCost))
        continue;
      [best, bestLow, bestCost] = [[p, empty], low, cost];
    }
  });
  return best === undefined ? undefined : [best];
}
