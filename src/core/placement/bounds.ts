// Between which weights an instance counts as balanced. Owns no move.
import type { Ranges } from '../ranges.js';
import type { Situation } from './situation.js';

export interface Bounds {
  /** Index of a staying instance → its share of the whole weight by capacity. */
  readonly mean: readonly number[];
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  /** Owns nothing yet. */
  readonly isNew: readonly boolean[];
}

/** Mean, (1 + tolerance) × mean and (1 − tolerance) × mean of each staying instance. */
export function boundsOf(s: Situation): Bounds {
  const total = s.load.of(0, s.partitions - 1);
  const size = s.capacity.reduce((a, b) => a + b, 0);
  const mean = s.capacity.map((capacity) => (total * capacity) / size);
  return {
    mean,
    upper: mean.map((share) => share * (1 + s.tolerance)),
    lower: mean.map((share) => share * (1 - s.tolerance)),
    isNew: mean.map((_, i) => (s.held[i] as Ranges).length === 0),
  };
}
