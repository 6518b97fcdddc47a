// Owns: the list of activities, over the ports that the worker hands in. Each does one step, can be
// repeated, and says by its error whether a repetition makes sense. Workflows import only its types.

import { commit, type CommitInput } from './commit.js';
import { connect, type ActivityPorts, type Connections } from './connections.js';
import { mapErrors } from './errors.js';
import { evaluate } from './evaluate.js';
import { fence } from './fence.js';
import { handOver, verify, type HandOverInput } from './hand-over.js';
import {
  announce,
  cancelPrepare,
  holdWaves,
  notify,
  prepare,
  type NotifyInput,
  type TellInput,
  type TellWithin,
} from './notify.js';
import { nextEpoch, type NextEpochInput } from './next-epoch.js';
import { underOwnEpoch } from './own-epoch.js';
import { planBack, type WayBack } from './plan-back.js';
import { planRecovery, type RecoveryQuestion } from './plan-recovery.js';
import { plan, type PlanQuestion } from './plan.js';
import { restart, setTemplate, type RestartInput, type TemplateInput } from './restart.js';
import { reconcile, type ReconcileInput } from './reconcile.js';
import { collectMoves, record, recordUnbegun } from './record.js';
import { lookAtRoll, rollStep, watchRoll, type RollQuestion } from './roll.js';
import { traced } from './traced.js';
import { scaleBack, scaleDown, scaleUp, type ScaleUpInput } from './scale.js';
import type {
  GoneInstance,
  RebalanceRequest,
  RecordInput,
  SagaRef,
  UnbegunInput,
} from './types.js';

export type { ActivityPorts } from './connections.js';

/**
 * `connections` are shared by all activities of a worker; whoever opens them (`connect(ports)`)
 * closes them after the worker has ended.
 */
export function createActivities(ports: ActivityPorts, connections: Connections = connect(ports)) {
  const c = connections;
  const all = {
    evaluate: (input: { service: string }) => evaluate(c, input),
    requestRebalance: (input: { service: string; request: RebalanceRequest }) =>
      c.temporal.requestRebalance(input.service, input.request),

    reconcile: (input: ReconcileInput) => reconcile(c, input),
    nextEpoch: (input: NextEpochInput) => nextEpoch(c, input),
    record: (input: RecordInput) => record(c, input),
    recordUnbegun: (input: UnbegunInput) => recordUnbegun(c, input),

    ...underOwnEpoch({
      plan: (input: PlanQuestion) => plan(c, input),
      scaleUp: (input: ScaleUpInput) => scaleUp(c, input),
      prepare: (input: TellWithin) => prepare(c, input),
      commit: (input: CommitInput) => commit(c, input),
      notify: (input: NotifyInput) => notify(c, input),
      handOver: (input: HandOverInput) => handOver(c, input),
      verify: (input: TellInput) => verify(c, input),
      scaleDown: (input: { saga: SagaRef; replicas: number }) => scaleDown(c, input),
      fence: (input: { saga: SagaRef; gone: readonly GoneInstance[] }) => fence(c, input),
      planRecovery: (input: RecoveryQuestion) => planRecovery(c, input),

      setTemplate: (input: TemplateInput) => setTemplate(c, input),
      countMoves: ({ saga, committed }: { saga: SagaRef; committed: readonly number[] }) =>
        collectMoves(c, saga.service, new Set(committed)),
      restart: (input: RestartInput) => restart(c, input),

      holdWaves: (input: { saga: SagaRef; type: 'hold' | 'resume' }) => holdWaves(c, input),
      planBack: (input: WayBack) => planBack(c, input),
      announce: (input: TellInput) => announce(c, input),
      cancelPrepare: (input: { saga: SagaRef }) => cancelPrepare(c, input),
      scaleBack: (input: { saga: SagaRef; replicas: number }) => scaleBack(c, input),
    }),

    lookAtRoll: (input: RollQuestion) => lookAtRoll(c, input),
    rollStep: (input: { service: string; request: RebalanceRequest }) => rollStep(c, input),
    watchRoll: (input: { service: string; template: string; watchMs: number }) =>
      watchRoll(c, input),

    pauseSchedule: (input: { service: string; note: string }) =>
      c.temporal.pauseSchedule(input.service, input.note),
  };
  return traced(ports, mapErrors(ports.clock, all));
}

export type Activities = ReturnType<typeof createActivities>;
