// Owns: everything that a plan is made from, looked at once, and the planner's input from it. Reads only.

import type { PlanInput } from '../src/core/placement/types.js';
import { instanceName } from '../src/core/records.js';
import type { Policy } from '../src/core/scaling/policy.js';
import type { OwnershipView } from '../src/logs/ownership-view.js';
import type { DistributionDoc, InstanceReport, PlatformView } from '../src/ports.js';
import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import { actualOwnership, currentView, membersOf } from './situation.js';
import { lastTold } from './told.js';
import type { SagaRef } from './types.js';

export interface Snapshot {
  readonly saga: SagaRef;
  readonly policy: Policy;
  readonly latest: DistributionDoc | null;
  readonly reports: readonly InstanceReport[];
  readonly view: OwnershipView;
  readonly platform: PlatformView;
  /** What the instances were told last: ConfigDB may have forgotten it. */
  readonly told: { readonly revision: number } | null;
}

export async function takeSnapshot(connections: Connections, saga: SagaRef): Promise<Snapshot> {
  const { configDb, platform } = connections;
  const { service } = saga;
  const policy = await connections.policy(service);
  const [latest, reports, observed, view, { goal }] = await Promise.all([
    configDb.latestDistribution(service),
    configDb.reports(service),
    platform.observe(service),
    currentView(connections, service, policy.partitions),
    lastTold(connections, service),
  ]);
  if (latest !== null && latest.partitions !== policy.partitions) {
    const { revision, partitions } = latest;
    const text = `the policy says ${policy.partitions} partitions, revision ${revision} has ${partitions}: apply the policy with partitions: ${partitions} again`;
    throw finalFailure('PartitionsChanged', text);
  }
  return { saga, policy, latest, reports, view, platform: observed, told: goal };
}

/** Ordinals that own something by the latest distribution; null before the first. */
export function ownersIn({ latest }: Pick<Snapshot, 'latest'>): readonly number[] | null {
  return latest === null ? null : membersOf(latest.ranges);
}

/** What the planner is asked; `gone` names instances that hold nothing any more, whatever was planned. */
export function planInputOf(
  { saga, policy, latest, reports, view }: Snapshot,
  owners: readonly number[],
  gone: readonly string[],
): PlanInput {
  const { service } = saga;
  const current = actualOwnership(view, service, latest, gone);
  const weights =
    policy.balanceBy === 'clients' ? clientsPerPartition(reports, policy.partitions) : null;
  return {
    partitions: policy.partitions,
    instances: owners.map((ordinal) => instanceName(service, ordinal)),
    ...(Object.keys(current).length === 0 ? {} : { current }),
    ...(weights === null ? {} : { weights }),
    tolerance: policy.tolerance,
    maxRangesPerInstance: policy.maxRangesPerInstance,
  };
}

/** Null while nobody is connected: then partitions count. */
function clientsPerPartition(
  reports: readonly InstanceReport[],
  partitions: number,
): number[] | null {
  const weights = new Array<number>(partitions).fill(0);
  for (const report of reports) {
    for (const [partition, clients] of report.load)
      weights[partition] = (weights[partition] ?? 0) + clients;
  }
  return weights.some((weight) => weight > 0) ? weights : null;
}
