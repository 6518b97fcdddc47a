// Safest wins: no move over a move that makes nobody better off. Decides only between a dealing and none.
import type { Bounds } from './bounds.js';
import { weightOf, type Dealing, type Situation } from './situation.js';

/** A level is lower when it is by more than what sums of doubles differ by. */
const relativeEpsilon = 1e-9;

/**
 * The dealing, or nothing at all where nobody joins or leaves, nothing is unowned, and the fullest
 * instance would stand as high as before. `before`: index → weight.
 */
export function unlessIdle(
  s: Situation,
  bounds: Bounds,
  before: readonly number[],
  dealing: Dealing,
): Dealing {
  const forced = s.unowned.length > 0 || s.names.length > s.staying || bounds.isNew.includes(true);
  if (forced || dealing.dealt.length === 0) return dealing;
  const after = dealing.kept.map((ranges) => weightOf(s.load, ranges));
  for (const { from, to, receiver } of dealing.dealt) {
    after[receiver] = (after[receiver] as number) + s.load.of(from, to);
  }
  const highest = (all: readonly number[]): number =>
    bounds.mean.reduce((max, mean, i) => Math.max(max, (all[i] as number) / mean), 0);
  if (highest(after) < highest(before) * (1 - relativeEpsilon)) return dealing;
  return { kept: s.held, dealt: [], lowerBound: dealing.lowerBound };
}
