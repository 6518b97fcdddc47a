// Owns: what Temporal says of the activities that a run waits for: how often each was tried, why the
// last try failed, and the progress in its last heartbeat. Reads descriptions only.

import type { DescribeWorkflowExecutionResponse } from '@temporalio/client';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { LoadedDataConverter } from '@temporalio/common';

export interface PendingActivity {
  readonly activity: string;
  /** From 1. */
  readonly attempt: number;
  /** 0: tried until it succeeds. */
  readonly attemptsMax: number;
  readonly lastFailure: string | null;
  /** As the activity said it (activities/polling.ts); null before the first. */
  readonly heartbeat: Readonly<Record<string, unknown>> | null;
}

/** What a payload says that nobody here has the key of is missing, not an error. */
export async function pendingOf(
  { pendingActivities }: Pick<DescribeWorkflowExecutionResponse, 'pendingActivities'>,
  converter: LoadedDataConverter,
): Promise<readonly PendingActivity[]> {
  return Promise.all(
    (pendingActivities ?? []).map(async (one) => {
      const [said] = await decodeArrayFromPayloads(converter, one.heartbeatDetails?.payloads).catch(
        () => [],
      );
      const failed = await decodeOptionalFailureToOptionalError(converter, one.lastFailure).catch(
        () => new Error('it failed; without the key nobody can read why'),
      );
      const isObject = typeof said === 'object' && said !== null;
      return {
        activity: one.activityType?.name ?? '',
        attempt: one.attempt ?? 1,
        attemptsMax: one.maximumAttempts ?? 0,
        lastFailure: innermost(failed),
        heartbeat: isObject ? (said as Record<string, unknown>) : null,
      };
    }),
  );
}

function innermost(failed: Error | undefined): string | null {
  let at = failed;
  while (at?.cause instanceof Error) at = at.cause;
  return at?.message ?? null;
}
