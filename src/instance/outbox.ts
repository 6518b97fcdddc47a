// Appends that belong to one turn of the event loop go out as one request, in order, and only while
// the lease is good: the check is made synchronously, right before the records are handed over. What
// could not go out stays queued (evidence) or is dropped (ownership: the machine repeats it). Never asks
// more of the appender at once than it takes: after a long lapse there may be several records for each
// of its clients, whose number is what bounds the queue.

import type { Appender, Later, OutRecord } from '../ports.js';
import { outboxUnderWayMax, tickEveryMs } from '../limits.js';
import { later } from './later.js';

export interface OutboxEntry {
  readonly record: OutRecord;
  readonly onAcknowledged?: () => void;
}

export interface OutboxOptions {
  readonly appender: Appender;
  readonly mayAppend: () => boolean;
  /** Evidence must reach the log in order: keep and repeat. Ownership repeats itself: drop. */
  readonly onFailure: 'repeat' | 'drop';
  readonly retryAfterMs: number;
  /** Timers of this process when absent. */
  readonly later?: Later;
  readonly onError: (error: unknown) => void;
}

export class Outbox {
  private readonly options: OutboxOptions;
  private queue: OutboxEntry[] = [];
  private scheduled = false;
  /** Entries of failed batches, oldest first; later ones wait behind them. */
  private failed: OutboxEntry[] = [];
  private repeating = false;
  private lookingAgain = false;
  /** Records that are handed over and not acknowledged yet. */
  private underWay = 0;
  private closed = false;

  constructor(options: OutboxOptions) {
    this.options = options;
  }

  add(entry: OutboxEntry): void {
    this.queue.push(entry);
    this.schedule();
  }

  /** The lease is good again: send what waited. */
  resume(): void {
    this.schedule();
  }

  close(): void {
    this.closed = true;
    this.queue = [];
    this.failed = [];
  }

  private schedule(): void {
    if (this.scheduled || this.repeating || this.closed || this.queue.length === 0) return;
    if (this.underWay >= outboxUnderWayMax) return; // The next answer schedules.
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.closed || this.repeating || this.queue.length === 0) return;
    if (!this.options.mayAppend()) {
      if (this.options.onFailure === 'drop') this.queue = [];
      else this.lookAgainLater();
      return;
    }
    const batch = this.queue.splice(0, outboxUnderWayMax - this.underWay);
    this.send(batch);
  }

  /**
   * A lapse that was over before anybody looked is announced by nobody: without this, whoever came in it
   * would wait for its evidence until somebody else's is added.
   */
  private lookAgainLater(): void {
    if (this.lookingAgain) return;
    this.lookingAgain = true;
    (this.options.later ?? later)(() => {
      this.lookingAgain = false;
      this.schedule();
    }, tickEveryMs);
  }

  private send(batch: readonly OutboxEntry[]): void {
    this.underWay += batch.length;
    this.options.appender.append(batch.map(({ record }) => record)).then(
      () => {
        this.underWay -= batch.length;
        for (const { onAcknowledged } of batch) onAcknowledged?.();
        this.schedule();
      },
      (error: unknown) => {
        this.underWay -= batch.length;
        this.options.onError(error);
        if (this.options.onFailure === 'repeat') this.repeatLater(batch);
        this.schedule();
      },
    );
  }

  /**
   * A repeated record counts once, so repeating what may have been written is safe. Batches that were
   * under way at once fail one after the other: they are repeated in the order in which they were sent.
   */
  private repeatLater(batch: readonly OutboxEntry[]): void {
    if (this.closed) return;
    this.failed.push(...batch);
    if (this.repeating) return;
    this.repeating = true;
    (this.options.later ?? later)(() => {
      this.repeating = false;
      this.queue = [...this.failed, ...this.queue];
      this.failed = [];
      this.schedule();
    }, this.options.retryAfterMs);
  }
}
