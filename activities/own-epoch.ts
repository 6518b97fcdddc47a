// Owns: that nobody acts under the epoch of another run. A run that was reset (`temporal workflow reset`)
// remembers what `reconcile` told the run before it, whose activities may still be alive and bear the same
// epoch. So it does nothing at all with that one: the workflow begins anew and takes its own, which fences
// them (workflows/run-saga.ts).

import { activityInfo } from '@temporalio/activity';
import { otherRunType } from '../src/core/saga/own-epoch.js';
import { finalFailure } from './errors.js';
import type { SagaRef } from './types.js';

/** Throws a final failure when the epoch was taken by a run that is not the one that asks. */
export function assertOwnEpoch({ epoch, run }: SagaRef): void {
  const asks = activityInfo().workflowExecution?.runId;
  // Runs of before this was recorded know no more than their epoch.
  if (run === undefined || asks === undefined || run === asks) return;
  const text = `epoch ${epoch} was taken by run ${run}, which was reset: run ${asks} must take its own`;
  throw finalFailure(otherRunType, text);
}

type OfSaga = (input: never) => Promise<unknown>;

/** Each of these activities acts only under an epoch that its own run took. */
export function underOwnEpoch<T extends Record<string, OfSaga>>(activities: T): T {
  const checked = Object.entries(activities).map(([name, activity]) => {
    const act: OfSaga = async (input: { readonly saga: SagaRef }) => {
      const { run: _run, ...saga } = input.saga;
      assertOwnEpoch(input.saga);
      return activity({ ...input, saga } as never);
    };
    return [name, act] as const;
  });
  return Object.fromEntries(checked) as Record<string, OfSaga> as T;
}
