// Owns: that what a step stands on may be away for a while: the activity looks again by itself, says so
// in its heartbeats, and tells the workflow now and then, which shows it and calls again. Only errors
// that say that something does not answer are waited for. Never decides how long (workflows/proxies.ts).

import { sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isGrpcServiceError } from '@temporalio/client';
import {
  awayType,
  firstPatienceMs,
  outageText,
  pauseMs,
  type AwayDetail,
} from '../src/core/saga/outage.js';
import { AppendFailedError, BadInputError, UnreachableError } from '../src/errors.js';
import type { Clock } from '../src/ports.js';
import { beat } from './alive.js';

/** Second argument of an activity: for how long it waits by itself; 0: its error is an error. */
export interface Patience {
  readonly patienceMs: number;
}

/** Runs the work, again and again while what it needs is away; throws a failure `Away` after that. */
export async function outlast<T>(
  clock: Clock,
  work: () => Promise<T>,
  { patienceMs }: Patience = { patienceMs: firstPatienceMs },
): Promise<T> {
  let since: { readonly wallMs: number; readonly monotonicMs: number } | undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const what = whatIsAway(error);
      if (what === undefined || patienceMs <= 0) throw error;
      since ??= { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
      const awayMs = Math.round(clock.monotonicMs() - since.monotonicMs);
      const text = outageText({ what, sinceMs: since.wallMs, tries });
      if (awayMs >= patienceMs) throw away(text, { what, awayMs, tries }, error);
      beat({ waits: `${text}, goes on by itself` });
      await sleep(pauseMs(tries));
    }
  }
}

/** Not tried again by Temporal: the workflow does, when it has said so. */
function away(text: string, detail: AwayDetail, error: unknown): ApplicationFailure {
  const cause = error instanceof Error ? error : new Error(String(error));
  const details = [detail];
  return ApplicationFailure.create({
    type: awayType,
    message: text,
    nonRetryable: true,
    details,
    cause,
  });
}

const names: Readonly<Record<string, string>> = {
  mongodb: 'ConfigDB',
  kafka: 'Kafka',
  supervisor: 'the platform',
  kubernetes: 'the platform',
  temporal: 'Temporal',
};

/** Its name in people's words; undefined for an error of another kind. */
export function whatIsAway(error: unknown): string | undefined {
  if (error instanceof UnreachableError) {
    return names[error.service.toLowerCase()] ?? error.service;
  }
  // The bus says so of itself when it was given something wrong to write.
  if (error instanceof AppendFailedError && !(error.cause instanceof BadInputError)) return 'Kafka';
  const grpcAway = isGrpcServiceError(error) && awayCodes.includes(error.code);
  return grpcAway ? 'Temporal' : undefined;
}

/** DEADLINE_EXCEEDED and UNAVAILABLE. */
const awayCodes: readonly number[] = [4, 14];
