// Safest wins: no move over a move that makes nobody better off. Decides only between a dealing, what
// single steps from what is now bring, and nothing.
import type { Bounds } from './bounds.js';
import { isSettled, nearerInPlace, partitionsMax } from './refine/nearest.js';
import { weightOf, type Dealing, type Situation } from './situation.js';

/** A level is lower when it is by more than what sums of doubles differ by. */
const relativeEpsilon = 1e-9;

/**
 * Where nobody joins or leaves and nothing is unowned: nothing at all where that is as near to balance
 * as single steps bring it, or where the dealing is no nearer. Else the dealing. `before`: index → weight.
 */
export function unlessIdle(
  s: Situation,
  bounds: Bounds,
  before: readonly number[],
  dealing: Dealing,
): Dealing {
  const isIn = s.unowned.length === 0 && s.names.length === s.staying;
  if (!isIn || dealing.dealt.length === 0) return dealing;
  const nothing: Dealing = { kept: s.held, dealt: [], lowerBound: dealing.lowerBound };
  const isFine = !s.load.uniform && s.partitions <= partitionsMax && !s.inRounds;
  if (isFine && isSettled(s, bounds)) return nothing;
  if (bounds.isNew.includes(true)) return dealing;
  const after = dealing.kept.map((ranges) => weightOf(s.load, ranges));
  for (const { from, to, receiver } of dealing.dealt) {
    after[receiver] = (after[receiver] as number) + s.load.of(from, to);
  }
  if (isLower(levelsOf(bounds, after), levelsOf(bounds, before))) return dealing;
  return (isFine ? nearerInPlace(s, bounds, dealing.lowerBound) : undefined) ?? nothing;
}

/** From the fullest down; levels inside the bound count as one. */
function levelsOf({ mean, upper }: Bounds, weights: readonly number[]): readonly number[] {
  return mean
    .map((share, i) => Math.max(weights[i] as number, upper[i] as number) / share)
    .sort((a, b) => b - a);
}

function isLower(levels: readonly number[], than: readonly number[]): boolean {
  for (const [rank, level] of levels.entries()) {
    const other = than[rank] as number;
    if (level < other * (1 - relativeEpsilon)) return true;
    if (level > other * (1 + relativeEpsilon)) return false;
  }
  return false;
}
