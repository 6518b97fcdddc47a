// Between which weights an instance counts as balanced. Owns no move.
import type { Ranges } from '../ranges.js';
import { weightOf, type Situation } from './situation.js';

export interface Bounds {
  /** Index of a staying instance → its share of the whole weight by capacity. */
  readonly mean: readonly number[];
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  /** Owns nothing yet; in rounds, not yet its lower bound. */
  readonly isNew: readonly boolean[];
}

/**
 * Mean, (1 + tolerance) × mean and (1 − tolerance) × mean of each staying instance. Of equal weights
 * only whole partitions can be had: the most that fit below, the fewest that reach above, and never
 * farther apart than the mean needs.
 */
export function boundsOf(s: Situation): Bounds {
  const total = weightOf(s.load, [[0, s.partitions - 1]]);
  const size = s.capacity.reduce((a, b) => a + b, 0);
  const mean = s.capacity.map((capacity) => (total * capacity) / size);
  const whole = s.load.uniform;
  const lower = mean.map((share) => {
    const least = share * (1 - s.tolerance);
    return whole ? Math.min(Math.ceil(least - 1e-9), Math.floor(share + 1e-9)) : least;
  });
  return {
    mean,
    lower,
    upper: mean.map((share) => {
      const upper = share * (1 + s.tolerance);
      return whole ? Math.max(Math.floor(upper + 1e-9), Math.ceil(share - 1e-9)) : upper;
    }),
    isNew: mean.map((_, i) => {
      const held = s.held[i] as Ranges;
      return held.length === 0 || (s.inRounds && (s.weights[i] as number) < (lower[i] as number));
    }),
  };
}
