// Owns: what a running saga knows: one value that its steps fill in and the status and details show.
// Never calls an activity.

import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type {
  Outcome,
  PlanSummary,
  RebalanceRequest,
  SagaRef,
  Situation,
  StepRecord,
  WorkflowRef,
} from '../activities/types.js';
import type { OperatorWord, Phase } from './messages.js';

export interface Ending {
  readonly outcome: Outcome;
  readonly text: string;
}

export interface Saga {
  readonly service: string;
  readonly request: RebalanceRequest;
  readonly workflow: WorkflowRef;
  /** Holds everything that may be given up; cancelled by `abort` and by cancelling the run. */
  readonly scope: CancellationScope;
  phase: Phase;
  situation: Situation | null;
  plan: PlanSummary | null;
  /** Revisions that this saga put in force, the last one last: none before its commit. */
  readonly committed: number[];
  /** Planned again on the way. */
  recovered: boolean;
  /** Past the point of no return. */
  onward: boolean;
  undoing: boolean;
  approval: 'none' | 'awaited' | 'given';
  aborted: OperatorWord | null;
  /** Set by a step after which nothing more is to be done. */
  ending: Ending | null;
  readonly steps: StepRecord[];
}

export function newSaga(service: string, request: RebalanceRequest): Saga {
  const { workflowId, runId } = workflowInfo();
  return {
    service,
    request,
    workflow: { id: workflowId, runId },
    scope: new CancellationScope(),
    phase: 'reconcile',
    situation: null,
    plan: null,
    committed: [],
    recovered: false,
    onward: false,
    undoing: false,
    approval: 'none',
    aborted: null,
    ending: null,
    steps: [],
  };
}

/** The situation, in steps that come after `reconcile`. */
export function situationOf(saga: Saga): Situation {
  if (saga.situation === null) throw new Error('a step ran before reconcile');
  return saga.situation;
}

/** The plan, in steps that come after `plan`. */
export function planOf(saga: Saga): PlanSummary {
  if (saga.plan === null) throw new Error('a step ran before plan');
  return saga.plan;
}

/** What activities are told of the saga: no more than three fields of its situation. */
export function refOf(saga: Saga): SagaRef {
  const { service, rebalance, epoch } = situationOf(saga);
  return { service, rebalance, epoch };
}
