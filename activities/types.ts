// Owns: the small values that workflows and activities hand each other (each under 2 KB; whatever is
// larger lies in ConfigDB), and the request of protocol.md §6. Types only.

import type { Tidying } from '../src/core/saga/leftovers.js';
import type { Next } from '../src/core/roll/next-step.js';
import type { FlowKind } from '../src/core/saga/aim.js';
import type { Policy } from '../src/core/scaling/policy.js';

export type RequestSource =
  'operator' | 'threshold' | 'forecast' | 'balance' | 'instance-lost' | 'leave' | 'roll';

/** What anybody may ask of `rebalance/<service>`. */
export interface RebalanceRequest {
  /** The same id twice is one request. */
  readonly requestId: string;
  readonly reason: string;
  readonly source: RequestSource;
  /** The person who asks. */
  readonly by?: string;
  /** How many instances shall own partitions; all that run, or all but the drained, when absent. */
  readonly instances?: number;
  /** Instances that shall own nothing (docs/operations.md says what becomes of them). */
  readonly drain?: readonly string[];
  /** What to do about a half-done change: try again (default), or adopt what is. */
  readonly leftovers?: 'retry' | 'accept';
  /** With `instance-lost`: whose leases have gone silent. */
  readonly lost?: readonly LostInstance[];
  /** Go back to the ranges of this earlier revision, as a new revision. */
  readonly rollback?: number;
  /** One step of a rolling upgrade (docs/rolling-upgrades.md). */
  readonly roll?: RollWish;
}

/** One owner takes over everything from another, who is then started again. */
export interface RollWish {
  /** Instances that run afterwards: ordinals 0..replicas-1. */
  readonly replicas: number;
  /** Owns nothing afterwards, and is started again with the present template, unless it is to be removed. */
  readonly instance?: string;
  /** Gets exactly what `instance` owns; it owned nothing. */
  readonly to?: string;
  /** First of all another image is what instances are started with … */
  readonly image?: string;
  /** … or an earlier template, by its version. */
  readonly template?: string;
  /** So many ends of an instance before it is Ready are an accident; one more, and it is waited for no longer. */
  readonly endsMax?: number;
}

export interface LostInstance {
  readonly instance: string;
  readonly incarnation: string;
}

/** An instance that the running saga must do without. */
export interface GoneInstance {
  readonly instance: string;
  /** Null where nobody knows one: then there is nobody to fence. */
  readonly incarnation: string | null;
  readonly why: 'lost' | 'leaving' | 'straggler';
}

/** One saga: every control message and platform write of it carries the epoch. */
export interface SagaRef {
  readonly service: string;
  /** `<service>@<epoch>`: id of its document in ConfigDB. */
  readonly rebalance: string;
  readonly epoch: number;
  /** The run that took the epoch (own-epoch.ts); histories of before this was told do not have it. */
  readonly run?: string;
}

export interface WorkflowRef {
  readonly id: string;
  readonly runId: string;
}

/** The bounds of the policy that workflows need for their timeouts. */
export type StepBounds = Pick<
  Policy,
  'instanceStartMs' | 'prepareMs' | 'notifyMs' | 'handOverStallMs' | 'approvalMs'
>;

/** What is, by ConfigDB, the ownership log and the platform, when a saga starts. */
export interface Situation extends SagaRef {
  readonly partitions: number;
  /** Latest distribution; null before the first. */
  readonly base: number | null;
  /** Instances of that distribution; 0 before the first. */
  readonly members: number;
  readonly replicas: number;
  /** One above the highest ordinal that runs, owns or holds; absent where that cannot be told. */
  readonly known?: number;
  readonly bounds: StepBounds;
  /** Why nothing can be decided at all, as one sentence; absent nearly always. */
  readonly refused?: string;
  /** What was found of an earlier, dead run, and what was done about it. */
  readonly leftovers: readonly string[];
  /** Version of what the platform starts instances with; absent where it cannot tell. */
  readonly template?: string;
  /** How many instances a request that names none is to end with; null: as it would otherwise. */
  readonly instances: Tidying['instances'];
}

/** Nothing was begun, no epoch was taken: the request names only who is no instance. */
export interface Declined {
  readonly declined: string;
}

export type PlanKind = FlowKind | 'unnecessary' | 'refused';

/** The numbers of a plan; its ranges and its input lie in ConfigDB under `planId`. */
export interface PlanSummary {
  readonly kind: PlanKind;
  /** One sentence, for the outcomes that end the saga here. */
  readonly why: string;
  readonly planId: string;
  /** Of the distribution that would be committed. */
  readonly hash: string;
  /** Instances that own partitions, before and after. */
  readonly from: number;
  readonly to: number;
  /** Instances that the platform runs, before and afterwards. */
  readonly running: number;
  readonly replicas: number;
  /** Of those, the highest so many own nothing, and nobody waits for them; absent: none. */
  readonly spares?: number;
  readonly base: number | null;
  /** Number of the distribution that would be committed. */
  readonly revision: number;
  readonly movedPartitions: number;
  readonly movedLowerBound: number;
  readonly movedClients: number;
  readonly waves: number;
  /** How many instances gain partitions, and so warm up. */
  readonly gaining: number;
  /** How long the hand-over should take at the policy's pace. */
  readonly estimateMs: number;
  readonly needsApproval: boolean;
  /** Owners that are known to be down: nothing is planned before others have taken over from them. */
  readonly down?: readonly GoneInstance[];
  /** Of a step of a roll: what has to be done beside moving partitions. */
  readonly roll?: { readonly template: boolean; readonly restart: boolean };
  /** `0→[0-119] 1→[180-299] …`, cut at `rangesTextMaxBytes`: what is, and what shall be. */
  readonly before: string;
  readonly ranges: string;
}

/** Where a hand-over stands. */
export interface HandOverProgress {
  readonly held: number;
  readonly of: number;
  /** Clients that arrived at their new instance, as instances report. */
  readonly arrived: number;
  readonly resumes: number;
  /** Since the last partition arrived. */
  readonly quietMs: number;
}

export type CommitResult =
  | { readonly kind: 'committed'; readonly revision: number }
  | { readonly kind: 'conflict'; readonly revision: number };

export interface HandOverResult extends HandOverProgress {
  /** `going`: the slice is over, call again with this as `since`. */
  readonly kind: 'all' | 'going';
  readonly tookMs: number;
}

export interface NotifyResult {
  readonly instances: number;
  readonly tookMs: number;
  /** Who did not apply the revision within the bound, while others did. */
  readonly stragglers: readonly GoneInstance[];
}

export type RestartResult =
  | { readonly kind: 'ready'; readonly template: string; readonly tookMs: number }
  /** It was started again, and did not become Ready: a sentence. */
  | { readonly kind: 'not-ready'; readonly why: string }
  /** It holds partitions, or shall: it was left as it is. */
  | { readonly kind: 'kept'; readonly why: string };

export interface FenceResult {
  /** Sentences: `messaging-1 (acknowledged)`. */
  readonly fenced: readonly string[];
  readonly tookMs: number;
}

export interface Gaps {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type Outcome =
  | 'completed'
  | 'unnecessary'
  | 'refused'
  | 'rejected'
  | 'undone'
  | 'aborted'
  | 'recovered'
  | 'compensation-failed';

/** One step as it went, for the record and the details in the UI. */
export interface StepRecord {
  readonly phase: string;
  readonly title: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly note: string;
  readonly startedAtMs: number;
  readonly tookMs: number;
}

export interface RecordInput {
  readonly saga: SagaRef;
  readonly request: RebalanceRequest;
  readonly outcome: Outcome;
  readonly text: string;
  /** Without what ConfigDB has under the plan's id. */
  readonly plan: Omit<PlanSummary, 'ranges' | 'before' | 'hash' | 'why'> | null;
  /** Revision that is in force afterwards. */
  readonly revision: number | null;
  /** Revisions that this saga wrote: only their moves are its own. */
  readonly committed: readonly number[];
  /** Counted already; the reports do not say it any more. */
  readonly moved?: RecordResult;
  readonly steps: readonly StepRecord[];
  /** Steps before these, which did not fit. */
  readonly stepsLeftOut?: number;
}

/** A request that a run did not come to before it had to end. */
export type UnbegunRequest = Pick<RebalanceRequest, 'requestId' | 'source' | 'by' | 'reason'>;

export interface UnbegunInput {
  /** The saga that ended the run: they are told of in its record. */
  readonly saga: SagaRef;
  readonly requests: readonly UnbegunRequest[];
  readonly outcome: Outcome;
  readonly text: string;
}

export interface RecordResult {
  /** Of those that were told to move. */
  readonly gapMs: Gaps;
  /** Of those that came under its revisions for another reason, as after a crash; absent: of nobody. */
  readonly otherGapMs?: Gaps;
  readonly movedClients: number;
  /** Clients told to move of which no instance has heard again. */
  readonly notReturned: number;
}

export interface EvaluateResult {
  readonly kind: 'act' | 'skip';
  /** The reasons as sentences, joined. */
  readonly text: string;
  readonly reasons: readonly string[];
  readonly desired: number | null;
  /** Absent: a threshold. */
  readonly source?: 'forecast' | 'balance';
  readonly clients: number;
  readonly instances: number;
  readonly wakeAtMs: number | null;
}

/** Where a roll stands. */
export interface RollLook {
  /** What instances are started with. */
  readonly template: string;
  /** What most of the others run: what is gone back to. Null where all run the version. */
  readonly former: string | null;
  /** How many own partitions in the end, and run. */
  readonly home: number;
  readonly replicas: number;
  /** Of these so many run the version that is rolled to. */
  readonly rolled: number;
  readonly clients: number;
  readonly next: Next;
  /** Steps to come, and clients told to move by them, as far as can be seen. */
  readonly steps: number;
  readonly clientsAhead: number;
  /** Who is waited for, and why, as a sentence; empty while nobody is. */
  readonly why: string;
}

/** What became of one request, as its run told. */
export interface StepOutcome {
  readonly outcome: Outcome;
  readonly text: string;
  readonly movedClients: number;
  readonly failure?: { readonly type: string; readonly text: string };
  readonly cause?: string;
}

export type WatchResult =
  { readonly kind: 'well' } | { readonly kind: 'unhealthy'; readonly why: string };
