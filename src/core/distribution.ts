// Who shall own what: one numbered revision of a service, as sorted ranges with the ordinal of their
// owner, and the questions asked of it. Never decides who should own what (src/core/placement does),
// and never hashes: the canonical text is hashed at the edge.
import { formatRanges, normalize, type Range, type Ranges } from './ranges.js';
import type { OwnedRange } from './records.js';

export type { OwnedRange };

export interface Distribution {
  readonly service: string;
  readonly revision: number;
  /** P: partitions are 0..P-1. */
  readonly partitions: number;
  /** Sorted by `from`, disjoint, covering 0..P-1 (Tiling). */
  readonly ranges: readonly OwnedRange[];
}

/** Partitions from..to (inclusive) go from the ordinal `donor` to the ordinal `receiver`. */
export interface OrdinalMove {
  readonly from: number;
  readonly to: number;
  readonly donor: number;
  readonly receiver: number;
}

/** The ordinal that shall own a partition; undefined where the ranges have a hole. O(log R). */
export function ownerOf(
  distribution: Pick<Distribution, 'ranges'>,
  partition: number,
): number | undefined {
  const { ranges } = distribution;
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to, ordinal] = ranges[middle] as OwnedRange;
    if (partition < from) high = middle - 1;
    else if (partition > to) low = middle + 1;
    else return ordinal;
  }
  return undefined;
}

/** Ranges of each ordinal that owns something, ordinals ascending, ranges sorted and joined. */
export function rangesByInstance(
  distribution: Pick<Distribution, 'ranges'>,
): ReadonlyMap<number, Ranges> {
  const byOrdinal = new Map<number, Range[]>();
  for (const [from, to, ordinal] of distribution.ranges) {
    const own = byOrdinal.get(ordinal);
    if (own === undefined) byOrdinal.set(ordinal, [[from, to]]);
    else own.push([from, to]);
  }
  return new Map(
    [...byOrdinal].sort(([a], [b]) => a - b).map(([ordinal, own]) => [ordinal, normalize(own)]),
  );
}

/** The first thing wrong with ranges that must cover 0..P-1 exactly once; undefined when nothing is. */
export function checkTiling(
  distribution: Pick<Distribution, 'partitions' | 'ranges'>,
): string | undefined {
  let next = 0;
  for (const [from, to, ordinal] of distribution.ranges) {
    if (![from, to, ordinal].every((n) => Number.isSafeInteger(n) && n >= 0)) {
      return `[${from},${to},${ordinal}] is not a range of partitions and an ordinal`;
    }
    if (to < from) return `range ${from}-${to} of ordinal ${ordinal} ends before it begins`;
    if (from > next) return `nobody owns ${formatRanges([[next, from - 1]])}`;
    if (from < next) {
      return `${formatRanges([[from, Math.min(to, next - 1)]])} of ordinal ${ordinal} is owned twice or out of order`;
    }
    next = to + 1;
  }
  if (next > distribution.partitions) {
    return `range end ${next - 1} is outside 0..${distribution.partitions - 1}`;
  }
  if (next < distribution.partitions) {
    return `nobody owns ${formatRanges([[next, distribution.partitions - 1]])}`;
  }
  return undefined;
}

/** Builds a distribution from the ranges of each ordinal, in any order; does not check Tiling. */
export function distributionFromRanges(
  identity: Pick<Distribution, 'service' | 'revision' | 'partitions'>,
  owned: Iterable<readonly [ordinal: number, ranges: Ranges]>,
): Distribution {
  const ranges: OwnedRange[] = [];
  for (const [ordinal, own] of owned) {
    for (const [from, to] of normalize(own)) ranges.push([from, to, ordinal]);
  }
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  const { service, revision, partitions } = identity;
  return { service, revision, partitions, ranges };
}

/** The text whose hash identifies the distribution: equal ownership and number give equal text. */
export function canonicalText(distribution: Distribution): string {
  const { service, revision, partitions } = distribution;
  const joined: [number, number, number][] = [];
  for (const [from, to, ordinal] of distribution.ranges) {
    const last = joined.at(-1);
    if (last !== undefined && last[2] === ordinal && last[1] + 1 === from) last[1] = to;
    else joined.push([from, to, ordinal]);
  }
  return JSON.stringify({ service, revision, partitions, ranges: joined });
}

/** `{"messaging-0":[[0,179]],…}`: what the directory and reports show. */
export function toProtocolJson(
  distribution: Pick<Distribution, 'service' | 'ranges'>,
): Record<string, Ranges> {
  return Object.fromEntries(
    [...rangesByInstance(distribution)].map(([ordinal, ranges]) => [
      `${distribution.service}-${ordinal}`,
      ranges,
    ]),
  );
}

/**
 * What changes hands between two distributions of the same P, ascending, neighbours with the same
 * donor and receiver joined. Partitions that either side leaves unowned are not moves. O(R).
 */
export function movesBetween(
  before: Pick<Distribution, 'ranges'>,
  after: Pick<Distribution, 'ranges'>,
): readonly OrdinalMove[] {
  const moves: { from: number; to: number; donor: number; receiver: number }[] = [];
  let b = 0;
  let a = 0;
  while (b < before.ranges.length && a < after.ranges.length) {
    const [fromBefore, toBefore, donor] = before.ranges[b] as OwnedRange;
    const [fromAfter, toAfter, receiver] = after.ranges[a] as OwnedRange;
    const from = Math.max(fromBefore, fromAfter);
    const to = Math.min(toBefore, toAfter);
    if (from <= to && donor !== receiver) {
      const last = moves.at(-1);
      const joins = last?.to === from - 1 && last.donor === donor && last.receiver === receiver;
      if (joins) last.to = to;
      else moves.push({ from, to, donor, receiver });
    }
    if (toBefore <= toAfter) b += 1;
    if (toAfter <= toBefore) a += 1;
  }
  return moves;
}
