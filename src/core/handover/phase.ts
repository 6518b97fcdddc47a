// Where one partition stands on one instance, beyond what the ownership log says, and the actions
// that the machine asks its driver for. Types only; the transitions live in hand-over.ts.
//
//   receiver   idle ─warm─► warming ─caught up─► warm ─append─► acquiring ─read back valid─► held
//   donor      held ─wave─► closing ─last `closed` acked─► releasing ─read back─► released ─► idle
//                                                          released ─nobody came─► acquiring ─► held

import type { OwnershipLog } from './ownership-log.js';
import type { MoveNoticeReason, OwnershipChange } from '../records.js';

export type Phase =
  | { readonly kind: 'warming' }
  | { readonly kind: 'warm' }
  /** `record` was handed to the producer; unread, it is repeated as it is, never withdrawn. */
  | {
      readonly kind: 'acquiring';
      readonly record: OwnershipChange;
      readonly triedAtMs: number;
      readonly takeBack: boolean;
    }
  | { readonly kind: 'held' }
  | { readonly kind: 'closing'; readonly revision: number }
  | { readonly kind: 'releasing'; readonly record: OwnershipChange; readonly triedAtMs: number }
  /** Read back valid; now somebody else must come, or it is taken back. */
  | { readonly kind: 'released'; readonly revision: number; readonly readAtMs: number };

export type Action =
  /** Read these from a duplicate window back; answer with `warmed` when at the tail. */
  | { readonly kind: 'warm'; readonly partitions: readonly number[] }
  /** Neither held nor about to be: may be forgotten. */
  | { readonly kind: 'forget'; readonly partitions: readonly number[] }
  | { readonly kind: 'append'; readonly records: readonly OwnershipChange[] }
  /** Held from now on: welcome who is parked. */
  | { readonly kind: 'serve'; readonly partitions: readonly number[] }
  /** Move the clients away and close every connection; answer with `drained` per partition. */
  | {
      readonly kind: 'drain';
      readonly partitions: readonly number[];
      readonly reason: MoveNoticeReason;
      readonly url: string | null;
      readonly revision: number;
      /** What the receiver takes a second from this donor. */
      readonly acceptPerSecond: number;
    }
  /** Parked clients wait in vain here: where they should go instead (null: nobody known). */
  | {
      readonly kind: 'turn-away';
      readonly partitions: readonly number[];
      readonly url: string | null;
      readonly revision: number;
    }
  /** An earlier incarnation of this ordinal still holds: fence it. */
  | { readonly kind: 'fence'; readonly incarnation: string }
  /** Everything that the prepared revision brings here is warm. */
  | { readonly kind: 'answer-warmed'; readonly rebalance: string; readonly partitions: number }
  | { readonly kind: 'report' }
  | { readonly kind: 'alarm'; readonly text: string };

/** Where a client of a partition belongs, as this instance sees it now. */
export type Admission =
  | { readonly kind: 'serve'; readonly revision: number }
  | { readonly kind: 'park' }
  | { readonly kind: 'redirect'; readonly url: string; readonly revision: number }
  | { readonly kind: 'unavailable' };

export interface Self {
  readonly service: string;
  readonly ordinal: number;
  readonly incarnation: string;
  readonly url: string;
}

export interface HandOverLimits {
  readonly takeBackAfterMs: number;
  /** An appended record that is still unread is repeated this often. */
  readonly repeatAfterMs: number;
}

export interface HandOverViews {
  /** This instance's own replica; records are applied to it before they come here. */
  readonly log: OwnershipLog;
  readonly clientsOf: (partition: number) => number;
  /** Next offset of the partition's messages here: the hint in ownership records. */
  readonly positionOf: (partition: number) => number;
}
