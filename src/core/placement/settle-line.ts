// What a line that has been dealt means against what was: who keeps what, and what changed hands. Reads
// only; allocates only for what changed.
import { normalize, subtract, type Range, type Ranges } from '../ranges.js';
import { first, none, type Line } from './line.js';
import type { Dealt } from './situation.js';

/** What each index keeps, and what changed hands, ascending. O(R) for R ranges before and after. */
export function settleLine(line: Line): {
  readonly kept: readonly Ranges[];
  readonly dealt: Dealt[];
} {
  const { partitions, spans, held } = line.s;
  const dealt: Dealt[] = [];
  const given = new Map<number, Range[]>();
  let at = 0;
  for (let p = first(line); p !== none; p = line.next[p] as number) {
    const receiver = line.owner[p] as number;
    const last = line.to[p] as number;
    // Most pieces are a range that stayed where it was.
    const isAsBefore =
      at < spans.count &&
      spans.from[at] === line.from[p] &&
      spans.to[at] === last &&
      spans.owner[at] === receiver;
    if (isAsBefore) {
      at += 1;
      continue;
    }
    for (let from = line.from[p] as number; from <= last;) {
      while (at < spans.count && (spans.to[at] as number) < from) at += 1;
      const start = at < spans.count ? (spans.from[at] as number) : partitions;
      const isOwned = start <= from;
      const donor = isOwned ? (spans.owner[at] as number) : -1;
      const to = Math.min(last, isOwned ? (spans.to[at] as number) : start - 1);
      if (donor !== receiver) {
        dealt.push({ from, to, donor, receiver });
        const own = given.get(donor);
        if (own === undefined) given.set(donor, [[from, to]]);
        else own.push([from, to]);
      }
      from = to + 1;
    }
  }
  const kept = held.map((ranges, i) => {
    const lost = given.get(i);
    return lost === undefined ? ranges : subtract(ranges, normalize(lost));
  });
  return { kept, dealt };
}
