// Owns: whether one instance has too many users while the total is fine, so that users are evened out
// and no instance is added. Never plans who moves.

import { cooldown, frozen, limitByBudget, type Limits, type Wait } from './limit.js';
import type { Load } from './measure.js';
import type { ScalingMemory } from './memory.js';
import type { Policy } from './policy.js';
import type { Reason } from './reasons.js';
import type { ScalingSnapshot } from './snapshot.js';
import { windowsOf } from './stabilise.js';

export interface Balance {
  readonly acts: boolean;
  /** The one that decided comes first; empty when no instance is too hot. */
  readonly reasons: readonly Reason[];
  /** Clients that evening out moves. */
  readonly moved: number;
  readonly hot: ScalingMemory['hot'];
  readonly wakeAtMs?: number;
}

const cool: Balance = { acts: false, reasons: [], moved: 0, hot: null };

/** For a service whose total is within its thresholds. */
export function balance(
  instances: number,
  load: Load,
  snapshot: ScalingSnapshot,
  memory: ScalingMemory,
  limits: Limits,
): Balance {
  const { policy, nowMs } = limits;
  const { upper } = policy.clientsPerInstance;
  const { hottest, clients: total } = load;
  if (hottest === undefined || total === undefined || instances < 2) return cool;
  const { instance, clients } = hottest;
  if (clients <= upper) return cool;
  if (policy.balanceBy !== 'clients') {
    return { ...cool, reasons: [{ kind: 'hot-by-partitions', instance, clients, upper }] };
  }
  const mean = total / instances;
  const hot = memory.hot?.instance === instance ? memory.hot : { instance, sinceMs: nowMs };
  const moved = Math.ceil(clients - mean);
  const reason: Reason = { kind: 'hot-instance', instance, clients, upper, mean };
  const wait = (held: Wait): Balance => {
    return { ...cool, reasons: [held.reason, reason], hot, wakeAtMs: held.untilMs };
  };

  const held =
    notLong(hot, clients, policy, nowMs) ??
    lately(memory.balancedAtMs, policy, nowMs) ??
    frozen(false, limits) ??
    cooldown('none', snapshot, limits);
  if (held !== undefined) return wait(held);
  const afforded = limitByBudget(0, 1, (to) => to * moved, snapshot, limits);
  if (afforded.instances === 0) {
    const cuts = afforded.cuts.map((cut) => ({ ...cut, wanted: instances }));
    const { wakeAtMs } = afforded;
    return { ...cool, reasons: [...cuts, reason], hot, ...(wakeAtMs && { wakeAtMs }) };
  }
  return { acts: true, reasons: [reason], moved, hot: null };
}

/** One report above the threshold may be noise, unless it is far above. */
function notLong(
  hot: { readonly instance: string; readonly sinceMs: number },
  clients: number,
  policy: Policy,
  nowMs: number,
): Wait | undefined {
  const { upMs: windowMs } = windowsOf(policy);
  const { upper } = policy.clientsPerInstance;
  const sinceMs = nowMs - hot.sinceMs;
  if (sinceMs >= windowMs || clients > upper * (1 + policy.stabilisation.urgentShare)) {
    return undefined;
  }
  const { instance } = hot;
  return {
    reason: { kind: 'hot-not-long', instance, clients, upper, sinceMs, windowMs },
    untilMs: hot.sinceMs + windowMs,
  };
}

function lately(
  balancedAtMs: number | null,
  { balanceEveryMs }: Policy,
  nowMs: number,
): Wait | undefined {
  if (balancedAtMs === null || nowMs - balancedAtMs >= balanceEveryMs) return undefined;
  const sinceMs = Math.max(0, nowMs - balancedAtMs);
  return {
    reason: { kind: 'balanced-lately', sinceMs, cooldownMs: balanceEveryMs },
    untilMs: balancedAtMs + balanceEveryMs,
  };
}
