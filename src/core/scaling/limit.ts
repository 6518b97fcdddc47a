// Owns: how far one decision may go: steps per decision or per period, the policy's and the calendar's
// bounds, the disruption budget, freezes and cooldowns. Each cut leaves its reason. Never recommends.

import type { CalendarDay } from './calendar.js';
import { budgetPeriodMs, type Change } from './memory.js';
import type { Policy, StepLimit } from './policy.js';
import type { Reason } from './reasons.js';
import type { ScalingSnapshot } from './snapshot.js';

export interface Limited {
  readonly instances: number;
  readonly cuts: readonly Reason[];
  /** When what was cut could be let through, if that is known. */
  readonly wakeAtMs?: number | undefined;
}

export interface Limits {
  readonly policy: Policy;
  readonly day: CalendarDay;
  readonly changes: readonly Change[];
  readonly nowMs: number;
}

/** Steps first, then the bounds. */
export function limitSteps(instances: number, wanted: number, limits: Limits): Limited {
  const { policy, day } = limits;
  const { min, max } = policy.instances;
  const { stepMax } = policy;
  const rule = wanted > instances ? policy.steps.up : policy.steps.down;
  const cuts: Reason[] = [];
  let wakeAtMs: number | undefined;
  let allowed = stepMax;
  if (rule !== null) {
    const rate = rateOf(rule, instances, wanted > instances, limits);
    allowed = rate.left;
    if (Math.abs(wanted - instances) > allowed) {
      const { used, periodMs } = rate;
      cuts.push({ kind: 'limited-by-rate', wanted, allowed: rate.allowed, used, periodMs });
      wakeAtMs = rate.wakeAtMs;
    }
  } else if (Math.abs(wanted - instances) > allowed) {
    cuts.push({ kind: 'limited-by-step', wanted, stepMax });
  }
  let desired = Math.min(Math.max(wanted, instances - allowed), instances + allowed);
  if (desired > max && desired > instances) {
    cuts.push({ kind: 'limited-by-max', wanted: desired, max });
    desired = Math.max(instances, max);
  }
  const floor = Math.min(day.floor?.instances ?? 0, max);
  if (day.floor !== null && floor > min && desired < floor && desired < instances) {
    cuts.push({ kind: 'limited-by-floor', wanted: desired, floor, name: day.floor.name });
    desired = Math.min(instances, floor);
  } else if (desired < min && desired < instances) {
    cuts.push({ kind: 'limited-by-min', wanted: desired, min });
    desired = Math.min(instances, min);
  }
  return { instances: desired, cuts, wakeAtMs };
}

/** What a step limit leaves: changes of this direction within its period are used up. */
function rateOf(
  { count, percent, periodMs }: StepLimit,
  instances: number,
  up: boolean,
  { changes, nowMs }: Limits,
) {
  let used = 0;
  let net = 0;
  let wakeAtMs: number | undefined;
  for (const { atMs, from, to } of changes) {
    if (atMs <= nowMs - periodMs) continue;
    net += to - from;
    if (to > from !== up) continue;
    used += Math.abs(to - from);
    wakeAtMs ??= atMs + periodMs;
  }
  const began = Math.max(0, instances - net);
  const allowed = Math.max(count, Math.ceil((began * percent) / 100));
  return { allowed, used, left: Math.max(0, allowed - used), periodMs, wakeAtMs };
}

/** Of `clients` evenly spread, those that change their instance from n to m instances. */
export function movedBy(clients: number, from: number, to: number): number {
  const more = Math.max(from, to);
  return more === 0 ? 0 : Math.ceil((clients * Math.abs(to - from)) / more);
}

/** Fewer instances at a time where the budget of the hour would be passed. */
export function limitByBudget(
  instances: number,
  wanted: number,
  movesBy: (to: number) => number,
  snapshot: ScalingSnapshot,
  { policy, changes, nowMs }: Limits,
): Limited {
  const budget = policy.disruption.clientsPerHour;
  if (budget === null) return { instances: wanted, cuts: [] };
  let decided = 0;
  let wakeAtMs: number | undefined;
  for (const { atMs, moved } of changes) {
    if (atMs <= nowMs - budgetPeriodMs || moved === 0) continue;
    decided += moved;
    wakeAtMs ??= atMs + budgetPeriodMs;
  }
  const spent = Math.max(decided, snapshot.movedLastHour ?? 0);
  const moves = movesBy(wanted);
  if (spent + moves <= budget) return { instances: wanted, cuts: [] };
  const cuts: readonly Reason[] = [{ kind: 'limited-by-budget', wanted, moves, spent, budget }];
  let to = wanted;
  while (to !== instances && spent + movesBy(to) > budget) to += Math.sign(instances - to);
  return { instances: to, cuts, wakeAtMs };
}

export interface Wait {
  readonly reason: Reason;
  readonly untilMs: number;
}

/** A freeze of the calendar that does not let this change through. */
export function frozen(up: boolean, { day, nowMs }: Limits): Wait | undefined {
  const { freeze } = day;
  if (freeze === null || (up && freeze.allows === 'growth')) return undefined;
  const { name, untilMs } = freeze;
  return { reason: { kind: 'frozen', name, leftMs: untilMs - nowMs }, untilMs };
}

export function cooldown(
  direction: 'up' | 'down' | 'none',
  { lastChangeAtMs, lastChangeUndone }: ScalingSnapshot,
  { policy, nowMs }: Limits,
): Wait | undefined {
  if (lastChangeAtMs === null) return undefined;
  const { cooldownMs, cooldownUpMs, cooldownDownMs, cooldownAfterUndoMs } = policy;
  const ofDirection = { up: cooldownUpMs, down: cooldownDownMs, none: undefined }[direction];
  const after = lastChangeUndone ? cooldownAfterUndoMs : (ofDirection ?? cooldownMs);
  const sinceMs = Math.max(0, nowMs - lastChangeAtMs);
  if (sinceMs >= after) return undefined;
  const kind = lastChangeUndone ? 'cooldown-after-undo' : 'cooldown';
  return { reason: { kind, sinceMs, cooldownMs: after }, untilMs: lastChangeAtMs + after };
}
