// What we ask of single brokers: who leads a partition, where its log begins and ends, its records.
// One request per call, no retries, no state. kafkajs offers the same over whole topics, but with
// work that grows with the square of the partitions; at 20 000 that would block the event loop for
// longer than a lease lives.

import type { Broker, Cluster } from 'kafkajs';
import type { InRecord } from '../../ports.js';
import type { Fetched } from '../cursors.js';
import { fetchBytes } from './fetch-request.js';
import { readBatches, type RawRecord } from './record-batches.js';

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
  timestamp: number | ((partition: number) => number),
): Promise<Map<number, number>> {
  if (partitions.length === 0) return new Map();
  const timeOf = typeof timestamp === 'number' ? () => timestamp : timestamp;
  const found = new Map<number, number>();
  const requests = [...groupByLeader(leaders, partitions)].map(async ([nodeId, group]) => {
    const broker = (await cluster.findBroker({ nodeId })) as OffsetBroker;
    const { responses } = await broker.listOffsets({
      isolationLevel: readUncommitted,
      topics: [
        {
          topic,
          partitions: group.map((partition) => ({ partition, timestamp: timeOf(partition) })),
        },
      ],
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

/** A batch that cannot be read was passed over. */
export type OnUnreadable = (topic: string, partition: number, offset: number, why: string) => void;

/**
 * One fetch from one broker; partitions without new records are left out of the answer. A broker
 * sends whole batches, so records before the position are dropped here. Transaction markers are
 * passed over; records of transactions that other producers aborted are not told apart. Records of a
 * batch that cannot be read (an unknown compression, a wrong checksum) come without value.
 */
export async function fetchFrom(
  cluster: Cluster,
  nodeId: string,
  topic: string,
  positions: readonly (readonly [partition: number, next: number])[],
  maxWaitMs: number,
  onUnreadable: OnUnreadable,
): Promise<Fetched[]> {
  const broker = await cluster.findBroker({ nodeId });
  const asked = new Map(positions);
  const fetched: Fetched[] = [];
  for (const part of await fetchBytes(broker, topic, positions, maxWaitMs)) {
    const { partition, highWatermark, bytes } = part;
    const from = asked.get(partition);
    if (from === undefined || bytes.length === 0) continue;
    const batches = await readBatches(bytes);
    for (const { offset, why } of batches.unreadable) onUnreadable(topic, partition, offset, why);
    // A damaged batch must not claim to reach beyond the end of the log.
    const after = Math.min(batches.after, Math.max(highWatermark, from + 1));
    if (batches.after <= from) continue;
    const records = batches.records
      .filter(({ offset }) => offset >= from && offset < after)
      .map((record) => toRecord(topic, partition, record));
    const first = Math.max(from, batches.first);
    fetched.push({ partition, end: highWatermark, records, first, after });
  }
  return fetched;
}

function toRecord(topic: string, partition: number, raw: RawRecord): InRecord {
  return {
    topic,
    partition,
    offset: raw.offset,
    timestampMs: raw.timestampMs,
    key: raw.key === null ? null : raw.key.toString('utf8'),
    value: raw.value === null ? null : raw.value.toString('utf8'),
  };
}
