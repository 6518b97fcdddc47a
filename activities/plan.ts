// Owns: from a snapshot to the plan of what a request asks for. Everything that the decision was made
// from is kept in the plan's document, so that it can be re-run. Never writes a distribution.

import type { OwnedRange } from '../src/core/distribution.js';
import { planDistribution } from '../src/core/placement/plan.js';
import { instanceName } from '../src/core/records.js';
import { aimOf, type Aim } from '../src/core/saga/aim.js';
import type { Connections } from './connections.js';
import { downOwners } from './down-owners.js';
import { nothing, ownerCount, savePlan, type Draft } from './plan-document.js';
import { planRoll } from './plan-roll.js';
import { answeredBefore } from './repeats.js';
import { ownersIn, planInputOf, takeSnapshot, type Snapshot } from './snapshot.js';
import { heldAsPlanned, membersOf, sameRanges, toOwnedRanges } from './situation.js';
import type { GoneInstance, PlanSummary, RebalanceRequest, SagaRef } from './types.js';

export interface PlanQuestion {
  readonly saga: SagaRef;
  readonly request: RebalanceRequest;
  /** Tells repetitions apart: after a lost race, a lost instance, a long wait for approval. */
  readonly attempt: number;
  /** Names of instances that were lost, or left, on the way. */
  readonly gone: readonly string[];
  /** For a request that names no number: what the run before it was to end with. */
  readonly instances: number | null;
  /** Answer with owners that are down, where there are any, instead of a plan that counts on them. */
  readonly tellDown?: boolean;
}

export type Proposal = { readonly snapshot: Snapshot } & (
  | {
      readonly kind: 'unnecessary' | 'refused';
      readonly why: string;
      readonly down?: readonly GoneInstance[];
    }
  | { readonly kind: 'draft'; readonly draft: Draft }
);

export async function plan(connections: Connections, input: PlanQuestion): Promise<PlanSummary> {
  const proposal = await propose(connections, input);
  const { kind, snapshot } = proposal;
  if (kind !== 'draft') {
    const { why, down } = proposal;
    return { ...nothing(kind, why, snapshot), ...(down === undefined ? {} : { down }) };
  }
  return savePlan(connections, snapshot, proposal.draft);
}

/** What the plan would be, from what is now. Reads only: `rebalance --dry-run` asks here, too. */
export async function propose(connections: Connections, input: PlanQuestion): Promise<Proposal> {
  const { saga, request } = input;
  const snapshot = await takeSnapshot(connections, saga);
  const answer = await answeredBefore(connections.configDb, saga, request);
  if (answer !== undefined) return { kind: 'unnecessary', why: answer, snapshot };
  const down = input.tellDown === true ? await downOwners(connections, snapshot, input.gone) : [];
  if (down.length > 0) {
    const names = down.map(({ instance }) => instance).join(' and ');
    return { kind: 'unnecessary', why: `${names} is down`, snapshot, down };
  }
  const wish = await wishOf(connections, snapshot, input);
  if (wish.kind !== 'wish') return { kind: wish.kind, why: wish.why, snapshot };

  const { aim } = wish;
  if (wish.roll === undefined && isThere(snapshot, wish)) {
    const why = `${aim.owners.length} instances already hold what they should`;
    return { kind: 'unnecessary', why, snapshot };
  }
  const draft: Draft = {
    ...wish.planned,
    name: `${input.attempt}`,
    purpose: 'forward',
    kind: aim.kind,
    ranges: wish.ranges,
    from: snapshot.latest === null ? 0 : ownerCount(snapshot.latest),
    to: aim.owners.length,
    replicas: aim.replicas,
    ...(aim.spares === undefined ? {} : { spares: aim.spares }),
    gone: input.gone,
    request,
    ...(wish.roll === undefined ? {} : { roll: wish.roll }),
  };
  return { kind: 'draft', draft, snapshot };
}

type Wish =
  | { readonly kind: 'refused' | 'unnecessary'; readonly why: string }
  | {
      readonly kind: 'wish';
      readonly roll?: Draft['roll'];
      readonly aim: Aim;
      readonly ranges: readonly OwnedRange[];
      readonly planned: object;
    };

function wishOf(
  connections: Connections,
  snapshot: Snapshot,
  question: PlanQuestion,
): Wish | Promise<Wish> {
  const { request } = question;
  if (request.rollback !== undefined) {
    return rollbackTo(connections, snapshot, request.rollback, question.gone);
  }
  if (request.roll !== undefined) {
    const step = planRoll(snapshot, request.roll, question.gone);
    return step.kind === 'roll' ? { ...step, kind: 'wish', planned: {} } : step;
  }
  const bare = request.instances === undefined && request.drain === undefined;
  if (request.leftovers === 'accept' && bare && snapshot.latest !== null) return adopt(snapshot);
  const aim = aimOf({
    service: snapshot.saga.service,
    instances: request.instances ?? (bare ? (question.instances ?? undefined) : undefined),
    drain: request.drain ?? [],
    gone: question.gone,
    owners: ownersIn(snapshot),
    replicas: snapshot.platform.replicas,
    limits: snapshot.policy.instances,
    spares: snapshot.policy.warmSpares,
  });
  return aim.kind === 'refused' ? aim : planned(snapshot, aim, question.gone);
}

/** The least movement from actual ownership to the owners of the aim. */
function planned(snapshot: Snapshot, aim: Aim, gone: readonly string[]): Wish {
  const input = planInputOf(snapshot, aim.owners, gone);
  const { waves, ...certificate } = planDistribution(input);
  const { service } = snapshot.saga;
  return {
    kind: 'wish',
    aim,
    ranges: toOwnedRanges(service, input.partitions, certificate.instances),
    planned: {
      input,
      certificate,
      waves: waves.length,
      lowerBound: Math.round(certificate.moved.lowerBound),
    },
  };
}

/**
 * Exactly the ranges of an earlier revision, whoever holds them now; the least movement to those of its
 * owners that are there, where others were lost on the way.
 */
async function rollbackTo(
  { configDb }: Connections,
  snapshot: Snapshot,
  revision: number,
  gone: readonly string[],
): Promise<Wish> {
  const { saga, policy } = snapshot;
  const { service } = saga;
  const earlier = await configDb.distribution(service, revision);
  const refused = (why: string): Wish => ({ kind: 'refused', why });
  if (earlier === null) return refused(`revision ${revision} of ${service} is not in ConfigDB`);
  const owners = membersOf(earlier.ranges);
  const { min, max } = policy.instances;
  if (owners.length < min || owners.length > max) {
    return refused(
      `revision ${revision} has ${owners.length} instances, outside of the policy's ${min}..${max}`,
    );
  }
  if (earlier.partitions !== policy.partitions) {
    return refused(
      `revision ${revision} has ${earlier.partitions} partitions, not ${policy.partitions}`,
    );
  }
  const there = owners.filter((ordinal) => !gone.includes(instanceName(service, ordinal)));
  if (there.length === 0) {
    return refused(`nobody is left of those that own partitions by revision ${revision}`);
  }
  const aim: Aim = { kind: 'rollback', owners: there, replicas: Math.max(...owners) + 1 };
  if (there.length < owners.length) return planned(snapshot, aim, gone);
  return { kind: 'wish', aim, ranges: earlier.ranges, planned: {} };
}

/** What is, as it is; only what nobody holds is given to somebody who holds. */
function adopt(snapshot: Snapshot): Wish {
  const { view, saga, platform } = snapshot;
  const holders = new Set<number>();
  for (const [, , name] of view.ranges()) {
    const at = name === null ? -1 : Number(name.slice(name.lastIndexOf('-') + 1));
    if (at >= 0) holders.add(at);
  }
  const owners = [...holders].sort((a, b) => a - b);
  if (owners.length === 0)
    return { kind: 'refused', why: `nobody holds a partition of ${saga.service}` };
  const replicas = Math.max(platform.replicas, Math.max(...owners) + 1);
  const aim: Aim = { kind: 'adopt', owners, replicas };
  // Pinned where they are held: nothing moves, whatever the balance.
  const held = view
    .ranges()
    .flatMap(([from, to, name]) => (name === null ? [] : [[from, to] as const]));
  const input = { ...planInputOf(snapshot, owners, []), pinned: held };
  const { waves, ...certificate } = planDistribution(input);
  const ranges = toOwnedRanges(saga.service, input.partitions, certificate.instances);
  return { kind: 'wish', aim, ranges, planned: { input, certificate, waves: waves.length } };
}

/** Whether what is wished is planned, held and running already. */
function isThere(
  { latest, view, saga, platform }: Snapshot,
  { aim, ranges }: { readonly aim: Aim; readonly ranges: readonly OwnedRange[] },
): boolean {
  if (latest === null || !sameRanges(ranges, latest.ranges)) return false;
  if (aim.replicas !== platform.replicas) return false;
  return heldAsPlanned(view, saga.service, latest.ranges).firstWrong === null;
}
