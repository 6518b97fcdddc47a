// Owns: how long each activity may take, how often it is tried, and that its cancellation is waited
// for. Never knows the order of the steps.

import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/common';
import type { Activities } from '../activities/index.js';
import { cut } from './bytes.js';

/** The server refuses longer summaries. */
const summaryMaxBytes = 200;

/** One call to ConfigDB, Kafka, the platform or Temporal. */
const quickMs = 30_000;
/** A worker that died is noticed after this; the next one goes on. */
const heartbeatMs = 5_000;
/** Activities that wait bound themselves; this ends only what hangs. */
const waitingMs = 60 * 60_000;

/** Ten tries in about 25 s: outlasts a broker failover, then the saga is undone. */
const forwardRetry = {
  initialInterval: 200,
  backoffCoefficient: 2,
  maximumInterval: 5_000,
  maximumAttempts: 10,
} as const;

/** Forty tries in about six minutes: what is not undone is in somebody's way. */
const undoRetry = { ...forwardRetry, maximumInterval: 10_000, maximumAttempts: 40 } as const;

/** Past the point of no return there is only forward: tried until it succeeds. */
const onwardRetry = {
  initialInterval: 500,
  backoffCoefficient: 2,
  maximumInterval: 15_000,
} as const;

/** Decisions and records of the autoscaler: the next tick is near. */
const tickRetry = { ...forwardRetry, maximumAttempts: 3 } as const;

// The default would report a cancelled activity as ended while it still runs, and its undo would race it.
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

// Every activity is seen to be alive (activities/alive.ts), also one that waits for nothing.
const base = { heartbeatTimeout: heartbeatMs, retry: forwardRetry, cancellationType };
const quick = { ...base, startToCloseTimeout: quickMs };
const waiting = { ...base, startToCloseTimeout: waitingMs };

/** Ways of calling an activity, by what its failure means. */
export const ways = {
  quick,
  waiting,
  undoQuick: { ...quick, retry: undoRetry },
  undoWaiting: { ...waiting, retry: undoRetry },
  onward: { ...waiting, retry: onwardRetry },
  tick: { ...quick, retry: tickRetry },
} as const satisfies Record<string, ActivityOptions>;

// Options of a call are merged into these: no retry policy here, or `onward` would inherit its end.
const activities = proxyActivities<Activities>({ startToCloseTimeout: quickMs });

/**
 * Calls an activity: `call('commit', 'quick', 'revision 1 → 2', input)`. The summary is what an
 * operator reads beside the step in the UI.
 */
export function call<Name extends keyof Activities>(
  name: Name,
  way: keyof typeof ways,
  summary: string,
  input: Parameters<Activities[Name]>[0],
): ReturnType<Activities[Name]> {
  const activity = activities[name] as unknown as {
    executeWithOptions(
      options: ActivityOptions,
      args: readonly unknown[],
    ): ReturnType<Activities[Name]>;
  };
  return activity.executeWithOptions({ ...ways[way], summary: cut(summary, summaryMaxBytes) }, [
    input,
  ]);
}
