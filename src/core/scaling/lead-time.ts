// Owns: how long before it is needed an instance has to be asked for, from how long adding one took
// lately. Pure.

import { windowsOf } from './stabilise.js';
import type { Policy } from './policy.js';

/** What is known of one change that added instances and went well. */
export interface Growth {
  /** From the request to the end of the hand-over, without what a person took to approve. */
  readonly tookMs: number;
}

/** Of so many the slowest counts: an instance that is late was asked for too late. */
export const growthsLookedAt = 5;
/** Before the first growth: about what a start, an image pull included, and a hand-over take. */
export const leadTimeDefaultMs = 120_000;

/**
 * The policy's `forecast.horizonMs`, or as measured; `growths` newest first. What is foreseen passes the
 * growing window as everything does, and is looked at once in `scheduleEveryMs`: both are added.
 */
export function leadTimeMs(policy: Policy, growths: readonly Growth[]): number {
  const { forecast, scheduleEveryMs } = policy;
  if (forecast.horizonMs !== 'measured') return forecast.horizonMs;
  const lately = growths.slice(0, growthsLookedAt).map(({ tookMs }) => tookMs);
  const preparing = lately.length === 0 ? leadTimeDefaultMs : Math.max(...lately);
  return Math.round(preparing + windowsOf(policy).upMs + scheduleEveryMs);
}
