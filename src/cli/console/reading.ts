// Owns: reading a service for the console, by what `status`, `history` and `explain` read: what changes
// slowly is read less often, decisions only since the last look, and ownership is followed in the log.
// Reads only.

import type { PlanBody } from '../../../activities/plan-document.js';
import {
  consoleDecisionsMax,
  consolePastEveryMs,
  consolePastMs,
  consoleRebalancesMax,
} from '../../console/limits.js';
import type { Past, Picture } from '../../console/picture.js';
import type { Policy } from '../../core/scaling/policy.js';
import { openOwnershipView, type OwnershipView } from '../../logs/ownership-view.js';
import type { Clock, ConfigDb, DecisionDoc } from '../../ports.js';
import { forecastText } from '../explain/decisions.js';
import { forecastSeen } from '../explain/records.js';
import { openQuestions } from '../status/away.js';
import {
  ownedIn,
  statusOf,
  type Held,
  type ServiceStatus,
  type StatusContext,
} from '../status/service-status.js';
import type { Links } from './links.js';
import { nowOf } from './now.js';
import { keptOf, pastOf, type Kept } from './past.js';

export interface Reading {
  readonly read: (service: string) => Promise<Picture>;
  /** By name; those that were known last while ConfigDB does not answer. */
  readonly services: () => Promise<readonly string[]>;
  /** Nobody looks at it any more. */
  readonly forget: (service: string) => void;
  readonly close: () => Promise<void>;
}

/** What is kept of a service between two looks. */
interface Followed {
  view: OwnershipView | null;
  kept: readonly Kept[];
  newest: DecisionDoc | undefined;
  past: Past | null;
  pastAtMs: number;
  /** The run, its request, and whether it goes on: when that changes, something was recorded. */
  run: string;
  plan: { readonly id: string; readonly body: PlanBody | null } | null;
}

export function openReading(context: StatusContext, clock: Clock, links: Links): Reading {
  const followed = new Map<string, Followed>();
  let known: readonly string[] = [];

  const follow = (service: string): Followed => {
    const found = followed.get(service) ?? {
      ...{ view: null, kept: [], newest: undefined, past: null, pastAtMs: -Infinity, plan: null },
      run: '',
    };
    followed.set(service, found);
    return found;
  };

  /** As `status` asks, but the view stays open. */
  const held = async (
    _: StatusContext,
    service: string,
    partitions: number,
    knowsDb: boolean,
  ): Promise<Held> => {
    if (partitions === 0) return { partitions, owned: {} };
    const of = follow(service);
    if (of.view === null) {
      const checkpoints = knowsDb ? { configDb: await context.configDb() } : {};
      const view = await openOwnershipView({
        ...{ bus: await context.bus(), service, partitions, ...checkpoints },
        // What follows cannot be judged: the next look begins again at a checkpoint.
        onJump: () => void (of.view = null),
      });
      if (followed.get(service) !== of) await view.close();
      else of.view = view;
      return { partitions, owned: ownedIn(view) };
    }
    await of.view.caughtUp();
    return { partitions, owned: ownedIn(of.view) };
  };

  const read = async (service: string): Promise<Picture> => {
    const of = follow(service);
    const atMs = clock.wallMs();
    const questions = openQuestions();
    const status = await statusOf(context, service, questions, { held });
    const run = runText(status.rebalance);
    // A run that has ended has its outcome recorded: none is shown without it.
    if (run !== of.run) of.pastAtMs = -Infinity;
    of.run = run;
    const stored = await questions.ask('ConfigDB', async () => {
      const configDb = await context.configDb();
      const plan = status.rebalance?.state === 'RUNNING' ? status.rebalance.status?.plan : null;
      const [reports, policy] = await Promise.all([
        configDb.reports(service),
        configDb.latestPolicy(service),
        readPast(configDb, service, of, clock.wallMs(), links),
        readPlan(configDb, of, plan?.planId ?? ''),
      ]);
      const live = new Set(status.instances.map(({ instance }) => instance));
      return {
        reports: reports.filter(({ instance }) => live.has(instance)),
        policy: (policy?.policy as Policy | undefined) ?? null,
      };
    });
    const body = of.plan?.body ?? null;
    const isAhead = body !== null && body.revision > (status.revision ?? 0);
    const now = nowOf({
      status,
      reports: stored?.reports ?? [],
      policy: stored?.policy ?? null,
      planned: isAhead ? body.ranges : null,
      links,
      nowMs: clock.wallMs(),
    });
    return { atMs, now, past: of.past ?? emptyPast(atMs) };
  };

  return {
    read,
    async services() {
      const found = await openQuestions().ask('ConfigDB', async () =>
        (await context.configDb()).services(),
      );
      if (found !== null) known = [...found].sort();
      return known;
    },
    forget(service) {
      const view = followed.get(service)?.view;
      followed.delete(service);
      void view?.close().catch(() => undefined);
    },
    async close() {
      const views = [...followed.values()].flatMap(({ view }) => view ?? []);
      followed.clear();
      await Promise.allSettled(views.map((view) => view.close()));
    },
  };
}

const runText = (run: ServiceStatus['rebalance']): string =>
  run === null ? '' : `${run.runId} ${run.state} ${run.status?.request?.requestId ?? ''}`;

async function readPast(
  configDb: ConfigDb,
  service: string,
  of: Followed,
  nowMs: number,
  links: Links,
): Promise<void> {
  if (nowMs - of.pastAtMs < consolePastEveryMs) return;
  of.pastAtMs = nowMs;
  const sinceMs = nowMs - consolePastMs;
  const newestMs = of.kept.at(-1)?.seen.atMs ?? sinceMs;
  const [found, rebalances] = await Promise.all([
    configDb.decisions(service, newestMs, consoleDecisionsMax),
    configDb.rebalances(service, consoleRebalancesMax),
  ]);
  const fresh = [...found].reverse().filter(({ atMs }) => atMs > newestMs);
  of.newest = fresh.at(-1) ?? of.newest;
  of.kept = [...of.kept, ...fresh.map(keptOf)]
    .filter(({ seen }) => seen.atMs >= sinceMs)
    .slice(-consoleDecisionsMax);
  const ahead = forecastSeen(of.newest);
  const forecast = ahead === undefined ? '' : forecastText(ahead).replace(/^\s*forecast\s+/, '');
  of.past = pastOf({ service, kept: of.kept, forecast, rebalances, links, nowMs });
}

/** A plan never changes: it is read once. */
async function readPlan(configDb: ConfigDb, of: Followed, planId: string): Promise<void> {
  if (planId === '') of.plan = null;
  else if (of.plan?.id !== planId) {
    const doc = await configDb.plan(planId);
    of.plan = { id: planId, body: (doc?.body as PlanBody | undefined) ?? null };
  }
}

const emptyPast = (atMs: number): Past => ({
  sinceMs: atMs,
  decisions: [],
  load: { atMs: [], clients: [], upper: [], lower: [], foreseen: [], low: [], high: [] },
  forecast: '',
  rebalances: [],
});
