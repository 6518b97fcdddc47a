// The Bus on Apache Kafka (client library: kafkajs). Composes readers, appenders and questions from
// src/adapters/kafka/; decides nothing. A bus ends everything that it opened.

import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from 'kafkajs';
import { UnreachableError, BadInputError } from '../errors.js';
import { connectTimeoutMs, reachWithinMs } from '../limits.js';
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
import {
  connectCluster,
  createClient,
  kafkaErrorNames,
  messageOf,
  type KafkaAddress,
  type KafkaClient,
  type KafkaSecurity,
  type Log,
} from './kafka/client.js';
import { createLink, within } from './kafka/link.js';
import { createRangeReader } from './kafka/read-range.js';
import { openReader } from './kafka/reader.js';
import { createSendLeaders } from './kafka/send-leaders.js';
import { ensureTopics } from './kafka/topics.js';
import { createUnreadableNotes } from './kafka/unreadable.js';
import { windowStarts } from './kafka/window-starts.js';

export type { KafkaSecurity, Log as KafkaLog } from './kafka/client.js';

export interface KafkaOptions {
  /** `host:port` each; use 127.0.0.1 rather than localhost. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Quiet by default. What kafkajs itself says arrives as `debug`. */
  readonly logger?: Log;
  readonly security?: KafkaSecurity;
  /** A callback of a reader threw. Default: thrown again where nobody catches it, so the process ends. */
  readonly onFault?: (error: unknown) => void;
}

const addressPattern = /^[^\s:/@]+:(\d{1,5})$/;
const portMax = 65_535;
/** A broker that has just started may not know its cluster yet. */
const reachRetriesMax = 3;
const reachRetryMs = 300;
/** A broker may learn of a new topic a moment after the one that created it. */
const unknownTopicRetriesMax = 3;
const unknownTopicRetryMs = 200;

/**
 * Connects and asks the cluster who it is; within some 10 s throws BadInputError (an address that is
 * none) or UnreachableError, one sentence that names KAFKA_BROKERS and says what to do.
 */
export async function connectKafka(options: KafkaOptions): Promise<Bus> {
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

function isAddress(broker: string): boolean {
  const port = Number(addressPattern.exec(broker)?.[1] ?? 0);
  return port >= 1 && port <= portMax;
}

/** Throws unless a Kafka cluster answers at the address. */
async function reach(address: KafkaAddress): Promise<void> {
  const { brokers } = address;
  const listed = brokers.join(',');
  const wrong = brokers.find((broker) => !isAddress(broker));
  if (brokers.length === 0 || wrong !== undefined) {
    throw new BadInputError(
      `KAFKA_BROKERS: "${wrong ?? ''}" is not an address; use host:port,host:port with ports 1 to ${portMax}`,
      {
        field: 'KAFKA_BROKERS',
        found: wrong ?? '',
        allowed: `host:port,host:port with ports 1 to ${portMax}`,
      },
    );
  }
  const answers = await Promise.all(brokers.map(accepts));
  if (answers.every((error) => error !== undefined)) {
    throw new UnreachableError(
      'Kafka',
      `KAFKA_BROKERS: nothing answers at ${listed} (${answers[0]?.message ?? ''}); start Kafka there or correct the variable`,
      answers[0],
    );
  }
  const client = createClient(address, reachWithinMs);
  try {
    const asked = askWhoTheyAre(client);
    await within(asked, reachWithinMs, () => new Error(`no answer within ${reachWithinMs} ms`));
  } catch (error) {
    throw new UnreachableError(
      'Kafka',
      `KAFKA_BROKERS: something listens at ${listed} but does not answer as Kafka does (${messageOf(error)}); check that the variable names Kafka's own port, that its advertised addresses can be reached from here, and whether it wants TLS or a password`,
      error,
    );
  } finally {
    client.kill();
  }
}

/** Until a broker says who they are, and the controller answers where they say that it is. */
async function askWhoTheyAre(client: KafkaClient): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const cluster = await connectCluster(client);
      await cluster.refreshMetadata();
      await cluster.findControllerBroker();
      return;
    } catch (error) {
      if (attempt >= reachRetriesMax) throw error;
      await sleep(reachRetryMs);
    }
  }
}

/** Undefined when a TCP connection comes up. */
function accepts(broker: string): Promise<Error | undefined> {
  const split = broker.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = net.connect({
      host: broker.slice(0, split),
      port: Number(broker.slice(split + 1)),
    });
    const done = (error?: Error) => {
      socket.destroy();
      resolve(error);
    };
    socket.setTimeout(connectTimeoutMs, () => done(new Error('timed out')));
    socket.once('connect', () => done());
    socket.once('error', done);
  });
}
