// Owns: from a trace and policies to their reports, in the form that protocol.md §8 names. Never reads a
// file, never prints.

import type { Policy } from '../core/scaling/policy.js';
import type { Figures } from './account.js';
import { leadTimeMs, type ChangeModel } from './change-model.js';
import { capacityOf } from './default-policy.js';
import { trustOf, type ForecastScore } from './outlook.js';
import { PolicyWorld } from './policy-world.js';
import { replay, type ReplayOptions, type Seat } from './replay.js';
import type { Trace } from './trace.js';

export interface NamedPolicy {
  readonly name: string;
  readonly policy: Policy;
}

export interface Setting {
  readonly change: ChangeModel;
  /** Connected users that an instance can serve; absent: the policy's target ÷ 0.8. */
  readonly capacity?: number | undefined;
  /** Rows that a forecast looks ahead; absent: the lead time, rounded up. */
  readonly horizonSteps?: number | undefined;
  /** Between two evaluations; absent: as the policy's schedule. At least one for each row. */
  readonly everyMs?: number | undefined;
}

export interface Report extends Figures {
  readonly policy: {
    readonly name: string;
    readonly target: number;
    readonly capacity: number;
    readonly everyMs: number;
    readonly leadTimeMs: number;
    readonly forecastMode: Policy['forecast']['mode'];
  };
  readonly forecast: ForecastScore & {
    /** Decisions that the forecast made act. */
    readonly acted: number;
  };
}

/** Replays all policies side by side. */
export function simulate(
  trace: Trace,
  policies: readonly NamedPolicy[],
  setting: Setting,
  options: Pick<ReplayOptions, 'from' | 'onRow' | 'eachRow'>,
): readonly Report[] {
  const seats = policies.map((named) => seatOf(trace, named, setting));
  const scores = replay({ ...options, trace, seats });
  return seats.map((seat, at) => {
    const score = scores[at];
    if (score === undefined) throw new Error('a score for each seat');
    return reportOf(seat, score, setting);
  });
}

export interface PolicySeat extends Seat {
  readonly world: PolicyWorld;
  readonly of: NamedPolicy;
  readonly leadMs: number;
}

/** A policy's place in a replay. */
export function seatOf(trace: Trace, named: NamedPolicy, setting: Setting): PolicySeat {
  const { policy, name } = named;
  const { stepMs } = trace;
  const { clientsPerInstance, instances, forecast, scheduleEveryMs } = policy;
  const everyMs = setting.everyMs ?? scheduleEveryMs;
  const ticksPerRow = Math.max(1, Math.round(stepMs / everyMs));
  const needed = Math.ceil((trace.values[0] ?? 0) / clientsPerInstance.target);
  const capacity = setting.capacity ?? capacityOf(policy);
  const change = changeOf(trace, policy, setting);
  const leadMs = leadTimeMs(change, clientsPerInstance.target);
  const aheadMs = forecast.horizonMs === 'measured' ? leadMs : forecast.horizonMs;
  const world = new PolicyWorld({
    name,
    // Windows that are counted in evaluations are counted in those that are made.
    policy: { ...policy, scheduleEveryMs: stepMs / ticksPerRow },
    capacity,
    change,
    stepMs,
    ticksPerRow,
    instances: Math.min(instances.max, Math.max(instances.min, needed)),
  });
  const horizonSteps = setting.horizonSteps ?? Math.max(1, Math.ceil(aheadMs / stepMs));
  return { world, of: named, horizonSteps, leadMs, trust: trustOf(forecast) };
}

/**
 * With a horizon in rows, an instance that is asked for at a row serves that many rows later, and the next
 * decision can be made then: the cooldown is over, too. Without, a change takes what was measured.
 */
function changeOf(
  { stepMs }: Trace,
  { cooldownMs, cooldownUpMs = cooldownMs, clientsPerInstance }: Policy,
  { change, horizonSteps }: Setting,
): ChangeModel {
  if (horizonSteps === undefined || change.growthMs !== null) return change;
  const measuredMs = leadTimeMs(change, clientsPerInstance.target);
  return { ...change, growthMs: Math.max(measuredMs, horizonSteps * stepMs - cooldownUpMs) };
}

function reportOf(
  { world, of, leadMs }: PolicySeat,
  score: ForecastScore,
  setting: Setting,
): Report {
  const { name, policy } = of;
  const { target } = policy.clientsPerInstance;
  return {
    ...world.figures(),
    policy: {
      name,
      target,
      capacity: setting.capacity ?? capacityOf(policy),
      everyMs: world.everyMs,
      leadTimeMs: leadMs,
      forecastMode: policy.forecast.mode,
    },
    forecast: { ...score, acted: world.forecastActs },
  };
}
