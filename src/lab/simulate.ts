// Owns: from a trace and policies to their reports, in the form that protocol.md §8 names. Never reads a
// file, never prints.

import type { Policy } from '../core/scaling/policy.js';
import type { Figures } from './account.js';
import type { ForecastScore } from './outlook.js';
import { replay, type ReplayOptions } from './replay.js';
import type { Served, Timeline } from './report/timeline.js';
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
    /** Changes for which the forecast asked for more than the load did: more are added, or fewer removed. */
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
  return run(trace, seatsOf(trace, policies, setting), setting, options);
}

export interface Shown {
  readonly reports: readonly Report[];
  readonly timeline: Timeline;
}

/** The same with what served at each row, for charts; two bytes a row and policy more. */
export function simulateShown(
  trace: Trace,
  policies: readonly NamedPolicy[],
  setting: Setting,
  options: Pick<ReplayOptions, 'from' | 'onRow'>,
): Shown {
  const seats = seatsOf(trace, policies, setting);
  const served: readonly Served[] = policies.map(({ name, policy }) => ({
    name,
    capacity: setting.capacity ?? capacityOf(policy),
    instances: new Uint16Array(trace.values.length),
  }));
  let fromStep = -1;
  const eachRow = (row: number): void => {
    if (fromStep < 0) fromStep = row;
    served.forEach(({ instances }, at) => (instances[row] = seats[at]?.world.instances ?? 0));
  };
  const reports = run(trace, seats, setting, { ...options, eachRow });
  return { reports, timeline: { trace, fromStep: Math.max(0, fromStep), served } };
}

const seatsOf = (trace: Trace, policies: readonly NamedPolicy[], setting: Setting): PolicySeat[] =>
  policies.map((named) => seatOf(trace, named, setting));

function run(
  trace: Trace,
  seats: readonly PolicySeat[],
  setting: Setting,
  options: Pick<ReplayOptions, 'from' | 'onRow' | 'eachRow'>,
): readonly Report[] {
  const scores = replay({ ...options, trace, seats });
  return seats.map((seat, at) => {
    const score = scores[at];
    if (score === undefined) throw new Error('a score for each seat');
    return reportOf(seat, score, setting);
  });
}

function reportOf(
  { world, of, tookMs }: PolicySeat,
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
      leadTimeMs: tookMs,
      forecastMode: policy.forecast.mode,
    },
    forecast: { ...score, acted: world.forecastActs },
  };
}
