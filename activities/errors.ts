// Owns: which failures of an activity are worth another try. Operating errors of backing services
// are; a higher epoch, bad input and bugs of ours are not.

import { ApplicationFailure } from '@temporalio/activity';
import { AssertionError, BadInputError, SupersededError } from '../src/errors.js';
import type { Clock } from '../src/ports.js';
import { alive } from './alive.js';
import { outlast, type Patience } from './outlast.js';

/** Thrown when an instance that is to be removed still holds partitions: never removed then. */
export class StillHoldsError extends Error {
  constructor(instance: string, partitions: number) {
    super(
      `${instance} still holds ${partitions} partitions by the ownership log: it is not removed`,
    );
    this.name = 'StillHoldsError';
  }
}

/** A failure that no repetition mends, with the type that the run's failure names. */
export function finalFailure(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/**
 * Wraps each activity: it is seen to be alive, it outlasts a short absence of what it needs, and its
 * errors say whether another try makes sense.
 */
export function mapErrors<T extends Record<string, (input: never) => Promise<unknown>>>(
  clock: Clock,
  activities: T,
): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => {
    const mapped = async (input: never, patience?: Patience): Promise<unknown> => {
      try {
        return await alive(() => outlast(clock, () => activity(input), patience));
      } catch (error) {
        throw mapError(error);
      }
    };
    return [name, mapped] as const;
  });
  return Object.fromEntries(wrapped) as T;
}

function mapError(error: unknown): unknown {
  const final =
    error instanceof SupersededError ||
    error instanceof BadInputError ||
    error instanceof AssertionError;
  if (!final) return error;
  return ApplicationFailure.fromError(error, { type: error.name, nonRetryable: true });
}
