// Owns: what really failed, under the wrapping that Temporal puts around an activity's error.

import { TemporalFailure } from '@temporalio/workflow';

/** The innermost message: what really happened, without Temporal's wrapping. */
export function causeText(error: unknown): string {
  let innermost = error;
  while (innermost instanceof TemporalFailure && innermost.cause !== undefined) {
    innermost = innermost.cause;
  }
  return innermost instanceof Error ? innermost.message : String(innermost);
}

/** The type of the innermost application failure, as activities name it. */
export function causeType(error: unknown): string | undefined {
  let type: string | undefined;
  for (let at = error; at instanceof Error; at = at.cause) {
    const named = (at as { type?: unknown }).type;
    if (typeof named === 'string') type = named;
  }
  return type;
}
