// The Bus on Apache Kafka (client library: kafkajs). Composes readers, appenders and questions from
// src/adapters/kafka/; decides nothing. A bus ends everything that it opened.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from 'kafkajs';
import type { KafkaSecurity } from '../connections/kafka.js';
import { BadInputError } from '../errors.js';
import { aFunction, aListOf, aText, anObject, checkGiven, optional } from '../given.js';
import type { Appender, Bounds, Bus, Reader } from '../ports.js';
import { ClosedError } from './bus-errors.js';
import { openAppender } from './kafka/appender.js';
import {
  earliest,
  knownLeaders,
  latest,
  listOffsets,
  refreshLeaders,
  type Leaders,
} from './kafka/brokers.js';
import { kafkaErrorNames, type KafkaAddress, type Log } from './kafka/client.js';
import { createLink } from './kafka/link.js';
import { reach } from './kafka/reach.js';
import { createRangeReader } from './kafka/read-range.js';
import { openReader } from './kafka/reader.js';
import { createSendLeaders } from './kafka/send-leaders.js';
import { ensureTopics } from './kafka/topics.js';
import { createUnreadableNotes } from './kafka/unreadable.js';
import { windowStarts } from './kafka/window-starts.js';

export type { Log as KafkaLog } from './kafka/client.js';

export interface KafkaOptions {
  /** `host:port` each; use 127.0.0.1 rather than localhost. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Quiet by default. What kafkajs itself says arrives as `debug`. */
  readonly logger?: Log;
  /** TLS and login; neither by default. */
  readonly security?: KafkaSecurity | undefined;
  /** A callback of a reader threw. Default: thrown again where nobody catches it, so the process ends. */
  readonly onFault?: (error: unknown) => void;
}

/** A broker may learn of a new topic a moment after the one that created it. */
const unknownTopicRetriesMax = 3;
const unknownTopicRetryMs = 200;

/**
 * Connects and asks the cluster who it is; within some 10 s throws BadInputError (an address that is
 * none) or UnreachableError, one sentence that names KAFKA_BROKERS and says what to do.
 */
export async function connectKafka(options: KafkaOptions): Promise<Bus> {
  checkGiven('connectKafka', options, {
    ...{ brokers: aListOf(aText), clientId: aText, security: optional(anObject) },
    ...{ logger: optional(aFunction), onFault: optional(aFunction) },
  });
  const log: Log = options.logger ?? (() => undefined);
  const address: KafkaAddress = {
    brokers: options.brokers,
    clientId: options.clientId,
    security: options.security,
    log,
    onUnreadable: createUnreadableNotes(log),
  };
  await reach(address);
  const onFault =
    options.onFault ??
    ((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
  const link = createLink(address);
  const ranges = createRangeReader(link, address.onUnreadable);
  const open = new Set<Appender | Reader>();
  const leaders = createSendLeaders(link);
  let closed = false;

  /**
   * Who leads, and the partitions meant. Which ones there are is asked each time; whoever names them
   * is content with what is known, because a wrong leader ends the link, and the next one asks.
   */
  async function led(cluster: Cluster, topic: string, of: readonly number[] | undefined) {
    const leaders = await (of === undefined ? existingLeaders : knownLeaders)(cluster, topic);
    return { leaders, partitions: of ?? allPartitions(cluster, topic) };
  }

  async function offsets(
    topic: string,
    timestamp: number,
    of: readonly number[] | undefined,
    what: string,
  ): Promise<Map<number, number>> {
    return link.ask(what, async (cluster) => {
      const { leaders, partitions } = await led(cluster, topic, of);
      return listOffsets(cluster, leaders, topic, partitions, timestamp);
    });
  }

  async function bounds(topic: string, of?: readonly number[]): Promise<readonly Bounds[]> {
    return link.ask(`bounds of ${topic}`, async (cluster) => {
      const { leaders, partitions } = await led(cluster, topic, of);
      // The end first: what is trimmed in between must not make a log look shorter than empty.
      const high = await listOffsets(cluster, leaders, topic, partitions, latest);
      const low = await listOffsets(cluster, leaders, topic, partitions, earliest);
      return partitions.map((partition) => {
        const lowest = low.get(partition) ?? 0;
        return { partition, low: lowest, high: Math.max(lowest, high.get(partition) ?? 0) };
      });
    });
  }

  function track<T extends Appender | Reader>(opened: T): T {
    if (closed) {
      void opened.close();
      throw new ClosedError('the bus');
    }
    open.add(opened);
    const close = opened.close.bind(opened);
    opened.close = () => {
      open.delete(opened);
      return close();
    };
    return opened;
  }

  return {
    ensureTopics: (topics) => ensureTopics(address, link, topics, (topic) => bounds(topic)),
    appender: async (name) => track(await openAppender(address, name, leaders)),
    open: async (spec) => track(await openReader(address, spec, onFault)),
    bounds,
    partitionCount: (topic) =>
      link.ask(`partitions of ${topic}`, async (cluster) => {
        try {
          await refreshLeaders(cluster, topic);
          return allPartitions(cluster, topic).length;
        } catch (error) {
          if (kafkaErrorNames(error).includes('UNKNOWN_TOPIC_OR_PARTITION')) return 0;
          throw error;
        }
      }),
    async offsetsSince(topic, atMs, of) {
      const ends = await offsets(topic, latest, of, `end of ${topic}`);
      const sinceMs = Math.max(0, Math.floor(atMs));
      const found = await offsets(topic, sinceMs, of, `offsets of ${topic} by time`);
      return new Map(
        [...found].map(([p, offset]) => [p, offset >= 0 ? offset : (ends.get(p) ?? 0)]),
      );
    },
    windowStarts: (topic, windowMs, of) =>
      link.ask(`the window of ${topic}`, async (cluster) => {
        const { leaders, partitions } = await led(cluster, topic, of);
        return windowStarts(cluster, leaders, topic, partitions, windowMs);
      }),
    readRange: (topic, partition, from, to, max) => ranges.read(topic, partition, from, to, max),
    async close() {
      closed = true;
      await Promise.all([...open].map((opened) => opened.close()));
      link.close();
    },
  };
}

/** Asks who leads; a topic that is still unknown after a moment does not exist. */
async function existingLeaders(cluster: Cluster, topic: string): Promise<Leaders> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await refreshLeaders(cluster, topic);
    } catch (error) {
      if (!kafkaErrorNames(error).includes('UNKNOWN_TOPIC_OR_PARTITION')) throw error;
      if (attempt >= unknownTopicRetriesMax) {
        throw new BadInputError(`no topic ${topic}`, {
          field: 'topic',
          found: topic,
          cause: error,
        });
      }
      await sleep(unknownTopicRetryMs);
    }
  }
}

function allPartitions(cluster: Cluster, topic: string): number[] {
  return cluster
    .findTopicPartitionMetadata(topic)
    .map(({ partitionId }) => partitionId)
    .sort((a, b) => a - b);
}
