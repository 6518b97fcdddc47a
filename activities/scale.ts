// Owns: changing the number of instances: adding and waiting for Ready, and removing those that hold
// nothing. The platform is written under its version and our epoch; no path removes a holder (NoKill).

import { instanceName } from '../src/core/records.js';
import { SupersededError } from '../src/errors.js';
import type { PlatformView } from '../src/ports.js';
import type { Connections } from './connections.js';
import { watchCrashes } from './crash-loops.js';
import { StillHoldsError, finalFailure } from './errors.js';
import { namesText } from './names.js';
import { poll, withKafka } from './polling.js';
import { currentView, heldBy, membersOf } from './situation.js';
import { troubleIn } from './trouble.js';
import type { SagaRef } from './types.js';

/** Lost races against another writer in one attempt; the activity is tried again after them. */
const scaleConflictsMax = 5;
/** Removed instances are seen to end within their grace period; a slower end changes nothing. */
const removalSeenWithinMs = 40_000;

export interface ScaleUpInput {
  readonly saga: SagaRef;
  readonly replicas: number;
  readonly withinMs: number;
  /** Names of instances that are not waited for: they were lost. */
  readonly without: readonly string[];
  /** The highest so many of `replicas` are not waited for: they will own nothing. */
  readonly spares?: number;
  /** So many ends of one before it is Ready are an accident; absent: it is waited for all the same. */
  readonly endsMax?: number;
}

/** Asks for at least `replicas` instances and waits until those, the spares aside, are Ready and have reported. */
export async function scaleUp(
  connections: Connections,
  input: ScaleUpInput,
): Promise<{ ready: number; tookMs: number }> {
  const { platform, configDb, clock } = connections;
  const { saga, replicas, withinMs, without, endsMax, spares = 0 } = input;
  const crashes = watchCrashes({ bus: connections.bus, service: saga.service }, endsMax);
  const startedMs = clock.monotonicMs();
  await write(connections, saga, (view) => Math.max(view.replicas, replicas));
  const wanted = Array.from({ length: replicas - spares }, (_, ordinal) =>
    instanceName(saga.service, ordinal),
  ).filter((name) => !without.includes(name));
  let waiting: readonly string[] = wanted;
  let seen: PlatformView | undefined;
  const ready = await poll(
    clock,
    withinMs,
    withKafka(connections, saga.service, async () => {
      const [view, reports] = await Promise.all([
        platform.observe(saga.service),
        configDb.reports(saga.service),
      ]);
      seen = view;
      if (view.replicas < replicas - spares)
        throw finalFailure('ScaledByOthers', fewerText(view, replicas - spares));
      const up = new Set(
        view.instances.filter(({ phase }) => phase === 'ready').map(({ name }) => name),
      );
      const known = new Set(reports.map(({ instance }) => instance));
      waiting = wanted.filter((name) => !up.has(name) || !known.has(name));
      if (waiting.length === 0) return up.size;
      const looping = await crashes.look(view, waiting);
      if (looping !== undefined) throw finalFailure('NotReady', looping);
      return undefined;
    }),
    () => ({ waitingFor: namesText(waiting), ...troubleIn(seen, waiting[0] ?? '') }),
  );
  if (ready !== undefined) return { ready, tookMs: Math.round(clock.monotonicMs() - startedMs) };
  const why = troublesText(seen, waiting);
  throw finalFailure('NotReady', `${namesText(waiting)} not ready within ${withinMs} ms${why}`);
}

/** Nobody is waited for whom somebody else does not want: their number counts. */
function fewerText({ replicas, foreign }: PlatformView, asked: number): string {
  const who = foreign?.by ?? 'somebody else';
  return `${who} changed the number of instances to ${replicas} while ${asked} were to run; it stays so`;
}

/** What the platform says of the first of them that it says something of. */
function troublesText(view: PlatformView | undefined, names: readonly string[]): string {
  const name = names.find((one) => view?.troubles?.[one] !== undefined);
  const { trouble } = troubleIn(view, name ?? '');
  return trouble === undefined ? '' : `: ${names.length === 1 ? '' : `${name} `}${trouble}`;
}

/** Removes instances above `replicas` (a no-op when there are none), each only while it holds nothing. */
export async function scaleDown(
  connections: Connections,
  input: { readonly saga: SagaRef; readonly replicas: number },
): Promise<{ removed: number; replicas: number }> {
  const { saga, replicas } = input;
  const before = await connections.platform.observe(saga.service);
  const after = await write(connections, saga, async (view) => {
    await assertEmpty(connections, saga.service, replicas, view.replicas);
    return Math.min(view.replicas, replicas);
  });
  await poll(
    connections.clock,
    removalSeenWithinMs,
    async () => {
      const view = await connections.platform.observe(saga.service);
      return view.instances.every(({ ordinal }) => ordinal < after.replicas) || undefined;
    },
    () => ({ removing: before.replicas - after.replicas }),
  );
  return { removed: Math.max(0, before.replicas - after.replicas), replicas: after.replicas };
}

/**
 * The same on the way back, where nobody is about to let go any more: who still holds, stays; and so
 * does whoever the latest distribution wants, because others were lost meanwhile.
 */
export async function scaleBack(
  connections: Connections,
  input: { readonly saga: SagaRef; readonly replicas: number },
): Promise<{ removed: number; replicas: number }> {
  const latest = await connections.configDb.latestDistribution(input.saga.service);
  const wanted = latest === null ? 0 : Math.max(...membersOf(latest.ranges)) + 1;
  try {
    return await scaleDown(connections, { ...input, replicas: Math.max(input.replicas, wanted) });
  } catch (error) {
    if (error instanceof StillHoldsError) throw finalFailure(error.name, error.message);
    throw error;
  }
}

/** Throws while an ordinal in [from, to) holds a partition, or shall by the latest distribution. */
export async function assertEmpty(
  connections: Connections,
  service: string,
  from: number,
  to: number,
): Promise<void> {
  if (to <= from) return;
  const [latest, { partitions }] = await Promise.all([
    connections.configDb.latestDistribution(service),
    connections.policy(service),
  ]);
  // The log decides, also when ConfigDB knows of no distribution.
  const view = await currentView(connections, service, partitions);
  for (let ordinal = from; ordinal < to; ordinal += 1) {
    const instance = instanceName(service, ordinal);
    const held = heldBy(view, instance);
    if (held > 0) throw new StillHoldsError(instance, held);
    if (latest?.ranges.some(([, , owner]) => owner === ordinal) === true) {
      throw finalFailure(
        'StillWanted',
        `${instance} owns ranges of revision ${latest.revision}: it is not removed`,
      );
    }
  }
}

/** One guarded write: the number is computed from the very view whose version it is written under. */
export async function write(
  { platform }: Connections,
  { service, epoch }: SagaRef,
  replicasFor: (view: PlatformView) => number | Promise<number>,
): Promise<PlatformView> {
  for (let attempt = 1; attempt <= scaleConflictsMax; attempt += 1) {
    const view = await platform.observe(service);
    const replicas = await replicasFor(view);
    const result = await platform.scale(service, { replicas, epoch, version: view.version });
    if (result.kind === 'scaled') return result.view;
    if (result.kind === 'superseded') throw new SupersededError('platform', epoch, result.epoch);
  }
  throw new Error(
    `the platform's state of ${service} changed ${scaleConflictsMax} times while it was written`,
  );
}
