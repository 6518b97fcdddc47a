// Owns: what a running saga knows: one value that its steps fill in and the status and details show.
// Never calls an activity.

import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type {
  GoneInstance,
  HandOverProgress,
  Outcome,
  PlanSummary,
  RebalanceRequest,
  RecordResult,
  SagaRef,
  Situation,
  StepRecord,
  WorkflowRef,
} from '../activities/types.js';
import type { Outage } from '../src/core/saga/outage.js';
import { isStranger } from '../src/core/saga/strangers.js';
import type { OperatorWord, Phase, StepFailure } from './messages.js';

export interface Ending {
  readonly outcome: Outcome;
  readonly text: string;
  /** By somebody who cancelled the run: nothing failed. */
  readonly cancelled?: true;
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
  /** Once `plan` is the way back: the plan before it. */
  undoes: PlanSummary | null;
  /** Plans made so far: each has a name of its own. */
  plans: number;
  /** What the step that runs waits for, because it is away. */
  outage: Outage | null;
  /** Of the hand-over that is under way. */
  progress: HandOverProgress | null;
  /** Revisions that this saga put in force, the last one last: none before its commit. */
  readonly committed: number[];
  /** Planned again on the way. */
  recovered: boolean;
  /** Instances that this saga must do without, and those of them that nothing was done about yet. */
  readonly gone: GoneInstance[];
  readonly newlyGone: GoneInstance[];
  /** All that were ever seen to, also those that were back by then. */
  readonly seenTo: GoneInstance[];
  /** Requests about instances that are gone, which this saga took up on its way. */
  readonly joined: RebalanceRequest[];
  recoveries: number;
  /** Nobody serves what somebody who is gone held; while a recovery is under way, or it failed. */
  unserved: boolean;
  /** Ends the wait that is under way, because somebody is gone; null where nothing can be ended. */
  interrupt: (() => void) | null;
  /** Past the point of no return. */
  onward: boolean;
  undoing: boolean;
  approval: 'none' | 'awaited' | 'given';
  approvalUntilMs: number | null;
  approvedBy: OperatorWord | null;
  approvedPlan: PlanSummary | null;
  aborted: OperatorWord | null;
  /** Counted before the record, because one who told clients to move was started again. */
  moved: RecordResult | null;
  /** What a step past the point of no return could not do: told with the outcome. */
  failure: StepFailure | null;
  /** Set by a step after which nothing more is to be done. */
  ending: Ending | null;
  readonly steps: StepRecord[];
  /** Titles of the steps that are to come. */
  ahead: readonly string[];
  /** What is worth a line on the page and belongs to no step. */
  readonly notes: string[];
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
    undoes: null,
    plans: 0,
    outage: null,
    progress: null,
    committed: [],
    recovered: false,
    gone: [],
    newlyGone: [],
    seenTo: [],
    joined: [],
    recoveries: 0,
    unserved: false,
    interrupt: null,
    onward: false,
    undoing: false,
    approval: 'none',
    approvalUntilMs: null,
    approvedBy: null,
    approvedPlan: null,
    aborted: null,
    moved: null,
    failure: null,
    ending: null,
    steps: [],
    ahead: [],
    notes: [],
  };
}

/**
 * Forgets what was found and begun under the epoch of another run: the request is carried out again, from
 * its first step. What people were told of the steps so far stays, and so does who is gone.
 */
export function beginAnew(saga: Saga): void {
  const gone = [
    ...saga.gone.splice(0),
    ...saga.newlyGone.splice(0),
    ...saga.joined.flatMap(goneOf),
  ];
  const same = (a: GoneInstance, b: GoneInstance) =>
    a.instance === b.instance && a.incarnation === b.incarnation;
  saga.newlyGone.push(...gone.filter((one, i) => gone.findIndex((g) => same(g, one)) === i));
  saga.seenTo.length = 0;
  saga.committed.length = 0;
  Object.assign(saga, {
    ...{ situation: null, plan: null, undoes: null, outage: null, progress: null, ending: null },
    ...{ moved: null, failure: null },
    ...{ recovered: false, recoveries: 0, unserved: false, onward: false },
    ...{ approval: 'none', approvalUntilMs: null, approvedBy: null, approvedPlan: null },
  } satisfies Partial<Saga>);
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

/** What activities are told of the saga: no more than a few fields of its situation. */
export function refOf(saga: Saga): SagaRef {
  const { service, rebalance, epoch, run } = situationOf(saga);
  return { service, rebalance, epoch, ...(run === undefined ? {} : { run }) };
}

/** Names of the instances that this saga must do without. */
export function goneNames(saga: Saga): readonly string[] {
  return [...new Set(saga.gone.map(({ instance }) => instance))];
}

/** From here on whoever is newly gone is left out. */
export function seeTo(saga: Saga): void {
  for (const one of saga.newlyGone.splice(0)) {
    if (!isAmong(one, saga.gone)) saga.gone.push(one);
    if (!isAmong(one, saga.seenTo)) saga.seenTo.push(one);
  }
}

/** The same process, not only the same name: one that came back under it is another. */
export function isAmong(one: GoneInstance, others: readonly GoneInstance[]): boolean {
  const { instance, incarnation } = one;
  return others.some((o) => o.instance === instance && o.incarnation === incarnation);
}

/**
 * Nobody whom this saga could know: it neither ran, owned nor held when the saga began, nor is it started
 * by it. Sagas that began before this was looked at know nobody for a stranger.
 */
export function isStrangerTo(saga: Saga, { instance }: GoneInstance): boolean {
  const { service, situation, plan, undoes } = saga;
  if (situation?.known === undefined) return false;
  const started = [plan, undoes].flatMap((one) =>
    one === null ? [] : [one.running, one.replicas],
  );
  return isStranger(service, instance, Math.max(situation.known, ...started));
}

/** `messaging-1 (lost)`. */
export function goneText(gone: readonly GoneInstance[]): string {
  return gone.map(({ instance, why }) => `${instance} (${why})`).join(', ');
}

/** Whom a request names as lost, or as leaving. */
export function goneOf({ source, lost = [], drain = [] }: RebalanceRequest): GoneInstance[] {
  if (source !== 'leave') return lost.map((one) => ({ ...one, why: 'lost' }));
  return drain.map((instance) => ({ instance, incarnation: null, why: 'leaving' }));
}

/** It ended before an epoch was taken: nothing was begun, and no record is kept. */
export function isDeclined({ situation, ending }: Saga): boolean {
  return situation === null && ending?.outcome === 'refused';
}

/** Whether the request itself is about instances that are gone. */
export function isUrgent({ request }: Pick<Saga, 'request'>): boolean {
  return request.source === 'instance-lost' || request.source === 'leave';
}
