// Owns: how long each activity may take, how often it is tried, how long it waits for something that
// is away, and that its cancellation is waited for. Never knows the order of the steps.

import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  AsyncLocalStorage,
  proxyActivities,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/common';
import type { Activities } from '../activities/index.js';
import type { Patience } from '../activities/outlast.js';
import {
  awayType,
  forwardOutageMaxMs,
  nextPatienceMs,
  undoOutageMaxMs,
  type AwayDetail,
  type Outage,
} from '../src/core/saga/outage.js';
import { shorten } from '../src/core/bytes.js';

/** The server refuses longer summaries. */
const summaryMaxBytes = 200;

/** One call to ConfigDB, Kafka, the platform or Temporal: an append waits 30 s for an absent broker. */
const quickMs = 60_000;
/** A worker that died is noticed after this; the next one goes on. */
const heartbeatMs = 5_000;
/** Activities that wait bound themselves; this ends only what hangs. */
const waitingMs = 60 * 60_000;

/** Ten tries in about 25 s of what fails, then the saga is undone; what is away is waited for below. */
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

/** How long each waits for what is away; an evaluation does not: the next one is near. */
const outageMaxMs: Readonly<Record<keyof typeof ways, number>> = {
  quick: forwardOutageMaxMs,
  waiting: forwardOutageMaxMs,
  undoQuick: undoOutageMaxMs,
  undoWaiting: undoOutageMaxMs,
  onward: Number.POSITIVE_INFINITY,
  tick: 0,
};

/** Whoever runs steps in it is told while one of them waits for something that is away; null: it is back. */
export const outages = new AsyncLocalStorage<(outage: Outage | null) => void>();

// Options of a call are merged into these: no retry policy here, or `onward` would inherit its end.
const activities = proxyActivities<Activities>({ startToCloseTimeout: quickMs });

type Answer<Name extends keyof Activities> = Awaited<ReturnType<Activities[Name]>>;

/**
 * Calls an activity: `call('commit', 'quick', 'revision 1 → 2', input)`. The summary is what an
 * operator reads beside the step in the UI. Called again, and said to `outages`, while what the
 * activity needs is away.
 */
export async function call<Name extends keyof Activities>(
  name: Name,
  way: keyof typeof ways,
  summary: string,
  input: Parameters<Activities[Name]>[0],
): Promise<Answer<Name>> {
  const limitMs = outageMaxMs[way];
  let outage: Outage | null = null;
  let patience: Patience | undefined = limitMs === 0 ? { patienceMs: 0 } : undefined;
  try {
    for (;;) {
      try {
        const waits = outage === null ? '' : `waits for ${outage.what}: `;
        return await callOnce(name, way, `${waits}${summary}`, input, patience);
      } catch (error) {
        const away = awayIn(error);
        if (away === undefined) throw error;
        outage = longer(outage, away);
        const patienceMs = nextPatienceMs(Date.now() - outage.sinceMs, limitMs);
        if (patienceMs === null) throw error;
        outages.getStore()?.(outage);
        patience = { patienceMs };
      }
    }
  } finally {
    if (outage !== null) outages.getStore()?.(null);
  }
}

function callOnce<Name extends keyof Activities>(
  name: Name,
  way: keyof typeof ways,
  summary: string,
  input: Parameters<Activities[Name]>[0],
  patience: Patience | undefined,
): Promise<Answer<Name>> {
  const activity = activities[name] as unknown as {
    executeWithOptions(options: ActivityOptions, args: readonly unknown[]): Promise<Answer<Name>>;
  };
  const { startToCloseTimeout } = ways[way];
  const options = {
    ...ways[way],
    startToCloseTimeout: startToCloseTimeout + (patience?.patienceMs ?? 0),
    summary: shorten(summary, summaryMaxBytes),
  };
  return activity.executeWithOptions(options, patience === undefined ? [input] : [input, patience]);
}

/** What an activity said that it waits for; undefined for any other failure. */
function awayIn(error: unknown): AwayDetail | undefined {
  if (!(error instanceof ActivityFailure)) return undefined;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== awayType) return undefined;
  return cause.details?.[0] as AwayDetail;
}

/** By the clock of the workflow; what one call found goes on from the one before. */
function longer(before: Outage | null, { what, awayMs, tries }: AwayDetail): Outage {
  return {
    what,
    sinceMs: before?.sinceMs ?? Date.now() - awayMs,
    tries: (before?.tries ?? 0) + tries,
  };
}
