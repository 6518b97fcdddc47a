// `evenkeel rebalance SERVICE --dry-run`: the plan that a saga would make of this request now, by the
// very code that the saga plans with. Reads ConfigDB, the ownership log, reports and the platform;
// asks nothing of the workflow and writes nothing.

import { connect, type Connections } from '../../../activities/connections.js';
import { writtenOut } from '../../../activities/plan-document.js';
import { propose, type Proposal } from '../../../activities/plan.js';
import { leftoversNow, outcomeIn } from '../../../activities/reconcile.js';
import { ownersIn } from '../../../activities/snapshot.js';
import { actualOwnership, rangesByName } from '../../../activities/situation.js';
import type { RebalanceRequest } from '../../../activities/types.js';
import { metricsFromReports } from '../../adapters/report-metrics.js';
import { systemClock } from '../../adapters/system-clock.js';
import { planDistribution } from '../../core/placement/plan.js';
import { needsApproval } from '../../core/saga/approval.js';
import type { CommandResult } from '../command.js';
import type { CliContext } from '../context.js';
import { requirePolicy } from '../known-service.js';
import { dryRunText, type DryRun } from './dry-run-text.js';

/** The platform of a dry run is written by nobody: no epoch is taken. */
const noEpoch = 0;

export async function dryRun(
  context: CliContext,
  service: string,
  request: RebalanceRequest,
): Promise<CommandResult> {
  const configDb = await context.configDb();
  await requirePolicy(configDb, service);
  const [bus, platform] = [await context.bus(), await context.platform()];
  const metrics = metricsFromReports(configDb, systemClock);
  const connections = connect({ configDb, bus, platform, metrics, clock: systemClock });
  try {
    return await proposed(connections, service, request);
  } finally {
    await connections.close();
  }
}

/** @throws what looking throws; nothing has been written then, either. */
export async function proposed(
  connections: Connections,
  service: string,
  request: RebalanceRequest,
): Promise<CommandResult> {
  const { tidying, newest } = await leftoversNow(connections, service);
  const proposal = await propose(connections, {
    saga: { service, rebalance: `${service}@dry-run`, epoch: noEpoch },
    request,
    attempt: 1,
    gone: [],
    instances: tidying.instances,
  });
  // Who only looks cannot tell a run that is under way from one that died.
  const notes =
    newest !== undefined && outcomeIn(newest) === null
      ? [`${newest.id} has recorded no outcome: it is under way, or died; this comes after it`]
      : tidying.notes;
  const { kind } = proposal;
  if (kind === 'draft') {
    const found = { service, dryRun: true, ...numbersOf(proposal), notes } as const;
    return { json: found, text: dryRunText(found) };
  }
  const { why } = proposal;
  return {
    json: { service, dryRun: true, kind, why, notes },
    text: [`${service}: ${kind}: ${why}`, ...notes].join('\n'),
    exitCode: kind === 'refused' ? 3 : 0,
  };
}

function numbersOf({
  snapshot,
  draft,
}: Extract<Proposal, { kind: 'draft' }>): Omit<DryRun, 'service' | 'notes'> {
  const { policy, latest, view } = snapshot;
  const { service } = snapshot.saga;
  const { summary, transfers } = writtenOut(snapshot, draft, '');
  const { hash, base, revision, from, to, running, replicas } = summary;
  const { movedPartitions, movedLowerBound, movedClients } = summary;
  const certificate = draft.input === undefined ? undefined : planDistribution(draft.input);
  const autoscaler = { source: 'threshold' };
  return {
    kind: draft.kind,
    revision: { from: base, to: revision },
    hash,
    partitions: policy.partitions,
    current: actualOwnership(view, service, latest, []),
    instances: rangesByName(service, draft.ranges),
    owners: { from: ownersIn(snapshot)?.length ?? from, to },
    running: { from: running, to: replicas },
    moved: certificate?.moved ?? {
      partitions: movedPartitions,
      weight: movedPartitions,
      lowerBound: movedLowerBound,
    },
    ...(certificate === undefined
      ? {}
      : {
          balance: certificate.balance,
          ...(certificate.imbalance === undefined ? {} : { imbalance: certificate.imbalance }),
          ranges: certificate.ranges,
          roundsLeft: certificate.roundsLeft,
          waves: certificate.waves,
        }),
    clients: movedClients,
    transfers,
    estimateMs: summary.estimateMs,
    approval: {
      needed: summary.needsApproval,
      neededByAutoscaler: needsApproval(policy.approval, autoscaler, movedClients),
    },
  };
}
