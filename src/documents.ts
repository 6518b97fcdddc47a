// The documents of ConfigDB as the program sees them; adapters map them to what is stored (fields of
// docs/protocol.md, times in ms). Types only.

import type { OwnedRange } from './core/records.js';

export interface DistributionDoc {
  readonly service: string;
  readonly revision: number;
  readonly partitions: number;
  readonly ranges: readonly OwnedRange[];
  readonly hash: string;
  /** Revision from whose state this was computed; null for the first. */
  readonly base: number | null;
  readonly plan: string | null;
  readonly cause: { readonly kind: string; readonly text: string };
  readonly epoch: number;
  readonly workflow: { readonly id: string; readonly runId: string };
  readonly atMs: number;
}

export interface PolicyDoc {
  readonly service: string;
  readonly revision: number;
  /** The validated policy, see core/scaling/policy.ts. */
  readonly policy: unknown;
  readonly by: string;
  readonly atMs: number;
}

export interface PlanDoc {
  readonly id: string;
  readonly service: string;
  readonly hash: string;
  /** The plan with its input, see activities/plan.ts. */
  readonly body: unknown;
  readonly atMs: number;
}

export interface DecisionDoc {
  readonly service: string;
  readonly atMs: number;
  readonly inputHash: string;
  readonly kind: 'act' | 'skip';
  readonly body: unknown;
}

export interface RebalanceDoc {
  readonly id: string;
  readonly service: string;
  readonly runId: string;
  readonly body: unknown;
  readonly atMs: number;
}

/** What an instance says of itself; nothing that safety rests on. */
export interface InstanceReport {
  readonly service: string;
  readonly instance: string;
  readonly incarnation: string;
  readonly url: string;
  /** Highest revision whose ranges it strives for; 0 before the first. */
  readonly revision: number;
  readonly epoch: number;
  readonly clients: number;
  readonly held: number;
  /** It was told to end, serves on for a while, and wants to be drained. */
  readonly leaving?: boolean;
  /** `[partition, clients]` for partitions with clients. */
  readonly load: readonly (readonly [partition: number, clients: number])[];
  /** Partitions it took back because nobody acquired them; its waves are on hold. */
  readonly takenBack: readonly (readonly [from: number, to: number])[];
  /** Clients told to move and gaps reported by those that arrived, per revision, latest few. */
  readonly moves: readonly (Arrivals & {
    readonly revision: number;
    readonly left: number;
    /** Of those that arrived, who was told to move. Absent: all of them, or it is not known. */
    readonly planned?: Arrivals;
  })[];
  readonly atMs: number;
}

/** Clients that came and reported a gap; `gaps` is an HdrHistogram as text, `""` for none. */
export interface Arrivals {
  readonly arrived: number;
  readonly gaps: string;
}

export interface WarmedDoc {
  readonly service: string;
  readonly rebalance: string;
  readonly instance: string;
  readonly incarnation: string;
  readonly partitions: number;
  readonly atMs: number;
}

/** Connected users of a service on one UTC day, as its evaluations counted them: what forecasts learn from. */
export interface LoadDoc {
  readonly service: string;
  /** Of one value: a whole part of a day. */
  readonly stepMs: number;
  /** When the day began. */
  readonly dayMs: number;
  /** Mean of each step that is over, from the day's first; null: nothing was counted. */
  readonly values: readonly (number | null)[];
  /** The step after those. */
  readonly open: { readonly sum: number; readonly samples: number };
  readonly atMs: number;
}

/** State of the ownership log at an offset, so that replay is bounded. */
export interface CheckpointDoc {
  readonly service: string;
  /** Everything below is contained. */
  readonly offset: number;
  readonly body: unknown;
  readonly atMs: number;
}
