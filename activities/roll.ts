// Owns: what the workflow of a roll is told and asks for: where the roll stands, one request to the
// rebalance workflow carried to its end, and whether the new version goes well. Never moves anything itself.

import { sleep } from '@temporalio/activity';
import { instanceName, livesIn, ordinalOf } from '../src/core/records.js';
import { nextStep, stepsAhead, type RollInstance } from '../src/core/roll/next-step.js';
import { noWatch, watchRolled, type WatchState } from '../src/core/roll/watch.js';
import type { DistributionDoc, InstanceReport, PlatformView } from '../src/ports.js';
import type { Connections } from './connections.js';
import { finalFailure } from './errors.js';
import { poll } from './polling.js';
import { currentView, heldBy, membersOf } from './situation.js';
import { notReadyText, troubleIn } from './trouble.js';
import type { RebalanceRequest, RollLook, StepOutcome, WatchResult } from './types.js';

/** A request is looked after this often, and given up by this activity after so long. */
const stepLookEveryMs = 400;
const stepMaxMs = 55 * 60_000;

export interface RollQuestion {
  readonly service: string;
  /** As an earlier look said; null at the first. */
  readonly home: number | null;
  /** Version to roll to; the present one when absent. */
  readonly template?: string;
}

/** Where the roll stands; waits, bounded, while somebody has to become Ready first. */
export async function lookAtRoll(
  connections: Connections,
  question: RollQuestion,
): Promise<RollLook> {
  const { service } = question;
  const { instanceStartMs } = await connections.policy(service);
  let look = await lookOnce(connections, question);
  await poll(
    connections.clock,
    instanceStartMs,
    async () => {
      look = await lookOnce(connections, question);
      return look.next.kind !== 'wait' || undefined;
    },
    () => ({ waits: look.why }),
  );
  return look;
}

async function lookOnce(connections: Connections, question: RollQuestion): Promise<RollLook> {
  const { configDb, platform } = connections;
  const { service } = question;
  const { partitions, instanceStartMs } = await connections.policy(service);
  const [latest, view, reports, ownership] = await Promise.all([
    configDb.latestDistribution(service),
    platform.observe(service),
    configDb.reports(service),
    currentView(connections, service, partitions),
  ]);
  if (latest === null) {
    throw finalFailure('NothingToRoll', `${service} has no distribution yet: nobody owns anything`);
  }
  if (view.template === undefined) {
    throw finalFailure('NoTemplates', 'the platform cannot tell which version an instance runs');
  }
  const target = question.template ?? view.template;
  const holds = (instance: string) => heldBy(ownership, instance) > 0;
  const instances = rollInstances({ service, view, latest, reports, target, holds });
  const owners = instances.filter(({ owns }) => owns).length;
  const home = Math.max(owners, Math.min(question.home ?? owners, view.replicas));
  const next = nextStep({ home, instances });
  const waiting = next.kind === 'wait' ? instanceName(service, next.ordinal) : null;
  const ahead = stepsAhead({ home, instances });
  return {
    template: view.template,
    former: formerIn(view, target),
    home,
    replicas: view.replicas,
    rolled: instances.filter(({ current, ordinal }) => current && ordinal < home).length,
    clients: instances.reduce((sum, one) => sum + one.clients, 0),
    next,
    steps: ahead.length,
    clientsAhead: ahead.reduce((sum, one) => sum + one.clients, 0),
    why: waiting === null ? '' : notReadyText(view, waiting, instanceStartMs),
  };
}

function formerIn({ instances }: PlatformView, target: string): string | null {
  const others = instances.flatMap(({ template }) =>
    template === undefined || template === target ? [] : [template],
  );
  const count = (version: string) => others.filter((one) => one === version).length;
  return [...new Set(others)].sort((a, b) => count(b) - count(a))[0] ?? null;
}

/** Of all that the platform was told to run, by what is. */
export function rollInstances(from: {
  readonly service: string;
  readonly view: PlatformView;
  readonly latest: Pick<DistributionDoc, 'ranges'>;
  readonly reports: readonly InstanceReport[];
  /** Null: as if nobody ran the version that is rolled to. */
  readonly target: string | null;
  readonly holds: (instance: string) => boolean;
}): readonly RollInstance[] {
  const { service, view, reports, target, holds } = from;
  const owners = new Set(membersOf(from.latest.ranges));
  const count = Math.max(view.replicas, ...[...owners].map((ordinal) => ordinal + 1));
  return Array.from({ length: count }, (_, ordinal): RollInstance => {
    const name = instanceName(service, ordinal);
    const found = view.instances.find((one) => one.ordinal === ordinal);
    const report = reports.find(
      (one) =>
        ordinalOf(one.instance) === ordinal &&
        found !== undefined &&
        livesIn(one.incarnation, found),
    );
    return {
      ordinal,
      owns: owners.has(ordinal) || holds(name),
      current: target !== null && (found?.template ?? view.template) === target,
      ready: found?.phase === 'ready',
      clients: report?.clients ?? 0,
    };
  });
}

/** Asks for a rebalance and waits until it has ended; the same request is never carried out twice. */
export async function rollStep(
  connections: Connections,
  { service, request }: { readonly service: string; readonly request: RebalanceRequest },
): Promise<StepOutcome> {
  const { temporal, configDb, clock } = connections;
  const { requestId } = request;
  let phase = 'asks';
  const ended = await poll(
    clock,
    stepMaxMs,
    async () => {
      const seen = await temporal.requestSeen(service, requestId);
      if (seen.kind === 'ended') return seen.outcome;
      if (seen.kind === 'unknown') {
        const recorded = (await configDb.rebalances(service, recordsLookedAt)).find(
          ({ body }) => (body as Recorded).request?.requestId === requestId,
        );
        const { outcome, text = '', movedClients = 0 } = (recorded?.body ?? {}) as Recorded;
        if (outcome != null) return { outcome, text, movedClients };
        await temporal.requestRebalance(service, request);
      }
      phase = seen.kind === 'unknown' ? 'asked' : seen.phase;
      await sleep(stepLookEveryMs);
      return undefined;
    },
    () => ({ request: requestId, phase }),
  );
  if (ended !== undefined) return ended;
  throw new Error(`request ${requestId} has not ended after ${stepMaxMs / 60_000} min`);
}

const recordsLookedAt = 20;

interface Recorded {
  readonly request?: RebalanceRequest;
  readonly outcome?: StepOutcome['outcome'] | null;
  readonly text?: string;
  readonly movedClients?: number;
}

/** Looks at everybody who runs the version for a while: who ends again and again is not well. */
export async function watchRoll(
  { platform, clock, policy }: Pick<Connections, 'platform' | 'clock' | 'policy'>,
  input: { readonly service: string; readonly template: string; readonly watchMs: number },
): Promise<WatchResult> {
  const { service, template, watchMs } = input;
  const { instanceStartMs } = await policy(service);
  let state: WatchState = noWatch;
  let seen: PlatformView | undefined;
  // Every end of a process that is watched prolongs it, a bounded number of times.
  const longestMs = 4 * (watchMs + instanceStartMs);
  const verdict = await poll(
    clock,
    longestMs,
    async () => {
      seen = await platform.observe(service);
      const { ends } = seen;
      const running = seen.instances
        .filter((one) => one.template === template)
        .map((one) => ({ ...one, ...(ends && { ends: ends[one.name] ?? 0 }) }));
      const bounds = { watchMs, readyWithinMs: instanceStartMs };
      const watched = watchRolled(state, running, clock.monotonicMs(), bounds);
      state = watched.state;
      return watched.verdict ?? undefined;
    },
    () => ({ watching: state.instances.length, template }),
  );
  if (verdict?.kind === 'well') return verdict;
  const instance = verdict?.instance ?? '';
  const { trouble } = troubleIn(seen, instance);
  const why = verdict?.why ?? 'it did not come to rest';
  return {
    kind: 'unhealthy',
    why: `${instance} ${why}${trouble === undefined ? '' : `: ${trouble}`}`,
  };
}
