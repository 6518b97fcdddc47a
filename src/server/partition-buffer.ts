// The latest records of one partition, as they are delivered: bounded, duplicates dropped, so that a client that comes
// back is served without asking Kafka. Owns what is kept and from which offset on nothing is
// missing; never delivers.

import {
  bufferedBytesPerPartitionMax,
  bufferedRecordsPerPartition,
  sendGiveUpMs,
} from '../limits.js';
import type { InRecord } from '../ports.js';
import { createDuplicateIndex } from './duplicates.js';
import type { Delivery, ReadRecord } from './service.js';

export interface PartitionBuffer {
  /** Every message from here to `next` is kept; null while nothing is known of the partition. */
  start(): number | null;
  /** Offset that the next record will have; null while nothing is known. */
  next(): number | null;
  /** What `ingest` gets is all that the log has since then, by the records' times. */
  begin(sinceMs: number): void;
  /** Takes records in, drops what is a copy, and returns what is new to deliver. */
  ingest(records: readonly InRecord[]): readonly Delivery[];
  /** An idle partition ends here: no record of the window was there to tell. */
  place(high: number): void;
  /** The next record has offset `found`. */
  jump(found: number): void;
  /** Kept messages from an offset on. */
  from(offset: number): readonly Delivery[];
  /** Offset of the first copy of a record within the window, by the service's key. */
  firstCopy(key: string): number | null;
}

/** `onSkipped`: a record that is none of the service's, of somebody else or too large for a frame. */
export function createPartitionBuffer(
  read: ReadRecord,
  onSkipped?: (record: InRecord) => void,
): PartitionBuffer {
  const seen = createDuplicateIndex();
  let messages: Delivery[] = [];
  let bytes = 0;
  let start: number | null = null;
  let next: number | null = null;
  /** `place` said so, no record did. */
  let guessed = false;
  /** Older records are not buffered: a first copy of theirs may lie before what was read. */
  let completeFromMs: number | null = null;

  const drop = (count: number): void => {
    for (const message of messages.splice(0, count)) {
      bytes -= message.frame.length;
      start = message.offset + 1;
    }
  };

  return {
    start: () => start,
    next: () => next,
    begin: (sinceMs) => {
      completeFromMs = sinceMs + sendGiveUpMs;
    },
    ingest: (records) => {
      const fresh: Delivery[] = [];
      for (const record of records) {
        const { offset, timestampMs } = record;
        if (next !== null && offset < next && !guessed) continue;
        // A copy comes at most `sendGiveUpMs` after its first, which must have been read for sure.
        if (offset === 0) completeFromMs = -Infinity;
        completeFromMs ??= timestampMs + sendGiveUpMs;
        if (start === null || guessed) start = offset;
        guessed = false;
        next = offset + 1;
        const message = read(record);
        if (message === null) onSkipped?.(record);
        const key = message?.key ?? null;
        const isCopy = key !== null && seen.note(key, offset, timestampMs) !== null;
        if (message !== null && !isCopy) fresh.push(message);
        if (timestampMs < completeFromMs) {
          messages = [];
          bytes = 0;
          start = next;
        } else if (message !== null && !isCopy) {
          messages.push(message);
          bytes += message.frame.length;
          if (messages.length > bufferedRecordsPerPartition) drop(1);
          while (bytes > bufferedBytesPerPartitionMax && messages.length > 1) drop(1);
        }
      }
      return fresh;
    },
    place: (high) => {
      if (next !== null) return;
      start = high;
      next = high;
      guessed = true;
    },
    jump: (found) => {
      if (next !== null && found < next) {
        // The log was cut: what lay beyond does not exist any more.
        messages = messages.filter((message) => message.offset < found);
        start = Math.min(start ?? found, found);
      }
      start ??= found;
      next = found;
      guessed = false;
    },
    from: (offset) => {
      const last = messages.at(-1);
      if (last === undefined || last.offset < offset) return [];
      return messages.slice(lowerBound(messages, offset));
    },
    firstCopy: (key) => seen.find(key),
  };
}

function lowerBound(messages: readonly Delivery[], offset: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle] as Delivery).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
