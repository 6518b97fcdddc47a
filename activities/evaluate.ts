// Owns: one evaluation: look, decide (src/core/scaling), and keep the decision with everything it was
// made from, so that anybody can ask later why nothing happened. Never acts on it.

import { createHash } from 'node:crypto';
import { decide, type Decision, type ScalingSnapshot } from '../src/core/scaling/decide.js';
import { budgetPeriodMs, emptyMemory, type ScalingMemory } from '../src/core/scaling/memory.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { inputText, type DecisionRecord } from '../src/core/scaling/record.js';
import { reasonText } from '../src/core/scaling/reasons.js';
import { instanceName } from '../src/core/records.js';
import type { ConfigDb, RebalanceDoc } from '../src/ports.js';
import type { Connections } from './connections.js';
import { foresee } from './foresee.js';
import { loadSeen } from './load-seen.js';
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
  const { policy, revision } = await connections.policyInForce(service);
  const [memory, { snapshot: seen, rebalances }] = await Promise.all([
    remembered(configDb, service),
    observe(connections, policy),
  ]);
  const atMs = clock.wallMs();
  const ahead = await foresee(connections, policy, { snapshot: seen, rebalances, nowMs: atMs });
  const snapshot: ScalingSnapshot = { ...seen, ...ahead };
  const decided = decide({ snapshot, policy, memory, nowMs: atMs });
  const { decision } = decided;
  const text = decision.reasons.map(reasonText);
  const record: DecisionRecord = {
    decision,
    text,
    snapshot,
    policy,
    policyRevision: revision,
    memory,
    after: decided.memory,
  };
  // A dry run does nothing, whatever it decided: nobody who reads the kind may take it for an act.
  const kind = policy.mode === 'dry-run' ? 'skip' : decision.kind;
  const inputHash = createHash('sha256').update(inputText(record, atMs)).digest('hex');
  await configDb.recordDecision({ service, atMs, inputHash, kind, body: record });
  const would = decision.kind === 'act' && kind === 'skip' ? wouldText(decision, snapshot) : [];
  const reasons = [...would, ...text];
  return {
    kind,
    text: firstOf(reasons),
    reasons: reasons.slice(0, reasonsMax),
    desired: kind === 'act' ? (decision.desired ?? null) : null,
    ...(decision.source === undefined ? {} : { source: decision.source }),
    clients: snapshot.samples.reduce((sum, sample) => sum + sample.clients, 0),
    instances: snapshot.members?.length ?? 0,
    wakeAtMs: decision.wakeAtMs ?? null,
  };
}

/** What the decision before this one left to remember; records of older versions have nothing. */
async function remembered(configDb: ConfigDb, service: string): Promise<ScalingMemory> {
  const [last] = await configDb.decisions(service, 0, 1);
  return (last?.body as Partial<DecisionRecord> | undefined)?.after ?? emptyMemory;
}

function wouldText({ desired }: Decision, { members }: ScalingSnapshot): readonly string[] {
  return [`dry run: would go from ${members?.length ?? 0} to ${desired ?? 0} instances`];
}

async function observe(
  connections: Connections,
  policy: Policy,
): Promise<{
  readonly snapshot: ScalingSnapshot;
  /** Newest first. */
  readonly rebalances: readonly RebalanceDoc[];
}> {
  const { clock, configDb, platform, temporal } = connections;
  const { service } = policy;
  const latest = await configDb.latestDistribution(service);
  const members =
    latest === null
      ? null
      : membersOf(latest.ranges).map((ordinal) => instanceName(service, ordinal));
  const [view, seen, rebalances, rebalanceRunning, rollRunning] = await Promise.all([
    platform.observe(service),
    loadSeen(connections, policy, members),
    configDb.rebalances(service, rebalancesLookedAt),
    temporal.rebalanceRuns(service),
    temporal.rollRuns(service),
  ]);
  const snapshot: ScalingSnapshot = {
    members,
    ready: view.instances.filter(({ phase }) => phase === 'ready').length,
    told: { replicas: view.replicas, byOthers: view.foreign !== undefined },
    ...seen,
    ...lastChange(rebalances),
    ...lastRejection(rebalances),
    ...movedSince(rebalances, clock.wallMs() - budgetPeriodMs),
    rebalanceRunning,
    rollRunning,
    unfinished: unfinished(rebalances),
  };
  return { snapshot, rebalances };
}

/** Clients that were told to move, whoever asked for it. */
function movedSince(
  rebalances: readonly RebalanceDoc[],
  sinceMs: number,
): Pick<ScalingSnapshot, 'movedLastHour'> {
  const moved = rebalances
    .filter(({ atMs }) => atMs > sinceMs)
    .map(({ body }) => (body as { movedClients?: number }).movedClients ?? 0)
    .reduce((sum, clients) => sum + clients, 0);
  return moved === 0 ? {} : { movedLastHour: moved };
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

/** Only what the newest saga came to: after a change another plan is another question. */
function lastRejection([newest]: readonly RebalanceDoc[]): Pick<
  ScalingSnapshot,
  'lastRejectedAtMs'
> {
  const { outcome } = (newest?.body ?? {}) as { outcome?: Outcome | null };
  return newest !== undefined && outcome === 'rejected' ? { lastRejectedAtMs: newest.atMs } : {};
}

/** The first reasons in one line, and how many more there are: all are in ConfigDB. */
function firstOf(reasons: readonly string[]): string {
  const more = reasons.length - saidMax;
  const first = reasons.slice(0, saidMax).join('; ');
  return more > 0 ? `${first}; and ${more} more, in its decision` : first;
}
