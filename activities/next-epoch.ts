// Owns: a further epoch for a saga that has one: on the way back, so that every earlier try of what was
// begun is refused from then on, and after a reset (own-epoch.ts). The saga keeps its id, which names its
// first epoch. Never takes one over from a newer saga.

import { SupersededError } from '../src/errors.js';
import type { RebalanceDoc } from '../src/ports.js';
import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import type { SagaRef, WorkflowRef } from './types.js';

/** Records are kept newest first by when they were written, which nearly is by their epochs. */
const recordsLookedAt = 20;

export interface NextEpochInput {
  readonly saga: SagaRef;
  readonly workflow: WorkflowRef;
}

export async function nextEpoch(
  { configDb, temporal, clock }: Pick<Connections, 'configDb' | 'temporal' | 'clock'>,
  { saga, workflow }: NextEpochInput,
): Promise<Required<Pick<SagaRef, 'epoch' | 'run'>>> {
  // A newer run may be at work: a dead one must not get above it.
  if (!(await temporal.isOpen(workflow))) {
    throw finalFailure('RunIsOver', `run ${workflow.runId} of ${workflow.id} is over`);
  }
  const { service } = saga;
  const newest = Math.max(0, ...(await configDb.rebalances(service, recordsLookedAt)).map(epochIn));
  const own = firstEpochOf(saga);
  // Reset to before the next saga began: what that one did is not taken back.
  if (newest > own) throw new SupersededError('ConfigDB', own, newest);
  const { runId: run } = workflow;
  const epoch = await configDb.takeEpoch(service, run, clock.wallMs(), saga.epoch);
  return { epoch, run };
}

/** What this saga wrote has this epoch or a higher one; what was before it, a lower one. */
export function firstEpochOf({ rebalance }: Pick<SagaRef, 'rebalance'>): number {
  return Number(rebalance.slice(rebalance.lastIndexOf('@') + 1));
}

/** Of the saga that a record is about. */
export function epochIn({ id }: Pick<RebalanceDoc, 'id'>): number {
  return firstEpochOf({ rebalance: id });
}
