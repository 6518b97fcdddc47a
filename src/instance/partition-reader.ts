// Reads the messages of the warm and held partitions, from a duplicate window back, and says when a
// partition is read to its tail. It asks and assigns, one step at a time, what the machine of
// core/handover/reading.ts says, and delivers to the service's sink. It decides and keeps nothing.

import { Reading } from '../core/handover/reading.js';
import { duplicateWindowMs, forgetAfterMs } from '../limits.js';
import { topicsOf } from '../logs/topics.js';
import type { Bus, Reader } from '../ports.js';
import type { PartitionSink } from './api.js';

export interface PartitionReaderOptions {
  readonly bus: Pick<Bus, 'windowStarts' | 'open'>;
  readonly service: string;
  readonly sink: PartitionSink;
  readonly onWarmed: (partitions: readonly number[]) => void;
  readonly onError: (error: unknown) => void;
}

/** After a failed step it is tried again this much later. */
const retryMs = 500;

export class PartitionReader {
  private readonly options: PartitionReaderOptions;
  private readonly topic: string;
  private readonly reading = new Reading();
  private reader: Reader | null = null;
  private working = false;
  private closed = false;
  private forgetTimer: NodeJS.Timeout | null = null;

  constructor(options: PartitionReaderOptions) {
    this.options = options;
    this.topic = topicsOf(options.service).messages;
  }

  warm(partitions: readonly number[]): void {
    const already = this.reading.warm(partitions);
    // Told in a turn of its own: the caller is in the middle of its own event.
    if (already.length > 0) setImmediate(() => this.options.onWarmed(already));
    void this.work();
  }

  forget(partitions: readonly number[]): void {
    this.reading.forget(partitions);
    this.forgetTimer ??= setTimeout(() => {
      this.forgetTimer = null;
      this.reading.forgetDue();
      void this.work();
    }, forgetAfterMs);
  }

  /** Next offset of the partition here; 0 when it is not read. */
  positionOf(partition: number): number {
    if (!this.reading.isRead(partition)) return 0;
    return this.reader?.positions().get(partition) ?? 0;
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.forgetTimer !== null) clearTimeout(this.forgetTimer);
    await this.reader?.close();
  }

  private async work(): Promise<void> {
    if (this.working || this.closed) return;
    this.working = true;
    try {
      for (let went = true; went && !this.closed;) went = await this.goOn();
    } catch (error) {
      if (!this.closed) {
        this.options.onError(error);
        setTimeout(() => void this.work(), retryMs);
      }
    } finally {
      this.working = false;
    }
  }

  /** One step; false when there is none. */
  private async goOn(): Promise<boolean> {
    const step = this.reading.next();
    if (step.kind === 'none') return false;
    if (step.kind === 'ask') {
      await this.ask(step.partitions);
      return true;
    }
    // Before the reader is told: from here on nothing of theirs reaches the service.
    for (const partition of step.dropped) this.options.sink.onForget(partition);
    const standing = this.reader?.positions();
    const positions = new Map(
      [...step.from].map(([partition, from]) => [partition, from ?? standing?.get(partition) ?? 0]),
    );
    if (this.reader === null) this.reader = await this.openReader(positions);
    else await this.reader.assign(positions);
    this.reading.assigned(step);
    this.tellWarmed(this.reading.cold());
    return true;
  }

  /** Copies of a send are told by the times of the records, so the window is found by these, too. */
  private async ask(partitions: readonly number[]): Promise<void> {
    const windows = await this.options.bus.windowStarts(this.topic, duplicateWindowMs, partitions);
    this.reading.answered(
      [...windows].map(([partition, { from, high }]) => ({ partition, from, tail: high })),
    );
    for (const [partition, { sinceMs }] of windows) {
      if (this.reading.isRead(partition)) this.options.sink.onBegin?.(partition, sinceMs);
    }
  }

  private async openReader(positions: ReadonlyMap<number, number>): Promise<Reader> {
    const { bus, sink } = this.options;
    return bus.open({
      topic: this.topic,
      positions,
      onRecords: (partition, records, end) => {
        if (this.closed || !this.reading.isRead(partition)) return;
        sink.onRecords(partition, records, end);
        if (this.reading.isCold(partition)) setImmediate(() => this.tellWarmed([partition]));
      },
      onJump: (partition, expected, found) => {
        if (this.reading.isRead(partition)) sink.onJump(partition, expected, found);
      },
    });
  }

  private tellWarmed(partitions: readonly number[]): void {
    const positions = this.reader?.positions();
    const warmed = partitions.filter((partition) =>
      this.reading.reached(partition, positions?.get(partition) ?? -1),
    );
    // An idle partition has no record that could tell the service where it stands.
    for (const partition of warmed) {
      this.options.sink.onRecords(partition, [], positions?.get(partition) ?? 0);
    }
    if (warmed.length > 0 && !this.closed) this.options.onWarmed(warmed);
  }
}
