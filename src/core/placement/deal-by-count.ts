// The rule of equal weights: donors give from the high end of their highest range; what they and the
// leaving instances give is pooled with what nobody owns and dealt in ascending partition order to
// receivers in order, each filled before the next. Only for an instance that would pass the ranges
// budget, pieces are chosen by what they join, or, where that leaves fewer ranges, all of them by the
// steps of the compact rule; never more partitions than must move.
// Works on ranges: O((R + N) log R), whatever P is.
import { normalize, subtract, takeHigh, type Range, type Ranges } from '../ranges.js';
import { compactToCounts } from './deal-compact.js';
import { settleLine } from './settle-line.js';
import type { Dealing, Dealt, Situation } from './situation.js';
import { countTargets } from './targets.js';

/** Joining for one instance can crowd another; after so many attempts the best one found is taken. */
const joiningAttemptsMax = 4;

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly donor: number;
}

export function dealByCount(s: Situation): Dealing {
  const { target, lowerBound } = countTargets(s);
  const crowded = new Set<number>();
  let best: { readonly kept: Ranges[]; readonly dealt: Dealt[] } | undefined;
  let bestScore = Infinity;
  for (let attempt = 0; attempt < joiningAttemptsMax; attempt += 1) {
    const { kept, pool } = collect(s, target, crowded);
    const dealt = deal(s, target, kept, pool, crowded);
    const over = overBudget(s, kept, dealt);
    const excess = [...over.values()].reduce((a, b) => a + b, 0);
    if (excess < bestScore) {
      best = { kept, dealt };
      bestScore = excess;
    }
    const more = [...over.keys()].filter((i) => !crowded.has(i));
    // Who has nothing yet has nothing to join to, and nothing to give: with it nothing would change.
    if (more.every((i) => (s.held[i] as Ranges).length === 0)) break;
    for (const i of more) crowded.add(i);
  }
  if (bestScore > 0 && best !== undefined) {
    const compact = settleLine(compactToCounts(s, target));
    const isFewer =
      totalRanges(s, compact.kept, compact.dealt) < totalRanges(s, best.kept, best.dealt);
    if (isFewer) return { ...compact, lowerBound: () => lowerBound };
  }
  const { kept, dealt } = best as NonNullable<typeof best>;
  return { kept, dealt, lowerBound: () => lowerBound };
}

/** What each index keeps, and the pool: given, left behind and unowned, ascending. */
function collect(
  s: Situation,
  target: readonly number[],
  crowded: ReadonlySet<number>,
): { kept: Ranges[]; pool: Piece[] } {
  const pool: Piece[] = s.unowned.map(([from, to]) => ({ from, to, donor: -1 }));
  const kept = s.held.map((ranges, i): Ranges => {
    const excess = (s.counts[i] as number) - (target[i] ?? 0);
    if (excess <= 0) return ranges;
    const movable = subtract(ranges, s.pinned);
    const taken = crowded.has(i) ? takeSmall(movable, excess) : takeHigh(movable, excess).taken;
    for (const [from, to] of taken) pool.push({ from, to, donor: i });
    return subtract(ranges, taken);
  });
  return { kept, pool: pool.sort((a, b) => a.from - b.from) };
}

/** A donor with too many ranges gives its smallest ones whole, then from the high end. */
function takeSmall(ranges: Ranges, count: number): Ranges {
  const bySize = [...ranges].sort((a, b) => a[1] - a[0] - (b[1] - b[0]) || b[0] - a[0]);
  const whole: Range[] = [];
  let missing = count;
  for (const range of bySize) {
    const size = range[1] - range[0] + 1;
    if (size > missing) break;
    whole.push(range);
    missing -= size;
  }
  const taken = normalize(whole);
  return normalize([...taken, ...takeHigh(subtract(ranges, taken), missing).taken]);
}

function deal(
  s: Situation,
  target: readonly number[],
  kept: readonly Ranges[],
  pool: readonly Piece[],
  crowded: ReadonlySet<number>,
): Dealt[] {
  const missing = target.map((count, i) => Math.max(0, count - (s.counts[i] as number)));
  const dealt: Dealt[] = [];
  let left = pool;
  if (crowded.size > 0) left = joinFirst(kept, pool, crowded, missing, dealt);
  let receiver = 0;
  for (const piece of left) {
    let { from } = piece;
    while (from <= piece.to) {
      while ((missing[receiver] as number) === 0) receiver += 1;
      const to = Math.min(piece.to, from + (missing[receiver] as number) - 1);
      dealt.push({ from, to, donor: piece.donor, receiver });
      missing[receiver] = (missing[receiver] as number) - (to - from + 1);
      from = to + 1;
    }
  }
  return dealt.sort((a, b) => a.from - b.from);
}

/**
 * Gives crowded receivers the pieces that touch what they keep, growing outwards while they touch;
 * answers what is left of the pool, ascending. Changes `missing` and `dealt`.
 */
function joinFirst(
  kept: readonly Ranges[],
  pool: readonly Piece[],
  crowded: ReadonlySet<number>,
  missing: number[],
  dealt: Dealt[],
): Piece[] {
  const byFrom = new Map(pool.map((piece) => [piece.from, piece]));
  const byTo = new Map(pool.map((piece) => [piece.to, piece]));
  const put = (piece: Piece): void => {
    byFrom.set(piece.from, piece);
    byTo.set(piece.to, piece);
  };
  for (const receiver of [...crowded].sort((a, b) => a - b)) {
    for (const [first, last] of kept[receiver] as Ranges) {
      let [low, high] = [first, last];
      while ((missing[receiver] ?? 0) > 0) {
        const piece = byFrom.get(high + 1) ?? byTo.get(low - 1);
        if (piece === undefined) break;
        byFrom.delete(piece.from);
        byTo.delete(piece.to);
        const size = Math.min(missing[receiver] as number, piece.to - piece.from + 1);
        const above = piece.from === high + 1;
        const from = above ? piece.from : piece.to - size + 1;
        const to = from + size - 1;
        dealt.push({ from, to, donor: piece.donor, receiver });
        missing[receiver] = (missing[receiver] as number) - size;
        if (above) high = to;
        else low = from;
        if (above && to < piece.to) put({ ...piece, from: to + 1 });
        if (!above && from > piece.from) put({ ...piece, to: from - 1 });
      }
    }
  }
  return [...byFrom.values()].sort((a, b) => a.from - b.from);
}

/** Who gives or receives → by how many ranges it is over the budget then, where it is. */
function overBudget(
  s: Situation,
  kept: readonly Ranges[],
  dealt: readonly Dealt[],
): ReadonlyMap<number, number> {
  return new Map(
    [...changedCounts(s, kept, dealt)].flatMap(([i, count]) =>
      count > s.maxRangesPerInstance ? [[i, count - s.maxRangesPerInstance] as const] : [],
    ),
  );
}

function totalRanges(s: Situation, kept: readonly Ranges[], dealt: readonly Dealt[]): number {
  const changed = changedCounts(s, kept, dealt);
  return kept.reduce((sum, ranges, i) => sum + (changed.get(i) ?? ranges.length), 0);
}

/** Who gives or receives, of those that stay → how many ranges it has then. */
function changedCounts(
  s: Situation,
  kept: readonly Ranges[],
  dealt: readonly Dealt[],
): ReadonlyMap<number, number> {
  const added = new Map<number, Range[]>();
  for (const { from, to, receiver, donor } of dealt) {
    if (donor >= 0 && donor < s.staying && !added.has(donor)) added.set(donor, []);
    const own = added.get(receiver);
    if (own === undefined) added.set(receiver, [[from, to]]);
    else own.push([from, to]);
  }
  const counts = new Map<number, number>();
  for (const [i, more] of added) {
    const own = kept[i] as Ranges;
    counts.set(i, more.length === 0 ? own.length : normalize([...own, ...more]).length);
  }
  return counts;
}
