// What a planner is asked and what it answers: plain values, as protocol.md §7 `plan` writes them.
// Owns no rule.
import type { Range, Ranges } from '../ranges.js';
import type { Imbalance } from './imbalance.js';

export interface PlanInput {
  /** P: partitions are 0..P-1. */
  readonly partitions: number;
  /** Who must own everything afterwards; their order is by trailing number, whatever is given. */
  readonly instances: readonly string[];
  /** Who owns what now. May name others (they leave); absent is a first distribution. Partitions
   * that nobody owns are dealt too, but nobody is disconnected, so they do not count as moved. */
  readonly current?: Readonly<Record<string, Ranges>> | undefined;
  /** The partitions that `current` leaves out, exactly; when absent it may leave out any. */
  readonly unowned?: Ranges | undefined;
  /** Connected clients (or any load) of each partition, P numbers; 1 each when absent. */
  readonly weights?: ArrayLike<number> | undefined;
  /** Allowed relative excess over the mean, [0,1); 0 without weights, 0.1 with. */
  readonly tolerance?: number | undefined;
  /** A soft budget, never bought with movement. */
  readonly maxRangesPerInstance?: number | undefined;
  /** Relative size of an instance, 1 when absent. */
  readonly capacity?: Readonly<Record<string, number>> | undefined;
  /** These partitions stay where they are. */
  readonly pinned?: Ranges | undefined;
  /** Most weight that may move in this round. */
  readonly budget?: { readonly clients: number } | undefined;
  /** What one receiver can accept, and the gap objective. */
  readonly pace?: { readonly acceptPerSecond: number; readonly gapMs: number } | undefined;
}

/** Partitions from..to (inclusive) go from `donor` to `receiver`. */
export interface Move {
  readonly from: number;
  readonly to: number;
  readonly donor: string;
  readonly receiver: string;
}

export type Wave = readonly Move[];

export interface Plan {
  /** After this round; an instance that leaves is named only while a budget lets it keep something. */
  readonly instances: Readonly<Record<string, readonly Range[]>>;
  /** `lowerBound`: no plan that is balanced as well moves less weight (certificate.ts). */
  readonly moved: {
    readonly partitions: number;
    readonly weight: number;
    readonly lowerBound: number;
  };
  /** Heaviest and lightest of `instances` over the mean, per unit of capacity. */
  readonly balance: { readonly maxOverMean: number; readonly minOverMean: number };
  /** Only where somebody ends outside the bounds, and not while rounds are left. */
  readonly imbalance?: Imbalance;
  readonly ranges: { readonly total: number; readonly maxPerInstance: number };
  /** Rounds after this one that a budget makes necessary. */
  readonly roundsLeft: number;
  readonly waves: readonly Wave[];
}
