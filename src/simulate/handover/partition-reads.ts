// What an instance reads of the messages: from a duplicate window back to the tail of each warm or held
// partition, and on. The simulated counterpart of src/instance/partition-reader.ts.

import { duplicateWindowMs, forgetAfterMs } from '../../limits.js';
import type { PartitionSink } from '../../instance/api.js';
import type { Bus, WindowStart } from '../../ports.js';
import { inRecord, type LogReader, type SimKafka, type SimRecord } from './kafka.js';
import type { Process } from './process.js';

export class PartitionReads {
  private readonly kafka: SimKafka;
  private readonly process: Process;
  private readonly topic: string;
  private readonly sink: PartitionSink;
  private readonly onWarmed: (partitions: readonly number[]) => void;
  private readonly wanted = new Set<number>();
  private readonly readers = new Map<number, LogReader>();
  private readonly tails = new Map<number, number>();
  private forgetting = false;

  constructor(
    kafka: SimKafka,
    process: Process,
    topic: string,
    sink: PartitionSink,
    onWarmed: (partitions: readonly number[]) => void,
  ) {
    this.kafka = kafka;
    this.process = process;
    this.topic = topic;
    this.sink = sink;
    this.onWarmed = onWarmed;
  }

  warm(partitions: readonly number[]): void {
    for (const partition of partitions) this.wanted.add(partition);
    // Two questions to the broker come first; the answer may find the set changed.
    this.kafka.reach(() => {
      const fresh = partitions.filter((partition) => !this.readers.has(partition));
      const starts = fresh.map((partition) => this.startOf(partition));
      this.process.deliver(() => {
        fresh.forEach((partition, i) => this.open(partition, starts[i] as WindowStart));
        this.tellWarmed(partitions);
      });
    });
  }

  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.wanted.delete(partition);
    if (this.forgetting) return;
    this.forgetting = true;
    this.process.later(() => {
      this.forgetting = false;
      for (const [partition, reader] of this.readers) {
        if (this.wanted.has(partition)) continue;
        reader.close();
        this.readers.delete(partition);
        this.tails.delete(partition);
        this.sink.onForget(partition);
      }
    }, forgetAfterMs);
  }

  positionOf(partition: number): number {
    return this.readers.get(partition)?.position ?? 0;
  }

  close(): void {
    for (const reader of this.readers.values()) reader.close();
  }

  private startOf(partition: number): WindowStart {
    return windowStart(this.kafka.log(this.topic, partition).records, duplicateWindowMs);
  }

  private open(partition: number, start: WindowStart): void {
    if (this.readers.has(partition) || !this.wanted.has(partition)) return;
    this.tails.set(partition, start.high);
    this.sink.onBegin?.(partition, start.sinceMs);
    const at = { topic: this.topic, partition, from: start.from };
    const reader = this.kafka.open(this.process, at, (records, from) => {
      this.sink.onRecords(
        partition,
        records.map((record, i) => inRecord(this.topic, partition, from + i, record)),
        from + records.length,
      );
      if (this.tails.has(partition)) this.tellWarmed([partition]);
    });
    this.readers.set(partition, reader);
  }

  private tellWarmed(partitions: readonly number[]): void {
    const warm: number[] = [];
    for (const partition of partitions) {
      const reader = this.readers.get(partition);
      if (reader === undefined) continue;
      const tail = this.tails.get(partition);
      if (tail !== undefined && reader.position < tail) continue;
      if (tail !== undefined) this.sink.onRecords(partition, [], reader.position);
      this.tails.delete(partition);
      warm.push(partition);
    }
    // Told in a turn of its own: the caller may be in the middle of its own event.
    if (warm.length > 0) this.process.later(() => this.onWarmed(warm), 0);
  }
}

/** As the real adapters find it: by the times of the records. */
function windowStart(records: readonly SimRecord[], windowMs: number): WindowStart {
  const newestMs = records.at(-1)?.timestampMs;
  if (newestMs === undefined) return { from: 0, sinceMs: -Infinity, high: 0 };
  const sinceMs = newestMs - windowMs;
  return { from: offsetSince(records, sinceMs), sinceMs, high: records.length };
}

/** First offset whose record is not older; the end when there is none. */
function offsetSince(records: readonly SimRecord[], atMs: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle] as SimRecord).timestampMs < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The questions that a Messaging server asks Kafka out of turn. */
export function questions(
  kafka: SimKafka,
  process: Process,
  partitions: number,
): Pick<Bus, 'bounds' | 'offsetsSince' | 'windowStarts' | 'readRange'> {
  const ask = <T>(answer: () => T): Promise<T> =>
    new Promise((resolve) => {
      kafka.reach(() => {
        const answered = answer();
        kafka.kernel.after(kafka.weather.requestMs(), () => {
          process.deliver(() => resolve(answered));
        });
      });
    });
  const all = Array.from({ length: partitions }, (_, p) => p);
  return {
    bounds: (topic, of = all) =>
      ask(() =>
        of.map((partition) => {
          const high = kafka.log(topic, partition).records.length;
          return { partition, low: 0, high };
        }),
      ),
    offsetsSince: (topic, atMs, of = all) =>
      ask(() => new Map(of.map((p) => [p, offsetSince(kafka.log(topic, p).records, atMs)]))),
    windowStarts: (topic, windowMs, of) =>
      ask(() => new Map(of.map((p) => [p, windowStart(kafka.log(topic, p).records, windowMs)]))),
    readRange: (topic, partition, from, to, max) =>
      ask(() =>
        kafka
          .log(topic, partition)
          .records.slice(from, Math.min(to, from + max))
          .map((record, i) => inRecord(topic, partition, from + i, record)),
      ),
  };
}
