// Owns: the plan of the way back: the ranges of the last distribution before this saga, computed as a
// new revision from what is held now. Nothing is rolled back by deleting. Never commits it.

import { planDistribution } from '../src/core/placement/plan.js';
import { instanceName, ordinalOf } from '../src/core/records.js';
import type { DistributionDoc } from '../src/ports.js';
import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import { firstEpochOf } from './next-epoch.js';
import { nothing, ownerCount, savePlan } from './plan-document.js';
import { planInputOf, takeSnapshot, type Snapshot } from './snapshot.js';
import { membersOf, toOwnedRanges } from './situation.js';
import { lastTold } from './told.js';
import type { PlanSummary, SagaRef } from './types.js';

/** Revisions that somebody wrote by hand over those of a saga, and that its undo looks past. */
const byHandMax = 5;

export interface WayBack {
  readonly saga: SagaRef;
  /** Names of instances that were lost, or left, on the way: they get nothing back. */
  readonly gone: readonly string[];
  readonly attempt: number;
}

export async function planBack(
  connections: Connections,
  { saga, gone, attempt }: WayBack,
): Promise<PlanSummary> {
  const snapshot = await takeSnapshot(connections, saga);
  const { latest, policy, platform } = snapshot;
  const { goal } = await lastTold(connections, saga.service);
  if (goal?.rebalance === saga.rebalance && goal.revision > (latest?.revision ?? 0)) {
    throw finalFailure(
      'ConfigDbForgot',
      `ConfigDB has forgotten revision ${goal.revision}, which instances strive for, and with it what was before: the next rebalance makes what is held the distribution, and goes on from there`,
    );
  }
  const own = { epoch: firstEpochOf(saga) };
  const first = latest === null ? null : await firstOf(connections, own, latest);
  if (latest === null || first === null) {
    return nothing('unnecessary', 'nothing was committed', snapshot);
  }
  const former = await baseOf(connections, first);
  if (former === null) {
    const why = 'there was no distribution before: this one stays';
    return nothing('unnecessary', why, snapshot);
  }
  const there = membersOf(former.ranges).filter(
    (ordinal) => !gone.includes(instanceName(saga.service, ordinal)),
  );
  const owners = there.length > 0 ? there : holdersOf(snapshot, gone);
  // Exactly the former ranges where all of the former are there: what was moved goes back, no more.
  const all = there.length === ownerCount(former);
  const ranges = all
    ? former.ranges
    : toOwnedRanges(
        saga.service,
        policy.partitions,
        planDistribution(planInputOf(snapshot, owners, gone)).instances,
      );
  return savePlan(connections, snapshot, {
    // A run that was reset counts its attempts anew, under an epoch of its own.
    name: `back-${saga.epoch}-${attempt}`,
    purpose: 'back',
    kind: 'in-place',
    ranges,
    from: ownerCount(latest),
    to: owners.length,
    replicas: platform.replicas,
    gone,
  });
}

/** The newest distribution that an earlier saga than that of this first epoch wrote. */
export async function lastBefore(
  connections: Pick<Connections, 'configDb'>,
  { epoch }: Pick<SagaRef, 'epoch'>,
  latest: DistributionDoc,
): Promise<DistributionDoc | null> {
  const first = await firstOf(connections, { epoch }, latest);
  return first === null ? latest : baseOf(connections, first);
}

/** The oldest distribution that was written since that epoch; null when none was. */
async function firstOf(
  connections: Pick<Connections, 'configDb'>,
  { epoch }: Pick<SagaRef, 'epoch'>,
  latest: DistributionDoc,
): Promise<DistributionDoc | null> {
  let first: DistributionDoc | null = null;
  let byHand = 0;
  let at: DistributionDoc | null = latest;
  while (at !== null && byHand <= byHandMax) {
    if (at.epoch >= epoch) {
      first = at;
      byHand = 0;
    } else byHand += 1;
    at = await baseOf(connections, at);
  }
  return first;
}

async function baseOf(
  { configDb }: Pick<Connections, 'configDb'>,
  { service, base }: DistributionDoc,
): Promise<DistributionDoc | null> {
  return base === null ? null : configDb.distribution(service, base);
}

/** Where all of the former are gone: whoever holds something goes on. */
function holdersOf({ view, latest }: Snapshot, gone: readonly string[]): readonly number[] {
  const holders = view
    .ranges()
    .flatMap(([, , name]) => (name === null || gone.includes(name) ? [] : [ordinalOf(name) ?? -1]));
  const owners = [...new Set(holders)].filter((ordinal) => ordinal >= 0).sort((a, b) => a - b);
  return owners.length > 0 ? owners : membersOf(latest?.ranges ?? []);
}
