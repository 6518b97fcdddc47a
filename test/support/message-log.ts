// One topic of messages in memory, as far as a Messaging server uses a Bus: appends, bounds and range
// reads, counted, and each of them to be held up or made to fail. Live delivery is by hand.

import type { Bus, InRecord, OutRecord } from '../../src/ports.js';

export interface MessageLog extends Bus {
  /** Everything in a partition. */
  records(partition: number): readonly InRecord[];
  /** Appends as another instance would. */
  put(record: OutRecord, timestampMs?: number): InRecord;
  /** Removes everything below an offset, as retention does. */
  trim(partition: number, low: number): void;
  /** How often each was asked. */
  readonly asked: { bounds: number; offsetsSince: number; readRange: number; append: number };
  /** Awaited before an append is written. */
  beforeAppend: () => Promise<void>;
}

export function createMessageLog(partitions: number, nowMs = () => Date.now()): MessageLog {
  const logs = Array.from({ length: partitions }, () => [] as InRecord[]);
  const lows = new Map<number, number>();
  const of = (partition: number) => logs[partition] ?? [];
  const notUsed = () => Promise.reject(new Error('a Messaging server does not do this'));

  const log: MessageLog = {
    asked: { bounds: 0, offsetsSince: 0, readRange: 0, append: 0 },
    beforeAppend: () => Promise.resolve(),
    records: of,
    put: (record, timestampMs = nowMs()) => {
      const records = of(record.partition);
      const written: InRecord = {
        topic: record.topic,
        partition: record.partition,
        offset: records.length,
        timestampMs,
        key: record.key ?? null,
        value: record.value,
      };
      records.push(written);
      return written;
    },
    trim: (partition, low) => void lows.set(partition, low),
    appender: async () => ({
      append: async (records) => {
        log.asked.append += 1;
        await log.beforeAppend();
        return records.map((record) => log.put(record).offset);
      },
      close: async () => undefined,
    }),
    bounds: async (_topic, partitionsAsked = [...logs.keys()]) => {
      log.asked.bounds += 1;
      return partitionsAsked.map((partition) => ({
        partition,
        low: lows.get(partition) ?? 0,
        high: of(partition).length,
      }));
    },
    offsetsSince: async (_topic, atMs, partitionsAsked = [...logs.keys()]) => {
      log.asked.offsetsSince += 1;
      return new Map(
        partitionsAsked.map((partition) => {
          const first = of(partition).find((record) => record.timestampMs >= atMs);
          return [partition, first?.offset ?? of(partition).length];
        }),
      );
    },
    windowStarts: async (_topic, windowMs, partitionsAsked) => {
      log.asked.offsetsSince += 1;
      return new Map(
        partitionsAsked.map((partition) => {
          const low = lows.get(partition) ?? 0;
          const kept = of(partition).slice(low);
          const sinceMs = (kept.at(-1)?.timestampMs ?? -Infinity) - windowMs;
          const first = kept.find(({ timestampMs }) => timestampMs >= sinceMs);
          const high = of(partition).length;
          return [partition, { from: first?.offset ?? low, sinceMs, high }];
        }),
      );
    },
    readRange: async (_topic, partition, from, to, max) => {
      log.asked.readRange += 1;
      return of(partition)
        .slice(Math.max(from, lows.get(partition) ?? 0), to)
        .slice(0, max);
    },
    partitionCount: notUsed,
    ensureTopics: notUsed,
    open: notUsed,
    close: async () => undefined,
  };
  return log;
}
