// A repair of kafkajs 2.2.4: after the first answer the request queue of every connection looks for
// waiting requests once a millisecond, for ever, also when there are none and nothing is throttled (its
// timer is set to a time that has passed). Some 800 wake-ups a second and process, which on a busy
// machine everybody else waits for. The queue is looked at by itself whenever an answer comes; so a
// timer is needed only while something waits.

import { createRequire } from 'node:module';

/** What the method uses of its queue. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  /** Wall clock: the broker asked for silence until then. */
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

/** As in kafkajs, for the case that it is about. */
const lookAgainMinMs = 10;

/** Once per process is enough, more often does no harm. Throws when kafkajs is another than expected. */
export function quietenRequestQueues(): void {
  const load = createRequire(import.meta.url);
  const queue = load('kafkajs/src/network/requestQueue') as {
    readonly prototype: { scheduleCheckPendingRequests?: (this: RequestQueue) => void };
  };
  if (typeof queue.prototype.scheduleCheckPendingRequests !== 'function') {
    throw new TypeError('kafkajs has another request queue: see quiet-queue.ts');
  }
  queue.prototype.scheduleCheckPendingRequests = lookAgainWhenSomethingWaits;
}

function lookAgainWhenSomethingWaits(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const waitMs = Math.max(lookAgainMinMs, this.throttledUntil - Date.now());
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, waitMs);
}
