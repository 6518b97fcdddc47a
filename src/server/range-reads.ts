// Reading Kafka out of turn: for clients that want what is no longer buffered, and for repeated
// sends that another instance may have written. Owns the bound on how much of that goes on at once;
// never touches what live delivery reads.

import {
  duplicatePreludeRecordsMax,
  duplicateWindowMs,
  rangeReadRecordsMax,
  rangeReadsAtOnceMax,
  rangeReadsWaitingMax,
} from '../limits.js';
import type { Bounds, Bus, InRecord } from '../ports.js';
import { UnreachableError } from '../errors.js';
import { createDuplicateIndex, type DuplicateIndex } from './duplicates.js';
import type { Delivery, ReadRecord } from './service.js';

export interface RangeReads {
  /** What is kept of a partition, as of now. */
  bounds(partition: number): Promise<Bounds>;
  /** First offset of a partition not older than `atMs`, a time of its own records. */
  offsetSince(partition: number, atMs: number): Promise<number | null>;
  /** First offset of the duplicate window that ends with the newest record. */
  windowStart(partition: number): Promise<number>;
  /** At most `rangeReadRecordsMax` records of [from, to). */
  read(partition: number, from: number, to: number): Promise<readonly InRecord[]>;
}

export function createRangeReads(
  bus: Pick<Bus, 'bounds' | 'offsetsSince' | 'windowStarts' | 'readRange'>,
  topic: string,
): RangeReads {
  const limited = limiter(rangeReadsAtOnceMax, rangeReadsWaitingMax);
  const boundsOf = gathered(async (partitions) => {
    const found = await bus.bounds(topic, partitions);
    return new Map(found.map((bounds) => [bounds.partition, bounds]));
  });
  const windowOf = gathered((partitions) => bus.windowStarts(topic, duplicateWindowMs, partitions));
  const none = (partition: number) =>
    new UnreachableError('kafka', `topic ${topic} has no partition ${partition}`);

  return {
    bounds: async (partition) => {
      const found = (await boundsOf(partition)).get(partition);
      if (found === undefined) throw none(partition);
      return found;
    },
    offsetSince: async (partition, atMs) => {
      const asked = limited(() => bus.offsetsSince(topic, atMs, [partition]));
      return (await asked).get(partition) ?? null;
    },
    windowStart: async (partition) => {
      const found = (await windowOf(partition)).get(partition);
      if (found === undefined) throw none(partition);
      return found.from;
    },
    read: (partition, from, to) =>
      limited(() => bus.readRange(topic, partition, from, to, rangeReadRecordsMax)),
  };
}

/** A late client's way through the log: chunk by chunk, duplicates dropped as live ones are. */
export interface LateReader {
  /** Messages of a part of [from, to), and where the next part begins. */
  chunk(
    from: number,
    to: number,
  ): Promise<{ readonly messages: readonly Delivery[]; readonly next: number }>;
}

export function createLateReader(
  reads: RangeReads,
  partition: number,
  read: ReadRecord,
): LateReader {
  let seen: DuplicateIndex | null = null;

  /** Notes what lies a duplicate window before the first record, or copies would look new. */
  const prelude = async (first: InRecord): Promise<DuplicateIndex> => {
    const index = createDuplicateIndex();
    const since = await reads.offsetSince(partition, first.timestampMs - duplicateWindowMs);
    let at = Math.max(since ?? first.offset, first.offset - duplicatePreludeRecordsMax);
    while (at < first.offset) {
      const records = await reads.read(partition, at, first.offset);
      for (const record of records) note(index, read(record), record.timestampMs);
      at = (records.at(-1)?.offset ?? first.offset) + 1;
    }
    return index;
  };

  return {
    chunk: async (from, to) => {
      const records = await reads.read(partition, from, to);
      const first = records[0];
      const last = records.at(-1);
      if (first === undefined || last === undefined) return { messages: [], next: to };
      const index = (seen ??= await prelude(first));
      const messages = records
        .map((record) => note(index, read(record), record.timestampMs))
        .filter((found) => found !== null);
      return { messages, next: last.offset + 1 };
    },
  };
}

/** What is to be delivered; null for a copy. */
function note(index: DuplicateIndex, found: Delivery | null, timestampMs: number): Delivery | null {
  if (found === null || found.key === null) return found;
  return index.note(found.key, found.offset, timestampMs) === null ? found : null;
}

/** One question at a time: whoever comes while one is under way is asked for in the next, together. */
function gathered<T>(
  ask: (partitions: readonly number[]) => Promise<T>,
): (partition: number) => Promise<T> {
  let waiting: { readonly partitions: Set<number>; readonly answer: Promise<T> } | null = null;
  let asked: Promise<unknown> = Promise.resolve();
  return (partition) => {
    if (waiting === null) {
      const partitions = new Set<number>();
      const answer = asked.then(() => {
        waiting = null;
        return ask([...partitions]);
      });
      asked = answer.catch(() => undefined);
      waiting = { partitions, answer };
    }
    waiting.partitions.add(partition);
    return waiting.answer;
  };
}

/** At most `atOnce` run, at most `waitingMax` wait in order; beyond that it throws. */
function limiter(atOnce: number, waitingMax: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (run) => {
    if (running >= atOnce) {
      if (waiting.length >= waitingMax) {
        throw new UnreachableError('kafka', `more than ${waitingMax} range reads are waiting`);
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await run();
    } finally {
      const following = waiting.shift();
      if (following === undefined) running -= 1;
      else following();
    }
  };
}
