// Owns: everything a decision looks at, as it was seen at one moment. Types only: what is recorded
// with a decision, so that it can be made again.

import type { Forecast } from './forecast.js';
import type { TelemetryProblem } from '../telemetry/problems.js';
import type { Signal } from './signals.js';

export interface Sample {
  readonly instance: string;
  readonly clients: number;
  readonly ageMs: number;
}

/** What a signal is over all instances that have it. */
export interface SignalReading {
  readonly signal: Signal;
  readonly total: number;
  /** So many instances are in the total. */
  readonly instances: number;
  readonly ageMs: number;
}

export interface ScalingSnapshot {
  /** Names of the instances of the latest distribution; null before the first. */
  readonly members: readonly string[] | null;
  /** How many instances the platform shows as Ready. */
  readonly ready: number;
  /** What the platform was told to run; missing in records that are older than this field. */
  readonly told?: Told;
  /** Cheapest to read in the order of `members`. */
  readonly samples: readonly Sample[];
  /** Of the signals that the policy names. */
  readonly signals?: readonly SignalReading[];
  /** Connected sessions of the whole service as somebody else counts them; absent when nobody does. */
  readonly sessions?: number;
  /** What is wrong with the answers of the metrics' database, samples and signals apart; absent: nothing. */
  readonly telemetry?: readonly TelemetryProblem[];
  /** Absent without one. */
  readonly forecast?: Forecast;
  /** Why there is none, though the policy wants one: one sentence without a full stop. */
  readonly noForecast?: string;
  /** Clients that were told to move within the last hour, whoever asked; absent: not known. */
  readonly movedLastHour?: number;
  /** When the last change was committed or its saga ended; null when there was none. */
  readonly lastChangeAtMs: number | null;
  /** Whether that change had to be undone. */
  readonly lastChangeUndone: boolean;
  /** When a plan was last rejected, or expired without an answer, and nothing was changed since. */
  readonly lastRejectedAtMs?: number;
  readonly rebalanceRunning: boolean;
  /** Absent in decisions of before there were rolls. */
  readonly rollRunning?: boolean;
  /** A rebalance that ended without recording an outcome (terminated); null when there is none. */
  readonly unfinished: string | null;
}

export interface Told {
  readonly replicas: number;
  /** Somebody else changed the number since it was last asked for: it is not changed back. */
  readonly byOthers: boolean;
}
