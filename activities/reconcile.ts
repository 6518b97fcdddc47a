// Owns: the first step: take the epoch, so that whatever an earlier run left alive is refused, and
// look at what is. What an earlier run left behind is decided on in src/core/saga/leftovers.ts and
// done here: its warm-up and holds end, its empty surplus instances go. What it moved half-way is part
// of the ownership that the plan starts from. Where ConfigDB has forgotten what is in force, that is
// mended first (forgotten.ts).

import { instanceName } from '../src/core/records.js';
import { isTidy, tidyingOf, type Tidying } from '../src/core/saga/leftovers.js';
import { withSpares } from '../src/core/saga/spares.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { isStranger, strangersText } from '../src/core/saga/strangers.js';
import type { DistributionDoc, RebalanceDoc } from '../src/ports.js';
import { beat } from './alive.js';
import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import { mend, remember, type Remembered } from './forgotten.js';
import { epochIn } from './next-epoch.js';
import { tellGoal } from './notify.js';
import { lastBefore } from './plan-back.js';
import { write } from './scale.js';
import { currentView, heldAsPlanned, heldBy, membersOf } from './situation.js';
import type { Declined, RebalanceRequest, SagaRef, Situation, WorkflowRef } from './types.js';

export interface ReconcileInput {
  readonly service: string;
  readonly request: RebalanceRequest;
  readonly workflow: WorkflowRef;
  /** The workflow knows what it means to be declined; those of before there was this do not. */
  readonly mayDecline?: true;
}

export async function reconcile(
  connections: Connections,
  input: ReconcileInput,
): Promise<Situation | Declined> {
  const { configDb, clock } = connections;
  const { service, request, workflow } = input;
  // The epoch is what stops the activities of dead runs; nothing else would stop this one.
  if (!(await connections.temporal.isOpen(workflow))) {
    throw finalFailure('RunIsOver', `run ${workflow.runId} of ${workflow.id} is over`);
  }
  const policy = await connections.policy(service);
  const [recorded, remembered] = await Promise.all([
    earlierRuns(connections, service, workflow),
    remember(connections, service, policy),
  ]);
  const declined =
    input.mayDecline === true ? strangersIn(request, service, remembered) : undefined;
  if (declined !== undefined) return { declined };
  const { memory, refused, known } = remembered;
  const isForgotten = memory.distribution === 'forgotten' && refused === undefined;
  const mended = isForgotten ? await mend(connections, input, policy, remembered) : null;
  const latest = mended ?? remembered.latest;
  // What the records say of earlier runs is as old as what they say of distributions.
  const earlier = isForgotten ? [] : recorded;
  const { epoch: above } = memory.above;
  const epoch = await configDb.takeEpoch(service, workflow.runId, clock.wallMs(), above);
  const saga: SagaRef = { service, rebalance: `${service}@${epoch}`, epoch };
  beat({ epoch });
  await configDb.saveRebalance({
    id: saga.rebalance,
    service,
    runId: workflow.runId,
    body: { request, outcome: null, startedAtMs: clock.wallMs() },
    atMs: clock.wallMs(),
  });
  const tidying =
    refused === undefined
      ? await lookForLeftovers(connections, service, earlier, latest, policy)
      : untouched;
  if (tidying.releaseHolds) await releaseHolds(connections, saga, latest);
  if (memory.distribution === 'untold' && latest !== null) {
    await tellGoal(connections, saga, latest, 'distribution');
  }
  const members = latest === null ? 0 : membersOf(latest.ranges).length;
  const replicas = await claimPlatform(connections, saga, {
    policy,
    latest: tidying.removeSurplus ? latest : null,
    wanted: request.instances ?? request.roll?.replicas ?? 0,
  });
  return {
    ...saga,
    run: workflow.runId,
    ...(refused === undefined ? {} : { refused }),
    partitions: policy.partitions,
    base: latest?.revision ?? null,
    members,
    replicas: replicas.after,
    ...(known === undefined ? {} : { known }),
    ...(replicas.template === undefined ? {} : { template: replicas.template }),
    bounds: {
      instanceStartMs: policy.instanceStartMs,
      prepareMs: policy.prepareMs,
      notifyMs: policy.notifyMs,
      handOverStallMs: policy.handOverStallMs,
      approvalMs: policy.approvalMs,
    },
    leftovers: [
      ...memory.notes,
      ...(mended === null ? [] : [`revision ${mended.revision} is what is held`]),
      ...tidying.notes,
      ...(replicas.removed === 0 ? [] : [`${replicas.removed} empty surplus instances removed`]),
    ],
    instances: tidying.instances,
  };
}

/** A sentence when a request says of nobody but strangers that they are gone. */
function strangersIn(
  { source, lost = [], drain = [] }: RebalanceRequest,
  service: string,
  { known }: Remembered,
): string | undefined {
  const named =
    source === 'instance-lost'
      ? lost.map(({ instance }) => instance)
      : source === 'leave'
        ? drain
        : [];
  if (known === undefined || named.length === 0) return undefined;
  if (!named.every((name) => isStranger(service, name, known))) return undefined;
  return `${strangersText(service, named, known)}; nothing was done`;
}

/** Where P is not the same everywhere nothing can be judged, so nothing is tidied. */
const untouched: Tidying = {
  releaseHolds: false,
  removeSurplus: false,
  instances: null,
  notes: [],
};

/** Newest first, without this one: a repeated try must not take its own start for a dead run. */
async function earlierRuns(
  { configDb }: Connections,
  service: string,
  workflow: WorkflowRef,
): Promise<readonly RebalanceDoc[]> {
  const recorded = await configDb.rebalances(service, recordsLookedAt);
  return recorded.filter((doc) => doc.runId !== workflow.runId || outcomeIn(doc) !== null);
}

/** Tries of one reconcile, and failures in a row; more of them are no accident. */
const recordsLookedAt = 20;

export function outcomeIn({ body }: RebalanceDoc): string | null {
  const { outcome } = body as { outcome?: unknown };
  return typeof outcome === 'string' ? outcome : null;
}

/** What a run that began now would find of earlier ones. Reads only: a dry run asks here, too. */
export async function leftoversNow(
  connections: Connections,
  service: string,
): Promise<{ readonly tidying: Tidying; readonly newest: RebalanceDoc | undefined }> {
  const { configDb } = connections;
  const [policy, earlier, latest] = await Promise.all([
    connections.policy(service),
    configDb.rebalances(service, recordsLookedAt),
    configDb.latestDistribution(service),
  ]);
  const tidying = await lookForLeftovers(connections, service, earlier, latest, policy);
  return { tidying, newest: earlier[0] };
}

async function lookForLeftovers(
  connections: Connections,
  service: string,
  earlier: readonly RebalanceDoc[],
  latest: DistributionDoc | null,
  policy: Policy,
): Promise<Tidying> {
  const { partitions } = policy;
  const [newest] = earlier;
  const tidyAt = earlier.findIndex((doc) => isTidy(outcomeIn(doc)));
  const firstUntidy = tidyAt < 0 ? earlier.at(-1) : earlier[tidyAt - 1];
  const [view, platform] = await Promise.all([
    currentView(connections, service, partitions),
    connections.platform.observe(service),
  ]);
  const former =
    firstUntidy === undefined || latest === null
      ? null
      : await lastBefore(connections, { epoch: epochIn(firstUntidy) }, latest);
  const astray =
    latest === null ? 0 : partitions - heldAsPlanned(view, service, latest.ranges).held;
  const keep = latest === null ? platform.replicas : keptFor(latest, policy);
  let emptySurplus = 0;
  for (let ordinal = platform.replicas - 1; ordinal >= keep; ordinal -= 1) {
    if (heldBy(view, instanceName(service, ordinal)) > 0) break;
    emptySurplus += 1;
  }
  return tidyingOf({
    earlier: newest === undefined ? null : { id: newest.id, outcome: outcomeIn(newest) },
    owners: latest === null ? null : membersOf(latest.ranges),
    formerOwners: former === null ? null : membersOf(former.ranges),
    astray,
    replicas: platform.replicas,
    emptySurplus,
  });
}

/** So many run by the latest distribution: its owners, and the spares beyond them. */
function keptFor(latest: DistributionDoc, { warmSpares, instances }: Policy): number {
  const needed = Math.max(...membersOf(latest.ranges)) + 1;
  return withSpares(needed, { spares: warmSpares, max: instances.max });
}

/** Nobody warms up or holds for a run that is over. */
async function releaseHolds(
  { publish }: Connections,
  { service, ...said }: SagaRef,
  latest: DistributionDoc | null,
): Promise<void> {
  const revision = latest?.revision ?? 0;
  await publish(service, { type: 'cancel-prepare', revision, ...said });
  await publish(service, { type: 'resume', revision, ...said });
}

/**
 * Writes our epoch on the platform and, where there is a distribution to tell surplus by, removes
 * instances from the top that it does not know, that hold nothing and that are not wanted now.
 */
async function claimPlatform(
  connections: Connections,
  saga: SagaRef,
  {
    policy,
    latest,
    wanted,
  }: {
    readonly policy: Policy;
    readonly latest: DistributionDoc | null;
    readonly wanted: number;
  },
): Promise<{ readonly after: number; readonly removed: number; readonly template?: string }> {
  let before = 0;
  const { replicas, template } = await write(connections, saga, async (platform) => {
    before = platform.replicas;
    if (latest === null) return platform.replicas;
    const keep = Math.max(keptFor(latest, policy), wanted);
    const view = await currentView(connections, saga.service, policy.partitions);
    let after = platform.replicas;
    while (after > keep && heldBy(view, instanceName(saga.service, after - 1)) === 0) after -= 1;
    return after;
  });
  const removed = Math.max(0, before - replicas);
  return { after: replicas, removed, ...(template === undefined ? {} : { template }) };
}
