// Sorted sums of one or two partitions, in which the closest to a wanted weight is found by halving.
// Decides nothing.
import type { Assignment } from './assignment.js';

/** Up to two partitions; -1 where there is none. */
export interface Sum {
  readonly weight: number;
  readonly first: number;
  readonly second: number;
}

/** Of so many partitions each pair is tried; of more, so many spread evenly. */
const pairedMax = 64;

/** Nothing, each partition, and each two of them, ascending by weight. */
export function sumsOf(a: Assignment, partitions: readonly number[]): Sum[] {
  const sums: Sum[] = [{ weight: 0, first: -1, second: -1 }];
  for (const first of partitions) sums.push({ weight: a.weightAt(first), first, second: -1 });
  const paired = spread(partitions);
  paired.forEach((first, i) => {
    for (let j = i + 1; j < paired.length; j += 1) {
      const second = paired[j] as number;
      sums.push({ weight: a.weightAt(first) + a.weightAt(second), first, second });
    }
  });
  a.work += sorting * sums.length;
  return sums.sort((x, y) => x.weight - y.weight);
}

/** What sorting one item costs, in comparisons of the search. */
export const sorting = 4;

function spread(partitions: readonly number[]): readonly number[] {
  if (partitions.length <= pairedMax) return partitions;
  return Array.from(
    { length: pairedMax },
    (_, i) => partitions[Math.floor((i * partitions.length) / pairedMax)] as number,
  );
}

/** The index of the lightest that weighs at least so much; the length when none does. */
export function firstAtLeast(list: readonly { readonly weight: number }[], least: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as { readonly weight: number }).weight >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function partitionsIn({ first, second }: Sum): readonly number[] {
  return second >= 0 ? [first, second] : first >= 0 ? [first] : [];
}
