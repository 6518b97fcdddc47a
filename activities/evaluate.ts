// Owns: one evaluation: look, decide (src/core/scaling), and keep the decision with everything it was
// made from, so that anybody can ask later why nothing happened. Never acts on it.

import { createHash } from 'node:crypto';
import { decide, type ScalingSnapshot } from '../src/core/scaling/decide.js';
import { reasonText } from '../src/core/scaling/reasons.js';
import { instanceName } from '../src/core/records.js';
import type { RebalanceDoc } from '../src/ports.js';
import type { Connections } from './connections.js';
import { membersOf } from './situation.js';
import type { EvaluateResult, Outcome, PlanKind } from './types.js';

/** Among these the last change is found, or it is long ago. */
const rebalancesLookedAt = 20;
/** Reasons in the result; the rest is in the decision document. */
const reasonsMax = 8;

const saidMax = 2;

export async function evaluate(
  connections: Connections,
  { service }: { readonly service: string },
): Promise<EvaluateResult> {
  const { clock, configDb } = connections;
  const policy = await connections.policy(service);
  const snapshot = await observe(connections, service);
  const atMs = clock.wallMs();
  const decision = decide(snapshot, policy, atMs);
  const reasons = decision.reasons.map(reasonText);
  const input = JSON.stringify({ snapshot, policy, atMs });
  await configDb.recordDecision({
    service,
    atMs,
    inputHash: createHash('sha256').update(input).digest('hex'),
    kind: decision.kind,
    body: { decision, text: reasons, snapshot, policy },
  });
  return {
    kind: decision.kind,
    text: firstOf(reasons),
    reasons: reasons.slice(0, reasonsMax),
    desired: decision.desired ?? null,
    clients: snapshot.samples.reduce((sum, sample) => sum + sample.clients, 0),
    instances: snapshot.members?.length ?? 0,
    wakeAtMs: decision.wakeAtMs ?? null,
  };
}

async function observe(connections: Connections, service: string): Promise<ScalingSnapshot> {
  const { configDb, platform, metrics, temporal } = connections;
  const [latest, view, samples, rebalances, rebalanceRunning, rollRunning] = await Promise.all([
    configDb.latestDistribution(service),
    platform.observe(service),
    metrics.load(service),
    configDb.rebalances(service, rebalancesLookedAt),
    temporal.rebalanceRuns(service),
    temporal.rollRuns(service),
  ]);
  const members =
    latest === null
      ? null
      : membersOf(latest.ranges).map((ordinal) => instanceName(service, ordinal));
  return {
    members,
    ready: view.instances.filter(({ phase }) => phase === 'ready').length,
    told: { replicas: view.replicas, byOthers: view.foreign !== undefined },
    samples,
    ...lastChange(rebalances),
    rebalanceRunning,
    rollRunning,
    unfinished: unfinished(rebalances),
  };
}

const changes: readonly Outcome[] = [
  'completed',
  'recovered',
  'undone',
  'aborted',
  'compensation-failed',
];

/** The newest saga, if it recorded no outcome. That it does not run is asked separately. */
function unfinished([newest]: readonly RebalanceDoc[]): string | null {
  if (newest === undefined) return null;
  const { outcome } = newest.body as { outcome?: Outcome | null };
  return outcome == null ? newest.id : null;
}

/** The newest saga that changed something; a first distribution moved nobody and starts no cooldown. */
function lastChange(
  rebalances: readonly RebalanceDoc[],
): Pick<ScalingSnapshot, 'lastChangeAtMs' | 'lastChangeUndone'> {
  for (const { body, atMs } of rebalances) {
    const { outcome, plan } = body as {
      outcome?: Outcome | null;
      plan?: { kind: PlanKind } | null;
    };
    if (outcome == null || !changes.includes(outcome)) continue;
    const wentWell = outcome === 'completed' || outcome === 'recovered';
    if (wentWell && plan?.kind === 'bootstrap') continue;
    return { lastChangeAtMs: atMs, lastChangeUndone: !wentWell };
  }
  return { lastChangeAtMs: null, lastChangeUndone: false };
}

/** The first reasons in one line, and how many more there are: all are in ConfigDB. */
function firstOf(reasons: readonly string[]): string {
  const more = reasons.length - saidMax;
  const first = reasons.slice(0, saidMax).join('; ');
  return more > 0 ? `${first}; and ${more} more, in its decision` : first;
}
