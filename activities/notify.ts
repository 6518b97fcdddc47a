// Owns: telling the instances, on the control topic, what to prepare and what to strive for, and
// waiting until they say that they do. Every message carries the epoch. Never moves anything.

import type { Connections } from './connections.js';
import { assertNotSuperseded } from './commit.js';
import { finalFailure } from './errors.js';
import { loadPlan, type PlanBody } from './plan-document.js';
import { namesText } from './names.js';
import { poll, since, withKafka } from './polling.js';
import { addressBook } from './situation.js';
import type { GoneInstance, NotifyResult, SagaRef } from './types.js';

export interface TellInput {
  readonly saga: SagaRef;
  readonly planId: string;
}
export type TellWithin = TellInput & { readonly withinMs: number };
/** `without`: names of instances that are gone, and not waited for. */
export type NotifyInput = TellWithin & { readonly without: readonly string[] };

/** Named at once: payloads stay under 2 KB. The next revision finds the others, if they are still late. */
export const stragglersMax = 6;

/** Waits until each gaining instance, in its present incarnation, has answered that it is warm. */
export async function prepare(
  connections: Connections,
  { saga, planId, withinMs }: TellWithin,
): Promise<{ instances: number; partitions: number; tookMs: number }> {
  const { configDb, clock } = connections;
  const { service, rebalance } = saga;
  const startedMs = clock.monotonicMs();
  const plan = await loadPlan(connections, planId);
  await tellGoal(connections, saga, plan, 'prepare');
  let waiting = plan.gaining;
  const warm = await poll(
    clock,
    withinMs,
    withKafka(connections, service, async () => {
      const [reports, docs] = await Promise.all([
        configDb.reports(service),
        configDb.warmed(service, rebalance),
      ]);
      const present = new Map(reports.map(({ instance, incarnation }) => [instance, incarnation]));
      const current = docs.filter((doc) => present.get(doc.instance) === doc.incarnation);
      const names = new Set(current.map(({ instance }) => instance));
      waiting = plan.gaining.filter((name) => !names.has(name));
      return waiting.length === 0 ? current : undefined;
    }),
    () => ({ waitingFor: namesText(waiting) }),
  );
  if (warm === undefined) {
    throw finalFailure('NotWarm', `${namesText(waiting)} not warm within ${withinMs} ms`);
  }
  const partitions = warm.reduce((sum, doc) => sum + doc.partitions, 0);
  return { instances: plan.gaining.length, partitions, tookMs: since(connections, startedMs) };
}

export async function cancelPrepare(
  connections: Connections,
  { saga }: { readonly saga: SagaRef },
): Promise<void> {
  const { service, ...said } = saga;
  const latest = await connections.configDb.latestDistribution(service);
  await connections.publish(service, {
    type: 'cancel-prepare',
    revision: latest?.revision ?? 0,
    ...said,
  });
}

/** Says what to strive for, without waiting: on the way back the ownership log is the answer. */
export async function announce(
  connections: Connections,
  { saga, planId }: TellInput,
): Promise<void> {
  await assertNotSuperseded(connections, saga);
  await tellGoal(connections, saga, await loadPlan(connections, planId), 'distribution');
}

/**
 * Waits until every Ready instance of the platform reports that it strives for the revision. Who does
 * not, while others do, is named: it can be fenced. Where nobody or only a minority does, the way
 * there is broken, not the instances: throws a final failure.
 */
export async function notify(
  connections: Connections,
  { saga, planId, withinMs, without }: NotifyInput,
): Promise<NotifyResult> {
  const { configDb, platform, clock } = connections;
  const { service } = saga;
  const startedMs = clock.monotonicMs();
  const plan = await loadPlan(connections, planId);
  await assertNotSuperseded(connections, saga);
  await tellGoal(connections, saga, plan, 'distribution');
  let live: readonly string[] = [];
  let waiting: readonly string[] = [];
  const applied = await poll(
    clock,
    withinMs,
    withKafka(connections, service, async () => {
      const [view, reports] = await Promise.all([
        platform.observe(service),
        configDb.reports(service),
      ]);
      const there = new Set(
        reports.filter(({ revision }) => revision >= plan.revision).map(({ instance }) => instance),
      );
      // A starting instance reads the control topic from its start before it is Ready.
      const ready = view.instances.filter(({ phase }) => phase === 'ready').map(({ name }) => name);
      live = ready.filter((name) => !without.includes(name));
      waiting = live.filter((name) => !there.has(name));
      return live.length > 0 && waiting.length === 0 ? live.length : undefined;
    }),
    () => ({
      applied: live.length - waiting.length,
      of: live.length,
      stragglers: namesText(waiting),
    }),
  );
  const tookMs = since(connections, startedMs);
  if (applied !== undefined) return { instances: applied, tookMs, stragglers: [] };
  const rest = live.length - waiting.length;
  if (rest > 0 && waiting.length <= rest) {
    const stragglers = await goneOf(connections, service, waiting.slice(0, stragglersMax));
    return { instances: rest, tookMs, stragglers };
  }
  const who =
    waiting.length === 0
      ? 'no ready instance was found to apply it'
      : `${namesText(waiting)} did not apply it`;
  throw finalFailure('NotApplied', `revision ${plan.revision}: ${who} within ${withinMs} ms`);
}

/** By their last report; one that never reported holds nothing that anybody could fence. */
async function goneOf(
  { configDb }: Connections,
  service: string,
  names: readonly string[],
): Promise<readonly GoneInstance[]> {
  const reports = await configDb.reports(service);
  return names.map((instance) => {
    const report = reports.find((one) => one.instance === instance);
    return { instance, incarnation: report?.incarnation ?? null, why: 'straggler' };
  });
}

/** Asks donors to start no further wave (before the way back is planned), or to go on. */
export async function holdWaves(
  connections: Connections,
  { saga, type }: { readonly saga: SagaRef; readonly type: 'hold' | 'resume' },
): Promise<void> {
  const { service, ...said } = saga;
  await assertNotSuperseded(connections, saga);
  const latest = await connections.configDb.latestDistribution(service);
  await connections.publish(service, { type, revision: latest?.revision ?? 0, ...said });
}

/** Puts ranges on the control topic, with the addresses of all that run. */
export async function tellGoal(
  connections: Connections,
  { service, ...said }: SagaRef,
  { revision, hash, ranges }: Pick<PlanBody, 'revision' | 'hash' | 'ranges'>,
  type: 'prepare' | 'distribution',
): Promise<void> {
  const { pace } = await connections.policy(service);
  const instances = await addressBook(connections, service);
  await connections.publish(service, { type, revision, hash, ranges, instances, pace, ...said });
}
