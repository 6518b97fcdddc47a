// Creates the topics that are missing, with all their partitions, and waits until they have
// leaders. Of a topic that is there it changes nothing but its compression (topic-compression.ts).

import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { BadInputError, UnreachableError } from '../../errors.js';
import { kafkaAdminRequestMs, partitionsPerCreateRequest, topicStallMs } from '../../limits.js';
import type { Bounds, TopicSpec } from '../../ports.js';
import { createClient, kafkaErrorNames, messageOf, type KafkaAddress } from './client.js';
import type { Link } from './link.js';
import { compressionType, storeUncompressed } from './topic-compression.js';

const pollEveryMs = 100;
const createAttemptsMax = 5;

/**
 * Brings every topic to its number of partitions. Throws BadInputError for one that has another
 * number (P never changes for a running service), UnreachableError when Kafka does not answer.
 * `bounds` tells whether a topic is still empty: only then a creation that was cut off half-way is
 * carried on.
 */
export async function ensureTopics(
  address: KafkaAddress,
  link: Link,
  topics: readonly TopicSpec[],
  bounds: (topic: string) => Promise<readonly Bounds[]>,
): Promise<void> {
  if (!(await areThere(link, topics))) await createMissing(address, topics, bounds);
  await storeUncompressed(
    link,
    address.log,
    topics.map(({ topic }) => topic),
  );
}

async function createMissing(
  address: KafkaAddress,
  topics: readonly TopicSpec[],
  bounds: (topic: string) => Promise<readonly Bounds[]>,
): Promise<void> {
  const client = createClient(address, kafkaAdminRequestMs);
  const admin = client.kafka.admin({
    retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const existing = await partitionCounts(admin);
    for (const spec of topics) {
      const found = existing.get(spec.topic) ?? 0;
      if (found === spec.partitions) continue;
      if (found > 0) await checkCutOff(spec, found, bounds);
      await create(admin, spec, found, Math.min(3, brokers.length));
    }
    const changed = topics.filter(({ topic, partitions }) => existing.get(topic) !== partitions);
    await ready(admin, changed, bounds);
  } catch (error) {
    if (error instanceof BadInputError || error instanceof UnreachableError) throw error;
    throw new UnreachableError(
      'Kafka',
      `Kafka at ${address.brokers.join(',')} did not create the topics (${messageOf(error)})`,
      error,
    );
  } finally {
    client.kill();
  }
}

/** All there and whole: what every start but the first finds. One question, about these topics only. */
function areThere(link: Link, topics: readonly TopicSpec[]): Promise<boolean> {
  return link.ask('topics', async (cluster) => {
    try {
      await cluster.addMultipleTargetTopics(topics.map(({ topic }) => topic));
    } catch (error) {
      if (kafkaErrorNames(error).includes('UNKNOWN_TOPIC_OR_PARTITION')) return false;
      throw error;
    }
    return topics.every(({ topic, partitions }) => {
      const found = cluster.findTopicPartitionMetadata(topic);
      return found.length === partitions && found.every(({ leader }) => leader >= 0);
    });
  });
}

async function partitionCounts(admin: Admin): Promise<Map<string, number>> {
  const { topics } = await admin.fetchTopicMetadata();
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}

/** A topic created in steps may have been left at a whole number of them, and empty. */
async function checkCutOff(
  spec: TopicSpec,
  found: number,
  bounds: (topic: string) => Promise<readonly Bounds[]>,
): Promise<void> {
  const cutOff = found < spec.partitions && found % partitionsPerCreateRequest === 0;
  if (cutOff && (await bounds(spec.topic)).every(({ high }) => high === 0)) return;
  throw new BadInputError(
    `topic ${spec.topic} has ${found} partitions, not ${spec.partitions}: the number of partitions of a running service never changes`,
    { field: spec.topic, found, allowed: `${spec.partitions} partitions` },
  );
}

async function create(
  admin: Admin,
  spec: TopicSpec,
  found: number,
  replicas: number,
): Promise<void> {
  let count = found;
  if (count === 0) {
    count = Math.min(spec.partitions, partitionsPerCreateRequest);
    await admin.createTopics({
      waitForLeaders: false,
      timeout: kafkaAdminRequestMs,
      topics: [
        {
          topic: spec.topic,
          numPartitions: count,
          replicationFactor: replicas,
          configEntries: [
            { name: 'cleanup.policy', value: 'delete' },
            compressionType,
            { name: 'retention.ms', value: String(spec.retentionMs) },
            { name: 'min.insync.replicas', value: String(Math.min(2, replicas)) },
            {
              name: 'message.timestamp.type',
              value: spec.timestamps === 'append' ? 'LogAppendTime' : 'CreateTime',
            },
          ],
        },
      ],
    });
  }
  while (count < spec.partitions) {
    count = Math.min(spec.partitions, count + partitionsPerCreateRequest);
    await addPartitions(admin, spec.topic, count);
  }
}

/** The topic that was just created may not be known everywhere yet. */
async function addPartitions(admin: Admin, topic: string, count: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await admin.createPartitions({
        timeout: kafkaAdminRequestMs,
        topicPartitions: [{ topic, count }],
      });
      return;
    } catch (error) {
      const unknown = kafkaErrorNames(error).includes('UNKNOWN_TOPIC_OR_PARTITION');
      if (!unknown || attempt >= createAttemptsMax) throw error;
      await sleep(pollEveryMs * attempt);
    }
  }
}

/**
 * Until each partition has a leader that has opened its log: metadata of a new topic is refused,
 * incomplete or ahead of the brokers for a moment, so the ends of the logs are asked for as well.
 */
async function ready(
  admin: Admin,
  topics: readonly TopicSpec[],
  bounds: (topic: string) => Promise<readonly Bounds[]>,
): Promise<void> {
  for (const spec of topics) {
    let progressAt = performance.now();
    let seen = '';
    for (;;) {
      const state = await leadersOf(admin, spec);
      const opened = state === 'led' ? await bounds(spec.topic).then(() => '', messageOf) : state;
      if (opened === '') break;
      if (state !== seen) progressAt = performance.now();
      seen = state;
      if (performance.now() - progressAt > topicStallMs) {
        throw new UnreachableError('Kafka', `topic ${spec.topic} did not become ready: ${opened}`);
      }
      await sleep(pollEveryMs);
    }
  }
}

/** 'led', or why not yet. */
async function leadersOf(admin: Admin, spec: TopicSpec): Promise<string> {
  let led: number;
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [spec.topic] });
    led = topics[0]?.partitions.filter(({ leader }) => leader >= 0).length ?? 0;
  } catch (error) {
    return messageOf(error);
  }
  if (led > spec.partitions) {
    throw new BadInputError(
      `topic ${spec.topic} was created by somebody else with ${led} partitions`,
      {
        field: spec.topic,
        found: led,
        allowed: `${spec.partitions} partitions`,
      },
    );
  }
  return led === spec.partitions ? 'led' : `${led} of ${spec.partitions} partitions have a leader`;
}
