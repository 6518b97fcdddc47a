// Owns: the messages that a rebalance workflow takes (protocol.md §6), as constants for whoever
// sends them, and their shapes. Never handles them.

import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  GoneInstance,
  HandOverProgress,
  Outcome,
  PlanSummary,
  RebalanceRequest,
  StepRecord,
} from '../activities/types.js';
import type { Outage } from '../src/core/saga/outage.js';

export type { RebalanceRequest } from '../activities/types.js';

export interface AutoscaleInput {
  readonly service: string;
}

export interface AutoscaleResult {
  readonly kind: 'act' | 'skip';
  readonly reasons: readonly string[];
  readonly desired: number | null;
}

/** One tick of the Schedule, for whoever starts one. */
export type AutoscaleWorkflow = (input: AutoscaleInput) => Promise<AutoscaleResult>;

export interface RebalanceInput {
  readonly service: string;
  /** Handed on when the run continues as new. */
  readonly pending?: readonly RebalanceRequest[];
  readonly outcomes?: readonly RequestOutcome[];
  /** Requests that were answered without a saga so far. */
  readonly notBegun?: number;
  /** Why a saga of an earlier run was undone: the last run ends with that. */
  readonly undone?: string;
}

/** `rebalance/<service>` for whoever starts one; `waiting` are requests that were handed on. */
export type RebalanceWorkflow = (
  input?: RebalanceInput,
  ...waiting: readonly RebalanceRequest[]
) => Promise<RebalanceResult>;

/** Who speaks, and why; and, where the speaker says so, about what alone. */
export interface OperatorWord {
  readonly by: string;
  readonly reason?: string;
  /** Name of the plan that was read: another one is not meant. */
  readonly plan?: string;
  /** Id of the request that is carried out: another one is not meant. */
  readonly request?: string;
}

export type Phase =
  | 'reconcile'
  | 'plan'
  | 'approval'
  | 'template'
  | 'scale-up'
  | 'prepare'
  | 'commit'
  | 'notify'
  | 'hand-over'
  | 'verify'
  | 'restart'
  | 'scale-down'
  | 'record'
  | 'undo'
  | 'done';

/** By name, and one sentence. */
export interface StepFailure {
  readonly type: 'NotReady' | 'StillHolds';
  readonly text: string;
}

export interface RequestOutcome {
  readonly requestId: string;
  readonly outcome: Outcome;
  /** One sentence for people. */
  readonly text: string;
  readonly revision: number | null;
  readonly movedClients: number;
  readonly gapP99Ms: number;
  /** Answered without a saga: refused, merged with another, or the run had to end before its turn. */
  readonly notBegun?: true;
  /** What could not be done although the outcome stands: a restarted instance that is not Ready. */
  readonly failure?: StepFailure;
  /** What it ended with where it did not end well: the innermost failure's type, as `NotReady`. */
  readonly cause?: string;
}

export interface RebalanceResult {
  readonly service: string;
  readonly outcomes: readonly RequestOutcome[];
  /** Requests that were answered without a saga; only the last of them are among the outcomes. */
  readonly notBegun?: number;
}

/** One page of what is under way; `plan` has the numbers that the page in the UI is made of. */
export interface RebalanceStatus {
  readonly service: string;
  readonly phase: Phase;
  readonly plan: PlanSummary | null;
  /** While `plan` is the way back: what it goes back from. */
  readonly undoes: PlanSummary | null;
  readonly progress: HandOverProgress | null;
  /** What is away, since when, and how often it was tried; the saga goes on by itself. */
  readonly outage: Outage | null;
  /** Past the point of no return: it goes forward to its end, `abort` is refused. */
  readonly onward?: boolean;
  /** On the way back. */
  readonly undoing?: boolean;
  readonly gone: readonly GoneInstance[];
  readonly request: RebalanceRequest | null;
  readonly queued: readonly string[];
  readonly awaitsApproval: boolean;
  /** Wall clock; null while nothing awaits it. */
  readonly approvalUntilMs: number | null;
  readonly revision: { readonly from: number | null; readonly to: number | null };
  readonly ranges: string;
  readonly steps: readonly StepRecord[];
  /** Titles of the steps to come. */
  readonly ahead: readonly string[];
  readonly notes: readonly string[];
  readonly outcomes: readonly RequestOutcome[];
  /** Requests that were answered without a saga; only the last of them are among the outcomes. */
  readonly notBegun?: number;
}

/** In the outcome of a request that could not be read; why follows. */
export const unreadableSignalText = 'the payload of this signal cannot be read: ';

export const requestRebalanceSignal = defineSignal<[RebalanceRequest]>('requestRebalance');
export const statusQuery = defineQuery<RebalanceStatus>('status');
export const approveUpdate = defineUpdate<string, [OperatorWord]>('approve');
export const rejectUpdate = defineUpdate<string, [OperatorWord]>('reject');
export const abortUpdate = defineUpdate<string, [OperatorWord]>('abort');
