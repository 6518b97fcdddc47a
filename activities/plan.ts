// Owns: from a snapshot to a plan document in ConfigDB. The workflow gets its id, hash and numbers;
// everything that the decision was made from is kept in the document, so that it can be re-run.

import { activityInfo } from '@temporalio/activity';
import { movesBetween, type OwnedRange } from '../src/core/distribution.js';
import { planDistribution } from '../src/core/placement/plan.js';
import type { PlanInput } from '../src/core/placement/types.js';
import { countOf } from '../src/core/ranges.js';
import { instanceName } from '../src/core/records.js';
import type { Policy } from '../src/core/scaling/policy.js';
import type { OwnershipView } from '../src/logs/ownership-view.js';
import type { DistributionDoc, InstanceReport } from '../src/ports.js';
import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import { answeredBefore } from './repeats.js';
import {
  actualOwnership,
  currentView,
  hashOf,
  heldAsPlanned,
  membersOf,
  nextRevision,
  rangesText,
  sameRanges,
  toOwnedRanges,
} from './situation.js';
import type { PlanKind, PlanSummary, RebalanceRequest, SagaRef } from './types.js';
import { assertTiling } from './whole-distributions.js';

/** What lies in ConfigDB under the plan's id. */
export interface PlanBody {
  readonly purpose: 'forward' | 'back';
  readonly revision: number;
  readonly base: number | null;
  readonly partitions: number;
  readonly ranges: readonly OwnedRange[];
  readonly hash: string;
  /** Names of the instances that get partitions they do not hold. */
  readonly gaining: readonly string[];
  /** Input and certificate of the planner; absent on the way back. */
  readonly input?: PlanInput;
  readonly certificate?: unknown;
}

/** Everything that a plan is made from. */
export interface Snapshot {
  readonly saga: SagaRef;
  readonly policy: Policy;
  readonly latest: DistributionDoc | null;
  readonly reports: readonly InstanceReport[];
  readonly view: OwnershipView;
  readonly replicas: number;
}

export async function takeSnapshot(connections: Connections, saga: SagaRef): Promise<Snapshot> {
  const { configDb, platform } = connections;
  const { service } = saga;
  const policy = await connections.policy(service);
  const [latest, reports, observed, view] = await Promise.all([
    configDb.latestDistribution(service),
    configDb.reports(service),
    platform.observe(service),
    currentView(connections, service, policy.partitions),
  ]);
  return { saga, policy, latest, reports, view, replicas: observed.replicas };
}

/** Plans what the request asks for; `attempt` tells repetitions after a lost race apart. */
export async function plan(
  connections: Connections,
  input: { readonly saga: SagaRef; readonly request: RebalanceRequest; readonly attempt: number },
): Promise<PlanSummary> {
  const { saga, request, attempt } = input;
  const snapshot = await takeSnapshot(connections, saga);
  const { policy, latest, view } = snapshot;
  const from = latest === null ? 0 : Math.max(...membersOf(latest.ranges)) + 1;
  const answer = await answeredBefore(connections.configDb, saga, request);
  if (answer !== undefined) return nothing('unnecessary', answer, from, latest);
  const to =
    request.instances ??
    (latest === null ? Math.max(snapshot.replicas, policy.instances.min) : from);
  const refusal = refusalOf(request, to, policy);
  if (refusal !== undefined) return nothing('refused', refusal, from, latest);

  const planInput = planInputOf(snapshot, to);
  const planned = planDistribution(planInput);
  const ranges = toOwnedRanges(saga.service, policy.partitions, planned.instances);
  const settled =
    latest !== null && heldAsPlanned(view, saga.service, latest.ranges).firstWrong === null;
  if (settled && sameRanges(ranges, latest.ranges) && to === snapshot.replicas) {
    return nothing('unnecessary', `${to} instances already hold what they should`, from, latest);
  }
  const kind =
    latest === null ? 'bootstrap' : to > from ? 'grow' : to < from ? 'shrink' : 'in-place';
  const { waves, ...certificate } = planned;
  const extra = { purpose: 'forward', input: planInput, certificate } as const;
  const summary = await savePlan(
    connections,
    snapshot,
    planIdOf(saga, `${attempt}`),
    ranges,
    extra,
  );
  return {
    ...summary,
    kind,
    from,
    to,
    movedPartitions: planned.moved.partitions,
    movedLowerBound: Math.round(planned.moved.lowerBound),
    waves: waves.length,
  };
}

/** The way back: the ranges of the last distribution before this saga, on instances that still hold. */
export async function planBack(
  connections: Connections,
  input: { readonly saga: SagaRef; readonly instances: number },
): Promise<PlanSummary> {
  const { saga, instances } = input;
  const snapshot = await takeSnapshot(connections, saga);
  const { latest, policy } = snapshot;
  if (latest === null || latest.epoch < saga.epoch) {
    return nothing('unnecessary', 'nothing was committed', instances, latest);
  }
  const former = await lastBefore(connections, saga, latest);
  // Exactly the former ranges: what was moved goes back, and nothing else moves.
  const ranges =
    former?.ranges ??
    toOwnedRanges(
      saga.service,
      policy.partitions,
      planDistribution(planInputOf(snapshot, instances)).instances,
    );
  const summary = await savePlan(connections, snapshot, planIdOf(saga, 'back'), ranges, {
    purpose: 'back',
  });
  return { ...summary, kind: 'in-place', from: instances, to: instances };
}

/** Another id per try: a plan that was saved and not heard of stays what it was. */
function planIdOf({ rebalance }: SagaRef, name: string): string {
  return `${rebalance}.${name}.${activityInfo().attempt}`;
}

/** The newest distribution that an earlier saga wrote. */
async function lastBefore(
  { configDb }: Connections,
  { service, epoch }: SagaRef,
  latest: DistributionDoc,
): Promise<DistributionDoc | null> {
  let at: DistributionDoc | null = latest;
  while (at !== null && at.epoch >= epoch) {
    at = at.base === null ? null : await configDb.distribution(service, at.base);
  }
  return at;
}

function refusalOf(request: RebalanceRequest, to: number, policy: Policy): string | undefined {
  const { min, max } = policy.instances;
  if (to < min || to > max) return `${to} instances are outside of the policy's ${min}..${max}`;
  if (request.drain !== undefined)
    return 'draining a named instance is not possible yet: ask for fewer instances';
  return undefined;
}

function planInputOf(
  { saga, policy, latest, reports, view }: Snapshot,
  instances: number,
): PlanInput {
  const { service } = saga;
  const current = actualOwnership(view, service, latest);
  const weights =
    policy.balanceBy === 'clients' ? clientsPerPartition(reports, policy.partitions) : null;
  return {
    partitions: policy.partitions,
    instances: Array.from({ length: instances }, (_, ordinal) => instanceName(service, ordinal)),
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

async function savePlan(
  { configDb, clock }: Connections,
  { saga, policy, latest, reports, view }: Snapshot,
  planId: string,
  ranges: readonly OwnedRange[],
  extra: Pick<PlanBody, 'purpose' | 'input' | 'certificate'>,
): Promise<PlanSummary> {
  const { service } = saga;
  const { partitions } = policy;
  const revision = nextRevision(latest, view, reports);
  const hash = hashOf(service, revision, partitions, ranges);
  const current = toOwnedRanges(service, partitions, actualOwnership(view, service, latest));
  const moves = movesBetween({ ranges: current }, { ranges });
  const gaining = [...new Set(moves.map(({ receiver }) => instanceName(service, receiver)))];
  const base = latest?.revision ?? null;
  const body: PlanBody = { ...extra, revision, base, partitions, ranges, hash, gaining };
  await configDb.savePlan({ id: planId, service, hash, body, atMs: clock.wallMs() });
  const moved = moves.map(({ from, to }) => [from, to] as const);
  return {
    kind: 'in-place',
    why: '',
    planId,
    hash,
    from: 0,
    to: 0,
    base,
    revision,
    movedPartitions: countOf(moved),
    movedLowerBound: countOf(moved),
    movedClients: clientsIn(moved, reports),
    waves: 0,
    gaining: gaining.length,
    ranges: rangesText(ranges),
  };
}

function clientsIn(
  moved: readonly (readonly [number, number])[],
  reports: readonly InstanceReport[],
): number {
  let clients = 0;
  for (const { load } of reports) {
    for (const [partition, here] of load) {
      if (moved.some(([from, to]) => partition >= from && partition <= to)) clients += here;
    }
  }
  return clients;
}

/** Throws a final failure when a plan that a step names is not in ConfigDB, or breaks Tiling there. */
export async function loadPlan({ configDb }: Connections, planId: string): Promise<PlanBody> {
  const doc = await configDb.plan(planId);
  if (doc !== null) {
    const body = doc.body as PlanBody;
    assertTiling(`plan ${planId} in ConfigDB`, body);
    return body;
  }
  throw finalFailure('NoPlan', `plan ${planId} is not in ConfigDB`);
}

function nothing(
  kind: PlanKind,
  why: string,
  from: number,
  latest: DistributionDoc | null,
): PlanSummary {
  const base = latest?.revision ?? null;
  return {
    kind,
    why,
    planId: '',
    hash: '',
    from,
    to: from,
    base,
    revision: base ?? 0,
    movedPartitions: 0,
    movedLowerBound: 0,
    movedClients: 0,
    waves: 0,
    gaining: 0,
    ranges: latest === null ? '' : rangesText(latest.ranges),
  };
}
