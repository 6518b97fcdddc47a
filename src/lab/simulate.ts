// Owns: from a trace and policies to their reports, in the form that protocol.md §8 names. Never reads a
// file, never prints.

import type { Policy } from '../core/scaling/policy.js';
import type { Figures } from './account.js';
import type { ForecastScore } from './outlook.js';
import { replay, type ReplayOptions } from './replay.js';
import { capacityOf, seatOf, type NamedPolicy, type PolicySeat, type Setting } from './seats.js';
import type { Trace } from './trace.js';

export type { NamedPolicy, Setting } from './seats.js';

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
