// Which rule deals, and who owns what after a part of it. Owns no rule itself.
import { normalize, type Range, type Ranges } from '../ranges.js';
import { dealByCount } from './deal-by-count.js';
import { dealByWeight } from './deal-by-weight.js';
import { dealCompact } from './deal-compact.js';
import { bestOfAllWays } from './refine/all-ways.js';
import type { Round } from './round.js';
import type { Dealing, Situation } from './situation.js';

/** What dealing the ranges takes, before single partitions are looked at. */
const comparisonsPerRange = 100;

export function isByCount(s: Situation): boolean {
  return s.load.uniform && s.tolerance === 0;
}

export function deal(s: Situation): Dealing {
  s.effort.comparisons += comparisonsPerRange * (s.names.length + s.spans.count);
  if (isByCount(s)) return dealByCount(s);
  return bestOfAllWays(s, s.tolerance > 0 ? dealCompact(s) : dealByWeight(s));
}

/** Index → its ranges after the round. */
export function ownedAfter(s: Situation, dealing: Dealing, round: Round): readonly Ranges[] {
  const added = new Map<number, Range[]>();
  const add = (to: number, range: Range): void => {
    const own = added.get(to);
    if (own === undefined) added.set(to, [range]);
    else own.push(range);
  };
  for (const { from, to, receiver } of round.now) add(receiver, [from, to]);
  for (const { from, to, donor } of round.later) add(donor, [from, to]);
  return s.names.map((_, i) => {
    const kept = dealing.kept[i] ?? [];
    const more = added.get(i);
    return more === undefined ? kept : normalize([...kept, ...more]);
  });
}

/** Whoever leaves is named only while it has something. */
export function namedRanges(s: Situation, owned: readonly Ranges[]): Record<string, Ranges> {
  const instances: Record<string, Ranges> = {};
  owned.forEach((ranges, i) => {
    if (i < s.staying || ranges.length > 0) instances[s.names[i] as string] = ranges;
  });
  return instances;
}
