// Owns: what a roll does to the platform beside scaling it: what instances are started with, and starting
// one again that holds nothing. No path ends a holder (NoKill). Never decides whose turn it is.

import { livesIn, ordinalOf } from '../src/core/records.js';
import { SupersededError } from '../src/errors.js';
import type { PlatformInstance, PlatformView } from '../src/ports.js';
import { beat } from './alive.js';
import type { Connections } from './connections.js';
import { watchCrashes } from './crash-loops.js';
import { finalFailure } from './errors.js';
import { poll, since, withKafka } from './polling.js';
import { currentView, heldBy } from './situation.js';
import { notReadyText, troubleIn } from './trouble.js';
import type { RestartResult, SagaRef } from './types.js';

export interface TemplateInput {
  readonly saga: SagaRef;
  readonly image?: string;
  readonly template?: string;
}

/** From now on instances are started with that; nobody is restarted. Repeating it changes nothing. */
export async function setTemplate(
  { platform }: Pick<Connections, 'platform'>,
  { saga, image, template }: TemplateInput,
): Promise<{ template: string }> {
  const { service, epoch } = saga;
  const change = image === undefined ? { template: template ?? '' } : { image };
  const result = await platform.setTemplate(service, { ...change, epoch });
  if (result.kind === 'superseded') throw new SupersededError('platform', epoch, result.epoch);
  if (result.kind === 'refused') throw finalFailure('TemplateRefused', result.why);
  return { template: result.view.template ?? '' };
}

export interface RestartInput {
  readonly saga: SagaRef;
  readonly instance: string;
  readonly withinMs: number;
  /** So many ends before it is Ready are an accident; absent: it is waited for all the same. */
  readonly endsMax?: number;
}

/**
 * Ends the instance while the log shows that it holds nothing and the latest distribution does not want
 * it, and waits until it is Ready with the present template. One that runs that already is only waited for,
 * so repeating this ends nobody twice.
 */
export async function restart(
  connections: Connections,
  { saga, instance, withinMs, endsMax }: RestartInput,
): Promise<RestartResult> {
  const { platform, configDb, clock } = connections;
  const { service, epoch } = saga;
  const startedMs = clock.monotonicMs();
  const crashes = watchCrashes({ bus: connections.bus, service }, endsMax);
  let seen: PlatformView | undefined;
  let isRenewed = false;
  const done = await poll(
    clock,
    withinMs,
    withKafka(connections, service, async (): Promise<RestartResult | undefined> => {
      seen = await platform.observe(service);
      const found = seen.instances.find(({ name }) => name === instance);
      isRenewed ||= isOn(seen, found);
      const looping = isRenewed ? await crashes.look(seen, [instance]) : undefined;
      if (looping !== undefined) return { kind: 'not-ready', why: looping };
      if (found === undefined || found.phase === 'terminating') return undefined;
      // The platform cannot tell just now (its controller lags): who runs what is not known either.
      if (seen.template === undefined) return undefined;
      if (found.template !== seen.template) {
        const why = await heldOrWanted(connections, service, instance);
        if (why !== undefined) return { kind: 'kept', why };
        const result = await platform.restart(service, { instance, uid: found.uid, epoch });
        if (result.kind === 'superseded') {
          throw new SupersededError('platform', epoch, result.epoch);
        }
        beat({ restarting: instance });
        return undefined;
      }
      if (found.phase !== 'ready') return undefined;
      const reports = await configDb.reports(service);
      const isKnown = reports.some(
        (one) => one.instance === instance && livesIn(one.incarnation, found),
      );
      if (!isKnown) return undefined;
      const tookMs = since(connections, startedMs);
      return { kind: 'ready', template: found.template ?? '', tookMs };
    }),
    () => ({ waitingFor: instance, ...troubleIn(seen, instance) }),
  );
  if (done !== undefined) return done;
  return { kind: 'not-ready', why: notReadyText(seen, instance, withinMs) };
}

/** It runs, or is about to run, what the platform starts instances with now. */
function isOn({ template }: PlatformView, found: PlatformInstance | undefined): boolean {
  if (found === undefined || found.phase === 'terminating') return false;
  return template !== undefined && found.template === template;
}

async function heldOrWanted(
  connections: Connections,
  service: string,
  instance: string,
): Promise<string | undefined> {
  const [latest, { partitions }] = await Promise.all([
    connections.configDb.latestDistribution(service),
    connections.policy(service),
  ]);
  const held = heldBy(await currentView(connections, service, partitions), instance);
  if (held > 0) return `${instance} holds ${held} partitions by the ownership log`;
  const ordinal = ordinalOf(instance);
  const isWanted = latest?.ranges.some(([, , owner]) => owner === ordinal) === true;
  return isWanted ? `${instance} owns ranges of revision ${latest?.revision}` : undefined;
}
