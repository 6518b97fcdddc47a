// What we ask of single brokers: who leads a partition, where its log begins and ends, its records.
// One request per call, no retries, no state. kafkajs offers the same over whole topics, but with
// work that grows with the square of the partitions; at 20 000 that would block the event loop for
// longer than a lease lives.

import type { Broker, Cluster } from 'kafkajs';
import { fetchMaxBytes, fetchPartitionMaxBytes } from '../../limits.js';
import type { InRecord } from '../../ports.js';
import type { Fetched } from '../cursors.js';

/** Partition → node id of its leader; partitions without a leader are missing. */
export type Leaders = ReadonlyMap<number, string>;

/** Asks the cluster again; throws UNKNOWN_TOPIC_OR_PARTITION for a topic that is not there (yet). */
export async function refreshLeaders(cluster: Cluster, topic: string): Promise<Leaders> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  return leadersIn(cluster, topic);
}

/** What the cluster said last; asks only when it said nothing about this topic yet. */
export async function knownLeaders(cluster: Cluster, topic: string): Promise<Leaders> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadataIfNecessary();
  return leadersIn(cluster, topic);
}

function leadersIn(cluster: Cluster, topic: string): Leaders {
  const leaders = new Map<number, string>();
  for (const { partitionId, leader } of cluster.findTopicPartitionMetadata(topic)) {
    if (leader >= 0) leaders.set(partitionId, String(leader));
  }
  return leaders;
}

export function groupByLeader(
  leaders: Leaders,
  partitions: Iterable<number>,
): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const partition of partitions) {
    const node = leaders.get(partition);
    if (node === undefined) continue;
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [partition]);
    else group.push(partition);
  }
  return groups;
}

/** What kafkajs 2.2.4 has at run time and leaves out of its types. */
interface OffsetBroker extends Broker {
  listOffsets(request: {
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{
    responses: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }>;
}

export const earliest = -2;
export const latest = -1;
const readUncommitted = 0;

/**
 * First offset at or after a time (`earliest` and `latest` are times, too), -1 when there is none.
 * Partitions without a leader make it throw: a missing answer must not look like an empty log.
 */
export async function listOffsets(
  cluster: Cluster,
  leaders: Leaders,
  topic: string,
  partitions: readonly number[],
  timestamp: number,
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const requests = [...groupByLeader(leaders, partitions)].map(async ([nodeId, group]) => {
    const broker = (await cluster.findBroker({ nodeId })) as OffsetBroker;
    const { responses } = await broker.listOffsets({
      isolationLevel: readUncommitted,
      topics: [{ topic, partitions: group.map((partition) => ({ partition, timestamp })) }],
    });
    for (const answer of responses) {
      for (const { partition, offset } of answer.partitions) found.set(partition, Number(offset));
    }
  });
  await Promise.all(requests);
  const missing = partitions.filter((partition) => !found.has(partition));
  if (missing.length > 0) throw new LeaderlessError(topic, missing);
  return found;
}

/** Thrown when partitions have no leader just now, or do not exist. */
export class LeaderlessError extends Error {
  constructor(topic: string, partitions: readonly number[]) {
    const some = partitions.slice(0, 5).join(', ');
    super(
      `${topic}: no leader for ${partitions.length} partitions (${some}${partitions.length > 5 ? ', …' : ''})`,
    );
    this.name = 'LeaderlessError';
  }
}

interface RawMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly isControlRecord?: boolean;
}
interface RawFetch {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly partition: number;
      readonly highWatermark: string;
      readonly messages: readonly RawMessage[];
    }[];
  }[];
}

/**
 * One fetch from one broker; partitions without new records are left out of the answer. A broker
 * sends whole batches, so records before the position are dropped here. Transaction markers are
 * passed over; records of transactions that other producers aborted are not told apart.
 */
export async function fetchFrom(
  cluster: Cluster,
  nodeId: string,
  topic: string,
  positions: readonly (readonly [partition: number, next: number])[],
  maxWaitMs: number,
): Promise<Fetched[]> {
  const broker = await cluster.findBroker({ nodeId });
  const answer = (await broker.fetch({
    isolationLevel: readUncommitted,
    maxWaitTime: maxWaitMs,
    minBytes: 1,
    maxBytes: fetchMaxBytes,
    topics: [
      {
        topic,
        partitions: positions.map(([partition, next]) => ({
          partition,
          fetchOffset: String(next),
          maxBytes: fetchPartitionMaxBytes,
        })),
      },
    ],
  })) as RawFetch;
  const asked = new Map(positions);
  const fetched: Fetched[] = [];
  for (const response of answer.responses) {
    for (const { partition, highWatermark, messages } of response.partitions) {
      const from = asked.get(partition);
      if (from === undefined || messages.length === 0) continue;
      const records: InRecord[] = [];
      let first = -1;
      let after = -1;
      for (const message of messages) {
        const offset = Number(message.offset);
        if (offset < from) continue;
        if (first < 0) first = offset;
        after = offset + 1;
        if (message.isControlRecord !== true)
          records.push(toRecord(topic, partition, offset, message));
      }
      if (first >= 0)
        fetched.push({ partition, end: Number(highWatermark), records, first, after });
    }
  }
  return fetched;
}

function toRecord(topic: string, partition: number, offset: number, raw: RawMessage): InRecord {
  return {
    topic,
    partition,
    offset,
    timestampMs: Number(raw.timestamp),
    key: raw.key === null ? null : raw.key.toString('utf8'),
    value: raw.value === null ? null : raw.value.toString('utf8'),
  };
}
