// Delivery: the records of warm and held partitions on one side, the welcomed clients on the other.
// Owns, per client, the next offset that it gets: each once, in order, whether it comes live, from
// the buffer or from Kafka. Never decides who is welcome; asks before every frame whether it may
// speak.
//
//   subscribe ─► catching up ─(buffer reaches `next`)─► live ─(may not speak)─► stalled ─resume─► catching up
//                  └ older than the buffer: chunks from Kafka, then the buffer

import type { PartitionSink } from '../instance/api.js';
import { catchUpBufferBytes } from '../limits.js';
import type { OnSkipped } from '../logs/skipped.js';
import type { InRecord } from '../ports.js';
import { createPartitionBuffer, type PartitionBuffer } from './partition-buffer.js';
import { createLateReader, type LateReader, type RangeReads } from './range-reads.js';
import type { Delivery, Service } from './service.js';

/** A welcomed client, as delivery sees it. */
export interface Receiver {
  readonly partition: number;
  readonly user: string;
  /** Connected, and the instance may speak for the partition at this very moment. */
  mayWrite(): boolean;
  write(frame: string): void;
  /** Bytes that wait in its socket. */
  waitingBytes(): number;
  /** Resolves when the socket took what waits, or is gone. */
  drained(): Promise<void>;
  /** It was owed a frame that may not be written now; `resume` must follow when it may. */
  stalled(): void;
  /** What it wants cannot be read. */
  failed(error: unknown): void;
}

export interface Subscription {
  /** Every offset below was delivered or was not for this client. */
  next(): number;
  /** Goes on after `stalled`. */
  resume(): void;
  end(): void;
}

/** Where delivery to a client begins. */
export interface Place {
  readonly next: number;
  /** What it wanted is no longer kept, or lies beyond the end of the log. */
  readonly truncated: boolean;
}

export interface PartitionFeeds {
  readonly sink: PartitionSink;
  /** At once for what is buffered, which is what a move needs; else after asking Kafka. */
  locate(partition: number, wanted: number | null): Place | Promise<Place>;
  /** Begins to deliver from `next`; the buffered part is written before this returns. */
  subscribe(receiver: Receiver, next: number): Subscription;
  /** Offset to tell a client that was never located; null when unknown. */
  end(partition: number): number | null;
  /** Offset of the first copy of a send, if this instance reads that partition: `undefined` if not. */
  firstCopy(partition: number, key: string): number | null | undefined;
}

interface Feed {
  readonly buffer: PartitionBuffer;
  readonly byUser: Map<string, Set<Subscriber>>;
  /** The library delivers its records: the buffer knows the whole window. */
  read: boolean;
}

interface Subscriber {
  readonly receiver: Receiver;
  readonly feed: Feed;
  /** Next offset while not live; while live nothing below it is delivered. */
  floor: number;
  live: boolean;
  running: boolean;
  ended: boolean;
  late: LateReader | null;
}

export function createPartitionFeeds(deps: {
  readonly reads: RangeReads;
  readonly service: Pick<Service, 'read' | 'onRecord' | 'onForget'>;
  readonly onDelivered?: () => void;
  readonly onSkipped?: OnSkipped;
}): PartitionFeeds {
  const { service } = deps;
  const feeds = new Map<number, Feed>();
  const skipped = ({ partition, offset, value }: InRecord): void => {
    const reason = value?.startsWith('{') === true ? 'malformed' : 'not-an-object';
    deps.onSkipped?.({ log: 'messages', reason, partition, offset });
  };

  const feedOf = (partition: number): Feed => {
    let feed = feeds.get(partition);
    if (feed === undefined) {
      feed = {
        buffer: createPartitionBuffer(service.read, skipped),
        byUser: new Map(),
        read: false,
      };
      feeds.set(partition, feed);
    }
    return feed;
  };

  /** Writes one message, or stalls the subscriber at it. */
  const offer = (subscriber: Subscriber, message: Delivery): boolean => {
    if (!subscriber.receiver.mayWrite()) {
      subscriber.live = false;
      subscriber.floor = message.offset;
      subscriber.receiver.stalled();
      return false;
    }
    subscriber.receiver.write(message.frame);
    subscriber.floor = message.offset + 1;
    deps.onDelivered?.();
    return true;
  };

  /** Writes what is the user's from `floor` on, as far as it may and the socket takes it. */
  const writeSome = (subscriber: Subscriber, messages: readonly Delivery[]) => {
    const { receiver } = subscriber;
    for (const message of messages) {
      if (message.offset < subscriber.floor || message.to !== receiver.user) continue;
      if (receiver.waitingBytes() > catchUpBufferBytes) return 'full';
      if (!offer(subscriber, message)) return 'stalled';
    }
    return 'done';
  };

  const lateReaderOf = (subscriber: Subscriber): LateReader => {
    const { partition } = subscriber.receiver;
    return (subscriber.late ??= createLateReader(deps.reads, partition, service.read));
  };

  /** Does not pause before `live` when the buffer has everything and the socket takes it. */
  const catchUp = async (subscriber: Subscriber): Promise<void> => {
    if (subscriber.running || subscriber.live || subscriber.ended) return;
    subscriber.running = true;
    const { feed, receiver } = subscriber;
    try {
      while (!subscriber.ended) {
        const start = feed.buffer.start();
        let paused = start !== null && subscriber.floor < start;
        const part =
          start !== null && subscriber.floor < start
            ? await lateReaderOf(subscriber).chunk(subscriber.floor, start)
            : {
                messages: feed.buffer.from(subscriber.floor),
                next: feed.buffer.next() ?? subscriber.floor,
              };
        for (;;) {
          if (isEnded(subscriber)) return;
          const outcome = writeSome(subscriber, part.messages);
          if (outcome === 'stalled') return;
          if (outcome === 'done') break;
          paused = true;
          await receiver.drained();
        }
        subscriber.floor = Math.max(subscriber.floor, part.next);
        if (paused) continue; // the buffer moved on meanwhile
        subscriber.live = true;
        subscriber.late = null;
        return;
      }
    } catch (error) {
      if (!isEnded(subscriber)) receiver.failed(error);
    } finally {
      subscriber.running = false;
    }
  };

  const sink: PartitionSink = {
    onBegin: (partition, sinceMs) => feedOf(partition).buffer.begin(sinceMs),
    onRecords: (partition, records, end) => {
      const feed = feedOf(partition);
      feed.read = true;
      // Nothing in the window: the partition stands at its end.
      if (records.length === 0) feed.buffer.place(end);
      if (service.onRecord !== undefined) for (const record of records) service.onRecord(record);
      for (const message of feed.buffer.ingest(records)) {
        const subscribers = feed.byUser.get(message.to);
        if (subscribers === undefined) continue;
        for (const subscriber of subscribers) {
          if (subscriber.live && message.offset >= subscriber.floor) offer(subscriber, message);
        }
      }
    },
    onJump: (partition, _expected, found) => feedOf(partition).buffer.jump(found),
    onForget: (partition) => {
      const feed = feeds.get(partition);
      feeds.delete(partition);
      service.onForget?.(partition);
      for (const subscribers of feed?.byUser.values() ?? []) {
        for (const subscriber of subscribers) subscriber.ended = true;
      }
    },
  };

  const locateSlowly = async (partition: number, wanted: number | null): Promise<Place> => {
    let { low, high } = await deps.reads.bounds(partition);
    if (wanted !== null && wanted > high) {
      // The answer may be to a question older than what the client saw last: only a second counts.
      ({ low, high } = await deps.reads.bounds(partition));
    }
    const { buffer } = feedOf(partition);
    buffer.place(high);
    if (wanted === null) return { next: buffer.next() ?? high, truncated: false };
    // Beyond the end nothing would ever reach it: the log is not the one that it knew.
    if (wanted > high) return { next: high, truncated: true };
    return { next: Math.max(wanted, low), truncated: wanted < low };
  };

  return {
    sink,
    locate: (partition, wanted) => {
      const { buffer } = feedOf(partition);
      const start = buffer.start();
      const next = buffer.next();
      if (start === null || next === null) return locateSlowly(partition, wanted);
      if (wanted === null) return { next, truncated: false };
      // Above `next` either this instance lags behind what the client saw, or there is no such offset.
      return wanted >= start && wanted <= next
        ? { next: wanted, truncated: false }
        : locateSlowly(partition, wanted);
    },
    subscribe: (receiver, next) => {
      const feed = feedOf(receiver.partition);
      const subscriber: Subscriber = {
        receiver,
        feed,
        floor: next,
        live: false,
        running: false,
        ended: false,
        late: null,
      };
      const subscribers = feed.byUser.get(receiver.user) ?? new Set();
      subscribers.add(subscriber);
      feed.byUser.set(receiver.user, subscribers);
      void catchUp(subscriber);
      return {
        next: () =>
          subscriber.live ? Math.max(subscriber.floor, feed.buffer.next() ?? 0) : subscriber.floor,
        resume: () => void catchUp(subscriber),
        end: () => {
          subscriber.ended = true;
          subscribers.delete(subscriber);
          if (subscribers.size === 0 && feed.byUser.get(receiver.user) === subscribers) {
            feed.byUser.delete(receiver.user);
          }
        },
      };
    },
    end: (partition) => feeds.get(partition)?.buffer.next() ?? null,
    firstCopy: (partition, key) => {
      const feed = feeds.get(partition);
      return feed?.read === true ? feed.buffer.firstCopy(key) : undefined;
    },
  };
}

/** Asked after every pause: the compiler cannot see that it changes meanwhile. */
function isEnded(subscriber: Subscriber): boolean {
  return subscriber.ended;
}
