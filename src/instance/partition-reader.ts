// Reads the messages of the warm and held partitions, from a duplicate window back, and says when a
// partition is read to its tail. Changes of the set are gathered into one `assign`; forgetting is
// lazy, so that no rejoin falls into a hand-over. It delivers to the service's sink and keeps nothing.

import { duplicateWindowMs, forgetAfterMs } from '../limits.js';
import { topicsOf } from '../logs/topics.js';
import type { Bus, Clock, Position, Reader } from '../ports.js';
import type { PartitionSink } from './api.js';

export interface PartitionReaderOptions {
  readonly bus: Bus;
  readonly service: string;
  readonly clock: Clock;
  readonly sink: PartitionSink;
  readonly onWarmed: (partitions: readonly number[]) => void;
  readonly onError: (error: unknown) => void;
}

/** After a failed assign it is tried again this much later. */
const retryMs = 500;

export class PartitionReader {
  private readonly options: PartitionReaderOptions;
  private readonly topic: string;
  private readonly wanted = new Set<number>();
  /** Ends that must be reached before the partition counts as warm. */
  private readonly tails = new Map<number, number>();
  private reader: Reader | null = null;
  private assigned = new Set<number>();
  private working = false;
  private closed = false;
  private forgetTimer: NodeJS.Timeout | null = null;

  constructor(options: PartitionReaderOptions) {
    this.options = options;
    this.topic = topicsOf(options.service).messages;
  }

  warm(partitions: readonly number[]): void {
    const already: number[] = [];
    for (const partition of partitions) {
      this.wanted.add(partition);
      if (this.assigned.has(partition) && !this.tails.has(partition)) already.push(partition);
    }
    // Told in a turn of its own: the caller is in the middle of its own event.
    if (already.length > 0) setImmediate(() => this.options.onWarmed(already));
    void this.work();
  }

  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.wanted.delete(partition);
    this.forgetTimer ??= setTimeout(() => {
      this.forgetTimer = null;
      void this.work();
    }, forgetAfterMs);
  }

  /** Next offset of the partition here; 0 when it is not read. */
  positionOf(partition: number): number {
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
      while (!this.closed && this.mustAssign()) await this.assignWanted();
    } catch (error) {
      if (!this.closed) {
        this.options.onError(error);
        setTimeout(() => void this.work(), retryMs);
      }
    } finally {
      this.working = false;
    }
  }

  private mustAssign(): boolean {
    for (const partition of this.wanted) if (!this.assigned.has(partition)) return true;
    return this.forgetTimer === null && this.assigned.size > this.wanted.size;
  }

  private async assignWanted(): Promise<void> {
    const { bus, clock, sink } = this.options;
    const goal = new Set(this.wanted);
    const fresh = [...goal].filter((partition) => !this.assigned.has(partition));
    const positions = new Map<number, Position>();
    for (const partition of goal) positions.set(partition, this.positionOf(partition));
    if (fresh.length > 0) {
      const [since, bounds] = await Promise.all([
        bus.offsetsSince(this.topic, clock.wallMs() - duplicateWindowMs, fresh),
        bus.bounds(this.topic, fresh),
      ]);
      for (const { partition, low, high } of bounds) {
        positions.set(partition, Math.max(since.get(partition) ?? high, low));
        this.tails.set(partition, high);
      }
    }
    const dropped = [...this.assigned].filter((partition) => !goal.has(partition));
    if (this.reader === null) this.reader = await this.openReader(positions);
    else await this.reader.assign(positions);
    this.assigned = goal;
    for (const partition of dropped) {
      this.tails.delete(partition);
      sink.onForget(partition);
    }
    this.tellWarmed([...this.tails.keys()]);
  }

  private async openReader(positions: ReadonlyMap<number, Position>): Promise<Reader> {
    const { bus, sink } = this.options;
    return bus.open({
      topic: this.topic,
      positions,
      onRecords: (partition, records, end) => {
        if (this.closed) return;
        sink.onRecords(partition, records, end);
        if (this.tails.has(partition)) setImmediate(() => this.tellWarmed([partition]));
      },
      onJump: (partition, expected, found) => {
        sink.onJump(partition, expected, found);
      },
    });
  }

  private tellWarmed(partitions: readonly number[]): void {
    const positions = this.reader?.positions();
    const warmed = partitions.filter((partition) => {
      const tail = this.tails.get(partition);
      return tail !== undefined && (positions?.get(partition) ?? -1) >= tail;
    });
    for (const partition of warmed) {
      this.tails.delete(partition);
      // An idle partition has no record that could tell the service where it stands.
      this.options.sink.onRecords(partition, [], positions?.get(partition) ?? 0);
    }
    if (warmed.length > 0 && !this.closed) this.options.onWarmed(warmed);
  }
}
