// Owns: asking for plans: each has a name of its own, and whatever is gone is left out. Never decides.

import type { PlanSummary } from '../activities/types.js';
import { call } from './proxies.js';
import { goneNames, refOf, situationOf, type Saga } from './state.js';
import { counted } from './words.js';

/** What the request asks for; with `tellDown` owners that are down are told of instead. */
export function planForward(saga: Saga, tellDown = false): Promise<PlanSummary> {
  const { request } = saga;
  const wish = request.instances === undefined ? 'as many' : `${request.instances}`;
  const without = [...(request.drain ?? []), ...goneNames(saga)];
  const but = without.length === 0 ? '' : ` without ${without.join(', ')}`;
  const summary =
    request.rollback === undefined
      ? `plan for ${wish} instances${but}, the least movement`
      : `back to the ranges of revision ${request.rollback}`;
  return call('plan', 'quick', summary, {
    saga: refOf(saga),
    request,
    attempt: nextPlan(saga),
    gone: goneNames(saga),
    instances: situationOf(saga).instances,
    ...(tellDown ? { tellDown } : {}),
  });
}

/** What the others need to go on without those that are gone. */
export function planRecovery(saga: Saga): Promise<PlanSummary> {
  const summary = `without ${goneNames(saga).join(', ')}, the least movement`;
  const { gone } = saga;
  return call('planRecovery', 'waiting', summary, {
    saga: refOf(saga),
    gone,
    attempt: nextPlan(saga),
  });
}

/** Back to where it was before this saga, from what is held now. */
export function planBack(saga: Saga): Promise<PlanSummary> {
  const gone = goneNames(saga);
  const summary = 'from actual ownership back to the former instances';
  return call('planBack', 'undoQuick', summary, {
    saga: refOf(saga),
    gone,
    attempt: nextPlan(saga),
  });
}

/** `grow 2 → 3: 120 partitions (at least 120), about 120 clients, 1 wave, about 1.2 s`. */
export function planText(plan: PlanSummary, took: (ms: number) => string): string {
  const { kind, from, to, movedPartitions, movedLowerBound, movedClients, waves } = plan;
  const bound = movedLowerBound < movedPartitions ? ` (at least ${movedLowerBound})` : '';
  const inWaves = waves === 0 ? '' : `, ${counted(waves, 'wave')}`;
  return `${kind} ${from} → ${to}: ${counted(movedPartitions, 'partition')}${bound}, about ${counted(movedClients, 'client')}${inWaves}, about ${took(plan.estimateMs)}`;
}

export function endsTheSaga({ kind }: PlanSummary): boolean {
  return kind === 'unnecessary' || kind === 'refused';
}

function nextPlan(saga: Saga): number {
  saga.plans += 1;
  return saga.plans;
}
