// Owns: the first step: take the epoch, so that whatever an earlier run left alive is refused, and
// look at what is. Leftovers of a dead run end here: its warm-up is cancelled and its empty surplus
// instances go; what it moved half-way is part of the ownership that the plan starts from.

import { heartbeat } from '@temporalio/activity';
import { instanceName } from '../src/core/records.js';
import type { DistributionDoc, RebalanceDoc } from '../src/ports.js';
import type { Connections } from './connections.js';
import { write } from './scale.js';
import { currentView, heldAsPlanned, heldBy, membersOf } from './situation.js';
import type { RebalanceRequest, SagaRef, Situation, WorkflowRef } from './types.js';

export interface ReconcileInput {
  readonly service: string;
  readonly request: RebalanceRequest;
  readonly workflow: WorkflowRef;
}

export async function reconcile(
  connections: Connections,
  input: ReconcileInput,
): Promise<Situation> {
  const { configDb, clock } = connections;
  const { service, request, workflow } = input;
  const policy = await connections.policy(service);
  const [earlier, latest] = await Promise.all([
    configDb.rebalances(service, 1),
    configDb.latestDistribution(service),
  ]);
  const epoch = await configDb.takeEpoch(service, workflow.runId, clock.wallMs());
  const saga: SagaRef = { service, rebalance: `${service}@${epoch}`, epoch };
  heartbeat({ epoch });
  await configDb.saveRebalance({
    id: saga.rebalance,
    service,
    runId: workflow.runId,
    body: { request, outcome: null, startedAtMs: clock.wallMs() },
    atMs: clock.wallMs(),
  });
  const leftovers = [
    ...(await endDeadRun(connections, saga, earlier[0], latest)),
    ...(await findUnsettled(connections, service, policy.partitions, latest)),
  ];
  const members = latest === null ? 0 : Math.max(...membersOf(latest.ranges)) + 1;
  const keep = latest === null ? null : Math.max(members, request.instances ?? 0);
  const { replicas, note } = await claimPlatform(connections, saga, policy.partitions, keep);
  return {
    ...saga,
    partitions: policy.partitions,
    base: latest?.revision ?? null,
    members,
    replicas,
    approval: policy.approval,
    bounds: {
      instanceStartMs: policy.instanceStartMs,
      prepareMs: policy.prepareMs,
      notifyMs: policy.notifyMs,
      handOverStallMs: policy.handOverStallMs,
    },
    leftovers: note === null ? leftovers : [...leftovers, note],
  };
}

/** A run that recorded no outcome is dead (its workflow id is ours now): nobody warms up or holds for it. */
async function endDeadRun(
  { publish }: Connections,
  saga: SagaRef,
  earlier: RebalanceDoc | undefined,
  latest: DistributionDoc | null,
): Promise<readonly string[]> {
  const outcome = (earlier?.body as { outcome?: unknown } | undefined)?.outcome;
  if (earlier === undefined || typeof outcome === 'string') return [];
  const { service, ...said } = saga;
  const revision = latest?.revision ?? 0;
  await publish(service, { type: 'cancel-prepare', revision, ...said });
  await publish(service, { type: 'resume', revision, ...said });
  return [`${earlier.id} ended without an outcome: its warm-up and holds are cancelled`];
}

async function findUnsettled(
  connections: Connections,
  service: string,
  partitions: number,
  latest: DistributionDoc | null,
): Promise<readonly string[]> {
  if (latest === null) return [];
  const view = await currentView(connections, service, partitions);
  const { held, firstWrong } = heldAsPlanned(view, service, latest.ranges);
  if (firstWrong === null) return [];
  return [
    `${partitions - held} partitions are not where revision ${latest.revision} wants them (${firstWrong})`,
  ];
}

/**
 * Writes our epoch on the platform and removes, from the top, instances that the latest distribution
 * does not know and that hold nothing. `keep` null: there is no distribution to tell surplus by.
 */
async function claimPlatform(
  connections: Connections,
  saga: SagaRef,
  partitions: number,
  keep: number | null,
): Promise<{ replicas: number; note: string | null }> {
  let before = 0;
  const after = await write(connections, saga, async (platform) => {
    before = platform.replicas;
    if (keep === null || platform.replicas <= keep) return platform.replicas;
    const view = await currentView(connections, saga.service, partitions);
    let replicas = platform.replicas;
    while (replicas > keep && heldBy(view, instanceName(saga.service, replicas - 1)) === 0)
      replicas -= 1;
    return replicas;
  });
  const { replicas } = after;
  const note = replicas < before ? `${before - replicas} empty surplus instances removed` : null;
  return { replicas, note };
}
