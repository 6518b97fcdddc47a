// Owns: how a waiting activity waits: looks, heartbeats its progress, ends when cancelled, and gives
// up after a bound. Never decides what the end of the bound means.

import { cancellationSignal, sleep } from '@temporalio/activity';
import { topicsOf } from '../src/logs/topics.js';
import type { Bus, Clock } from '../src/ports.js';
import { beat } from './alive.js';

/** The second look: what is warm or told is often so by then, and clients wait for the step after it … */
const pollFirstMs = 20;
/** … then twice as long each time, up to this: not felt in a hand-over of seconds. */
const pollMostMs = 100;

/** Looks until there is an answer; undefined after `withinMs`. Throws CancelledFailure when cancelled. */
export async function poll<T>(
  clock: Clock,
  withinMs: number,
  look: () => Promise<T | undefined> | T | undefined,
  progress: () => unknown,
): Promise<T | undefined> {
  const untilMs = clock.monotonicMs() + withinMs;
  for (let waitMs = pollFirstMs; ; waitMs = Math.min(2 * waitMs, pollMostMs)) {
    cancellationSignal().throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (clock.monotonicMs() >= untilMs) return undefined;
    beat(progress());
    await sleep(waitMs);
  }
}

/** Kafka is asked this often while instances are waited for. */
const kafkaEveryMs = 1_000;

/**
 * A look at instances that also looks whether Kafka answers, and throws when it does not: without it
 * they are late through no fault of theirs, and a bound on them says nothing.
 */
export function withKafka<T>(
  { bus, clock }: { readonly bus: Bus; readonly clock: Clock },
  service: string,
  look: () => Promise<T | undefined>,
): () => Promise<T | undefined> {
  let askedAtMs = clock.monotonicMs();
  return async () => {
    const found = await look();
    if (found === undefined && clock.monotonicMs() - askedAtMs >= kafkaEveryMs) {
      await bus.bounds(topicsOf(service).control, [0]);
      askedAtMs = clock.monotonicMs();
    }
    return found;
  };
}

/** Milliseconds since a reading of the monotonic clock, for people. */
export function since({ clock }: { readonly clock: Clock }, startedMs: number): number {
  return Math.round(clock.monotonicMs() - startedMs);
}
