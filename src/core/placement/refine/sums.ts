// Sorted sums of one or two partitions, in which the closest to a wanted weight is found by halving.
// Decides nothing.
import { spend, type OwnerTable } from './owner-table.js';

/** Ascending by weight; up to two partitions each, -1 where there is none. */
export interface Sums {
  readonly weight: Float64Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/** Of so many partitions each pair is tried; of more, so many spread evenly. */
const pairedMax = 40;
/** What sorting one item costs, in comparisons of the search. */
export const sorting = 10;

/** Sums of what an instance holds of its own. */
export function sumsAtHome(a: OwnerTable, instance: number): Sums {
  const known = a.sums[instance];
  if (known !== undefined) return known;
  const own = (a.held[instance] as number[]).filter((p) => a.home[p] === instance);
  const sums = sumsOf(a, own);
  a.sums[instance] = sums;
  return sums;
}

/** Nothing, each partition, and each two of them. */
export function sumsOf(a: OwnerTable, partitions: readonly number[]): Sums {
  const paired = spread(partitions, pairedMax);
  const count = 1 + partitions.length + (paired.length * (paired.length - 1)) / 2;
  const weights = new Float64Array(count);
  const firsts = new Int32Array(count).fill(-1);
  const seconds = new Int32Array(count).fill(-1);
  let at = 1;
  for (const p of partitions) {
    weights[at] = a.weightAt(p);
    firsts[at] = p;
    at += 1;
  }
  paired.forEach((p, i) => {
    for (let j = i + 1; j < paired.length; j += 1) {
      const q = paired[j] as number;
      weights[at] = a.weightAt(p) + a.weightAt(q);
      firsts[at] = p;
      seconds[at] = q;
      at += 1;
    }
  });
  spend(a, sorting * count);
  const order = new Uint32Array(count).map((_, i) => i);
  order.sort((x, y) => (weights[x] as number) - (weights[y] as number));
  const sorted = {
    weight: new Float64Array(count),
    first: new Int32Array(count),
    second: new Int32Array(count),
  };
  order.forEach((from, to) => {
    sorted.weight[to] = weights[from] as number;
    sorted.first[to] = firsts[from] as number;
    sorted.second[to] = seconds[from] as number;
  });
  return sorted;
}

/** At most so many of a list, spread evenly over it. */
export function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)] as T);
}

/** The index of the first that is at least so much, of ascending numbers; the length when none is. */
export function firstAtLeast(ascending: ArrayLike<number>, least: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function partitionsIn({ first, second }: Sums, index: number): readonly number[] {
  const [p, q] = [first[index] as number, second[index] as number];
  return q >= 0 ? [p, q] : p >= 0 ? [p] : [];
}
