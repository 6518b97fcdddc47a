// Owns: writing a plan's distribution as the next revision: one insert, so of two writers exactly one
// wins. Never tells anybody (notify.ts).

import { SupersededError } from '../src/errors.js';
import type { Connections } from './connections.js';
import { loadPlan } from './plan-document.js';
import type { CommitResult, SagaRef, WorkflowRef } from './types.js';

export interface CommitInput {
  readonly saga: SagaRef;
  readonly planId: string;
  readonly workflow: WorkflowRef;
  readonly cause: { readonly kind: string; readonly text: string };
}

/** `conflict`: that number is taken by another plan. Our own, written by an earlier try, is `committed`. */
export async function commit(connections: Connections, input: CommitInput): Promise<CommitResult> {
  const { configDb, clock } = connections;
  const { saga, planId, workflow, cause } = input;
  const plan = await loadPlan(connections, planId);
  await assertNotSuperseded(connections, saga);
  const { revision, partitions, ranges, hash, base } = plan;
  const result = await configDb.insertDistribution({
    service: saga.service,
    revision,
    partitions,
    ranges,
    hash,
    base,
    plan: planId,
    cause,
    epoch: saga.epoch,
    workflow,
    atMs: clock.wallMs(),
  });
  if (result.kind === 'committed') return { kind: 'committed', revision };
  const ours = result.existing.plan === planId && result.existing.hash === hash;
  return { kind: ours ? 'committed' : 'conflict', revision };
}

/**
 * Throws when a newer saga has begun: this one writes nothing more. ConfigDB may have forgotten that it
 * did (restored from a backup); each run writes its epoch on the platform, too, before all else.
 */
export async function assertNotSuperseded(
  { configDb, platform }: Connections,
  { service, epoch }: SagaRef,
): Promise<void> {
  const [latest, observed] = await Promise.all([
    configDb.latestEpoch(service),
    platform.observe(service),
  ]);
  if (latest > epoch) throw new SupersededError('ConfigDB', epoch, latest);
  if (observed.epoch > epoch) throw new SupersededError('platform', epoch, observed.epoch);
}
