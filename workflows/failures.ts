// Owns: what a run closes with when it fails: a sentence, without lines of code. Decides nothing.

import { ApplicationFailure } from '@temporalio/common';

/** How a run ended is no bug: a stack would hide the sentence in the UI. Never tried again. */
export function failureOf(
  type: string,
  message: string,
  more: { readonly cause?: Error; readonly details?: unknown[] } = {},
): ApplicationFailure {
  const failure = ApplicationFailure.create({ type, message, nonRetryable: true, ...more });
  failure.stack = '';
  return failure;
}

/** A run that fails has no result: it is told with the failure. What is no failure of ours stays as it is. */
export function withResult(failure: Error, result: object): Error {
  if (!(failure instanceof ApplicationFailure)) return failure;
  const { type, message, cause } = failure;
  const more = cause === undefined ? {} : { cause };
  return failureOf(type ?? 'Error', message, { details: [result], ...more });
}
