// Owns: the list of activities, over the ports that the worker hands in. Each does one step, can be
// repeated, and says by its error whether a repetition makes sense. Workflows import only its types.

import { commit, type CommitInput } from './commit.js';
import { connect, type ActivityPorts, type Connections } from './connections.js';
import { mapErrors } from './errors.js';
import { evaluate } from './evaluate.js';
import { handOver, verify } from './hand-over.js';
import {
  announce,
  cancelPrepare,
  notify,
  prepare,
  type TellInput,
  type TellWithin,
} from './notify.js';
import { plan, planBack } from './plan.js';
import { reconcile, type ReconcileInput } from './reconcile.js';
import { record } from './record.js';
import { scaleBack, scaleDown, scaleUp } from './scale.js';
import type { RebalanceRequest, RecordInput, SagaRef } from './types.js';

export type { ActivityPorts } from './connections.js';

/**
 * `connections` are shared by all activities of a worker; whoever opens them (`connect(ports)`)
 * closes them after the worker has ended.
 */
export function createActivities(ports: ActivityPorts, connections: Connections = connect(ports)) {
  const c = connections;
  return mapErrors({
    evaluate: (input: { service: string }) => evaluate(c, input),
    requestRebalance: (input: { service: string; request: RebalanceRequest }) =>
      c.temporal.requestRebalance(input.service, input.request),

    reconcile: (input: ReconcileInput) => reconcile(c, input),
    plan: (input: { saga: SagaRef; request: RebalanceRequest; attempt: number }) => plan(c, input),
    scaleUp: (input: { saga: SagaRef; replicas: number; withinMs: number }) => scaleUp(c, input),
    prepare: (input: TellWithin) => prepare(c, input),
    commit: (input: CommitInput) => commit(c, input),
    notify: (input: TellWithin) => notify(c, input),
    handOver: (input: { saga: SagaRef; planId: string; stallMs: number }) => handOver(c, input),
    verify: (input: TellInput) => verify(c, input),
    scaleDown: (input: { saga: SagaRef; replicas: number }) => scaleDown(c, input),
    record: (input: RecordInput) => record(c, input),

    planBack: (input: { saga: SagaRef; instances: number }) => planBack(c, input),
    announce: (input: TellInput) => announce(c, input),
    cancelPrepare: (input: { saga: SagaRef }) => cancelPrepare(c, input),
    scaleBack: (input: { saga: SagaRef; replicas: number }) => scaleBack(c, input),
    pauseSchedule: (input: { service: string; note: string }) =>
      c.temporal.pauseSchedule(input.service, input.note),
  });
}

export type Activities = ReturnType<typeof createActivities>;
