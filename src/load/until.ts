// Owns: waiting until nothing is left to wait for, with a bound and a sentence for what is.

import { setTimeout as sleep } from 'node:timers/promises';
import { pollMs, settleWithinMs } from './limits.js';

/** Throws, with what is left in words, when the bound has passed. */
export async function until<T>(
  look: () => readonly T[],
  say: (left: readonly T[]) => string,
  withinMs = settleWithinMs,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (let left = look(); left.length > 0; left = look()) {
    if (performance.now() > untilMs) {
      throw new Error(`not within ${withinMs / 1000} s: ${say(left)}`);
    }
    await sleep(pollMs);
  }
}
