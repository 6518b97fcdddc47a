// Finds a send that another instance wrote before its client moved here: in the buffer of the
// recipient's partition when this instance reads it, else in Kafka, through an index of the recent
// ids of that partition. Bounded, cached; when it cannot tell, it says "not found", and the copy that
// is then written is dropped by whoever delivers.

import { findSendWithinMs, sendIndexPartitionsMax } from '../limits.js';
import type { Clock, Later } from '../ports.js';
import { createDuplicateIndex, type DuplicateIndex } from '../server/duplicates.js';
import type { PartitionFeeds } from '../server/partition-feed.js';
import { readMessage } from './records.js';
import type { RangeReads } from '../server/range-reads.js';

export interface SendFinder {
  /**
   * Offset of the first copy in a partition, by `copyKey`, or null. `writtenBeforeMs` (monotonic): the copy was
   * written before this, so an index read later knows it.
   */
  find(partition: number, key: string, writtenBeforeMs: number): Promise<number | null>;
}

interface PartitionIndex {
  readonly seen: DuplicateIndex;
  /** Next offset to read; null before the first reading. */
  readTo: number | null;
  /** Monotonic time at which the last reading began. */
  readAtMs: number;
  reading: Promise<void> | null;
}

export function createSendFinder(deps: {
  readonly feeds: Pick<PartitionFeeds, 'firstCopy'>;
  readonly reads: RangeReads;
  readonly clock: Clock;
  readonly later: Later;
}): SendFinder {
  const { feeds, reads, clock, later } = deps;
  const indexes = new Map<number, PartitionIndex>();

  const indexOf = (partition: number): PartitionIndex => {
    const index: PartitionIndex = indexes.get(partition) ?? {
      seen: createDuplicateIndex(),
      readTo: null,
      readAtMs: -Infinity,
      reading: null,
    };
    indexes.delete(partition); // keeps the order of use
    indexes.set(partition, index);
    for (const oldest of indexes.keys()) {
      if (indexes.size <= sendIndexPartitionsMax) break;
      indexes.delete(oldest);
    }
    return index;
  };

  const readOn = async (partition: number, index: PartitionIndex): Promise<void> => {
    const beganMs = clock.monotonicMs();
    const { high } = await reads.bounds(partition);
    let at = index.readTo ?? (await reads.windowStart(partition));
    while (at < high) {
      const records = await reads.read(partition, at, high);
      for (const record of records) {
        const message = readMessage(record);
        if (message !== null) index.seen.note(message.key, record.offset, record.timestampMs);
      }
      at = (records.at(-1)?.offset ?? high) + 1;
      if (records.length === 0) at = high;
    }
    index.readTo = Math.max(at, index.readTo ?? 0);
    index.readAtMs = beganMs;
  };

  const search = async (
    partition: number,
    key: string,
    writtenBeforeMs: number,
  ): Promise<number | null> => {
    const index = indexOf(partition);
    // At most two readings: one may have begun too early.
    for (let readings = 0; readings < 2 && index.readAtMs < writtenBeforeMs; readings += 1) {
      index.reading ??= readOn(partition, index).finally(() => {
        index.reading = null;
      });
      await index.reading;
    }
    return index.seen.find(key);
  };

  return {
    find: async (partition, key, writtenBeforeMs) => {
      const buffered = feeds.firstCopy(partition, key);
      if (buffered !== undefined) return buffered;
      return within(search(partition, key, writtenBeforeMs), findSendWithinMs, later);
    },
  };
}

/** Null when it takes too long or fails. */
function within(search: Promise<number | null>, ms: number, later: Later): Promise<number | null> {
  return new Promise((resolve) => {
    const cancel = later(() => resolve(null), ms);
    const done = (found: number | null) => {
      cancel();
      resolve(found);
    };
    search.then(done, () => done(null));
  });
}
