// Owns: the plan as a document in ConfigDB, and the few numbers of it that the workflow carries.
// Never decides who shall own what.

import { activityInfo } from '@temporalio/activity';
import { shorten } from '../src/core/bytes.js';
import type { OwnedRange } from '../src/core/distribution.js';
import type { PlanInput } from '../src/core/placement/types.js';
import { countOf, includes, subtract, type Ranges } from '../src/core/ranges.js';
import { instanceName } from '../src/core/records.js';
import { needsApproval } from '../src/core/saga/approval.js';
import { estimateMs, type Transfer } from '../src/core/saga/estimate.js';
import type { DistributionDoc, InstanceReport } from '../src/ports.js';
import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import type { Snapshot } from './snapshot.js';
import {
  actualOwnership,
  hashOf,
  nextRevision,
  rangesByName,
  rangesText,
  toOwnedRanges,
} from './situation.js';
import type { PlanKind, PlanSummary, RebalanceRequest, SagaRef } from './types.js';
import { assertTiling } from './whole-distributions.js';

/** What lies in ConfigDB under the plan's id. */
export interface PlanBody {
  readonly purpose: 'forward' | 'recover' | 'back';
  readonly revision: number;
  readonly base: number | null;
  readonly partitions: number;
  readonly ranges: readonly OwnedRange[];
  readonly hash: string;
  /** Names of the instances that get partitions they do not hold. */
  readonly gaining: readonly string[];
  /** Input and certificate of the planner; absent where no planner was asked. */
  readonly input?: PlanInput;
  readonly certificate?: unknown;
}

export interface Draft {
  /** Tells plans of one saga apart. */
  readonly name: string;
  readonly purpose: PlanBody['purpose'];
  readonly kind: PlanKind;
  readonly ranges: readonly OwnedRange[];
  readonly from: number;
  readonly to: number;
  readonly replicas: number;
  readonly spares?: number;
  readonly gone: readonly string[];
  readonly waves?: number;
  readonly lowerBound?: number;
  readonly input?: PlanInput;
  readonly certificate?: unknown;
  readonly request?: RebalanceRequest;
  readonly roll?: PlanSummary['roll'];
}

/** Writes the plan; another id per try: one that was saved and not heard of stays what it was. */
export async function savePlan(
  { configDb, clock }: Connections,
  snapshot: Snapshot,
  draft: Draft,
): Promise<PlanSummary> {
  const { saga } = snapshot;
  const planId = `${saga.rebalance}.${draft.name}.${activityInfo().attempt}`;
  const { body, summary } = writtenOut(snapshot, draft, planId);
  const { hash } = body;
  await configDb.savePlan({ id: planId, service: saga.service, hash, body, atMs: clock.wallMs() });
  return summary;
}

/** The document of a plan, its numbers, and who gets what from whom. Writes nothing. */
export function writtenOut(
  snapshot: Snapshot,
  draft: Draft,
  planId: string,
): {
  readonly body: PlanBody;
  readonly summary: PlanSummary;
  readonly transfers: readonly Transfer[];
} {
  const { saga, policy, latest, reports, view } = snapshot;
  const { service } = saga;
  const { partitions } = policy;
  const { ranges, purpose, input, certificate } = draft;
  const revision = nextRevision(latest, view, reports, snapshot.told);
  const hash = hashOf(service, revision, partitions, ranges);
  const current = actualOwnership(view, service, latest, draft.gone);
  const transfers = transfersBetween(service, current, ranges, reports);
  const gaining = [...new Set(transfers.map(({ receiver }) => receiver))];
  const base = latest?.revision ?? null;
  const body: PlanBody = {
    purpose,
    revision,
    base,
    partitions,
    ranges,
    hash,
    gaining,
    ...(input === undefined ? {} : { input }),
    ...(certificate === undefined ? {} : { certificate }),
  };
  // The first distribution disconnects nobody.
  const moved = latest === null ? [] : transfers;
  const movedPartitions = moved.reduce((sum, one) => sum + one.partitions, 0);
  const movedClients = moved.reduce((sum, one) => sum + one.clients, 0);
  const summary: PlanSummary = {
    kind: draft.kind,
    why: '',
    planId,
    hash,
    from: draft.from,
    to: draft.to,
    running: snapshot.platform.replicas,
    replicas: draft.replicas,
    ...(draft.spares === undefined ? {} : { spares: draft.spares }),
    base,
    revision,
    movedPartitions,
    movedLowerBound: draft.lowerBound ?? movedPartitions,
    movedClients,
    waves: draft.waves ?? 0,
    gaining: gaining.length,
    estimateMs: estimateMs(moved, policy.pace),
    needsApproval:
      draft.request !== undefined && needsApproval(policy.approval, draft.request, movedClients),
    ...(draft.roll === undefined ? {} : { roll: draft.roll }),
    before: rangesText(toOwnedRanges(service, partitions, current)),
    ranges: rangesText(ranges),
  };
  return { body, summary, transfers: moved };
}

/** What each instance gets that it does not have, by where it comes from; null where nobody has it. */
function transfersBetween(
  service: string,
  current: Readonly<Record<string, Ranges>>,
  ranges: readonly OwnedRange[],
  reports: readonly InstanceReport[],
): readonly Transfer[] {
  const load = reports.flatMap((report) => report.load);
  const transfers: Transfer[] = [];
  for (const [receiver, wanted] of Object.entries(rangesByName(service, ranges))) {
    let gained = subtract(wanted, current[receiver] ?? []);
    for (const [donor, held] of Object.entries(current)) {
      if (donor === receiver) continue;
      const kept = subtract(gained, held);
      add(transfers, donor, receiver, subtract(gained, kept), load);
      gained = kept;
    }
    add(transfers, null, receiver, gained, load);
  }
  return transfers;
}

function add(
  transfers: Transfer[],
  donor: string | null,
  receiver: string,
  ranges: Ranges,
  load: InstanceReport['load'],
): void {
  const partitions = countOf(ranges);
  if (partitions === 0) return;
  let clients = 0;
  for (const [partition, here] of load) if (includes(ranges, partition)) clients += here;
  transfers.push({ donor, receiver, partitions, clients });
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

/** It may name every instance that is gone, and a payload stays below 2 KB. */
const whyMaxBytes = 400;

/** A summary of a plan to do nothing, and why. */
export function nothing(
  kind: 'unnecessary' | 'refused',
  why: string,
  { latest, platform }: Pick<Snapshot, 'latest' | 'platform'>,
): PlanSummary {
  const base = latest?.revision ?? null;
  const from = latest === null ? 0 : ownerCount(latest);
  return {
    kind,
    why: shorten(why, whyMaxBytes),
    planId: '',
    hash: '',
    from,
    to: from,
    running: platform.replicas,
    replicas: platform.replicas,
    base,
    revision: base ?? 0,
    movedPartitions: 0,
    movedLowerBound: 0,
    movedClients: 0,
    waves: 0,
    gaining: 0,
    estimateMs: 0,
    needsApproval: false,
    before: '',
    ranges: latest === null ? '' : rangesText(latest.ranges),
  };
}

export function ownerCount({ ranges }: Pick<DistributionDoc, 'ranges'>): number {
  return new Set(ranges.map(([, , ordinal]) => ordinal)).size;
}

/** `messaging-0, messaging-2`. */
export function namesOf({ service }: SagaRef, ordinals: readonly number[]): string {
  return ordinals.map((ordinal) => instanceName(service, ordinal)).join(', ');
}
