// Owns: what is known of one service, from ConfigDB, Temporal, the platform and Kafka. Reads only; what
// does not answer is missing from it, and is named.

import { toProtocolJson } from '../../core/distribution.js';
import type { Range } from '../../core/ranges.js';
import type { Policy } from '../../core/scaling/policy.js';
import { openOwnershipView, type OwnershipView } from '../../logs/ownership-view.js';
import { topicsOf } from '../../logs/topics.js';
import type { ConfigDb, DecisionDoc, PlatformView } from '../../ports.js';
import type { CliContext } from '../context.js';
import { decisionSeen } from '../explain/records.js';
import { lastOutcomeOf } from '../last-rebalance.js';
import { latestRun, scheduleOf } from '../temporal.js';
import { openQuestions, type Questions } from './away.js';

export type ServiceStatus = Awaited<ReturnType<typeof statusOf>>;

export type StatusContext = Pick<
  CliContext,
  'configDb' | 'temporal' | 'bus' | 'platform' | 'knowsPlatform'
>;

/** What a reader that stays with a service keeps open between two looks. */
export interface Reads {
  readonly held: typeof heldBy;
}

/** `settled` is null where it cannot be known. @throws BadInputError for settings that are wrong */
export async function statusOf(
  context: StatusContext,
  service: string,
  questions: Questions = openQuestions(),
  read: Reads = { held: heldBy },
) {
  const { ask, away } = questions;
  const [stored, ran, platform] = await Promise.all([
    ask('ConfigDB', async () => storedOf(await context.configDb(), service)),
    ask('Temporal', async () => {
      const temporal = await context.temporal();
      const [run, schedule] = await Promise.all([
        latestRun(temporal, service),
        scheduleOf(temporal, service),
      ]);
      return { run, schedule };
    }),
    ask('the platform', () => observe(context, service)),
  ]);
  const { policy = null, latest = null, reports = [], decision, rebalance } = stored ?? {};
  const declared = (policy?.policy as Policy | undefined)?.partitions ?? 0;
  const partitions = latest?.partitions ?? declared;
  // Nothing is held before the first distribution; without ConfigDB the topics say how many there are.
  const isNew = stored !== null && latest === null;
  const held = isNew
    ? { partitions, owned: {} }
    : await ask('Kafka', () => read.held(context, service, partitions, stored !== null));
  const owned = held?.owned ?? {};
  const planned = latest === null ? {} : toProtocolJson({ service, ranges: latest.ranges });
  const live = new Set(
    platform?.instances.map(({ name }) => name) ?? reports.map((r) => r.instance),
  );
  const reported = reports.filter(({ instance }) => live.has(instance));
  const run = ran?.run ?? null;
  return {
    service,
    partitions: held?.partitions ?? partitions,
    policyRevision: policy?.revision ?? null,
    mode: (policy?.policy as Partial<Policy> | undefined)?.mode ?? 'live',
    revision: latest?.revision ?? null,
    planned,
    owned,
    settled:
      stored === null || held === null
        ? null
        : JSON.stringify(byName(planned)) === JSON.stringify(byName(owned)),
    instances: reported.map(({ instance, clients, held, revision }) => ({
      instance,
      clients,
      held,
      revision,
    })),
    clients: reported.reduce((sum, { clients }) => sum + clients, 0),
    platform:
      platform === null
        ? null
        : {
            replicas: platform.replicas,
            scaledByOthers: platform.foreign ?? null,
            instances: platform.instances.map(({ name, phase }) => ({ name, phase })),
          },
    rebalance: run === null ? null : { ...run, last: lastOutcomeOf(run, rebalance) },
    /** By the records: what is left to say of it where Temporal does not answer. */
    recorded:
      run === null
        ? lastOutcomeOf({ runId: rebalance?.runId ?? '', status: null }, rebalance)
        : null,
    schedule: ran?.schedule ?? null,
    decision: decision === undefined ? null : lastDecision(decision),
    away,
  };
}

export const byName = (owned: Readonly<Record<string, readonly Range[]>>) =>
  Object.entries(owned).sort(([a], [b]) => (a < b ? -1 : 1));

function lastDecision(doc: DecisionDoc) {
  const { kind, atMs, reasons, would = false, desired } = decisionSeen(doc);
  return { kind, atMs, reasons, ...(would ? { would, desired } : {}) };
}

async function storedOf(configDb: ConfigDb, service: string) {
  const [policy, latest, reports, decisions, rebalances] = await Promise.all([
    configDb.latestPolicy(service),
    configDb.latestDistribution(service),
    configDb.reports(service),
    configDb.decisions(service, 0, 1),
    configDb.rebalances(service, 1),
  ]);
  return { policy, latest, reports, decision: decisions[0], rebalance: rebalances[0] };
}

/** A worker elsewhere may know the platform; here it may be unknown. */
async function observe(context: StatusContext, service: string): Promise<PlatformView | null> {
  if (!(await context.knowsPlatform())) return null;
  return (await context.platform()).observe(service);
}

/** By the ownership log; `nobody` has what nobody holds at this moment. */
async function heldBy(
  context: StatusContext,
  service: string,
  declared: number,
  knowsDb: boolean,
): Promise<Held> {
  const bus = await context.bus();
  const partitions = declared > 0 ? declared : await bus.partitionCount(topicsOf(service).messages);
  if (partitions === 0) return { partitions, owned: {} };
  const checkpoints = knowsDb ? { configDb: await context.configDb() } : {};
  const view = await openOwnershipView({ bus, service, partitions, ...checkpoints });
  const owned = ownedIn(view);
  await view.close();
  return { partitions, owned };
}

export interface Held {
  readonly partitions: number;
  readonly owned: Readonly<Record<string, readonly Range[]>>;
}

export function ownedIn(view: Pick<OwnershipView, 'ranges'>): Held['owned'] {
  const owned: Record<string, Range[]> = {};
  for (const [from, to, instance] of view.ranges())
    (owned[instance ?? 'nobody'] ??= []).push([from, to]);
  return owned;
}
