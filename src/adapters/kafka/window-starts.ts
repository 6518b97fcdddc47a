// Where the duplicate window of partitions begins, by the times that the brokers gave the records: the
// time of the newest record, and the first offset that is not older than a window before it. Never asks
// what time it is here.

import type { Cluster } from 'kafkajs';
import type { WindowStart } from '../../ports.js';
import { earliest, groupByLeader, latest, listOffsets, type Leaders } from './brokers.js';
import { fetchBytes } from './fetch-request.js';
import { readBatches } from './record-batches.js';

export async function windowStarts(
  cluster: Cluster,
  leaders: Leaders,
  topic: string,
  partitions: readonly number[],
  windowMs: number,
): Promise<ReadonlyMap<number, WindowStart>> {
  const ends = await listOffsets(cluster, leaders, topic, partitions, latest);
  const lows = await listOffsets(cluster, leaders, topic, partitions, earliest);
  const bounds = partitions.map((partition) => {
    const low = lows.get(partition) ?? 0;
    return { partition, low, high: Math.max(low, ends.get(partition) ?? 0) };
  });
  const filled = bounds.filter(({ low, high }) => high > low);
  const newest = await newestTimes(cluster, leaders, topic, filled);
  const timed = [...newest.keys()];
  const sinceMs = (partition: number) => Math.max(0, (newest.get(partition) ?? 0) - windowMs);
  const found = await listOffsets(cluster, leaders, topic, timed, sinceMs);
  return new Map(
    bounds.map(({ partition, low, high }) => {
      const first = found.get(partition);
      // No time known: empty, or of a format without one. Then everything is read.
      if (first === undefined) return [partition, { from: low, high, sinceMs: -Infinity }];
      const from = first < 0 ? high : Math.max(first, low);
      return [partition, { from, high, sinceMs: sinceMs(partition) }];
    }),
  );
}

/** Time of the last batch of each; the answer may be full before all are in, so it asks again. */
async function newestTimes(
  cluster: Cluster,
  leaders: Leaders,
  topic: string,
  filled: readonly { readonly partition: number; readonly high: number }[],
): Promise<ReadonlyMap<number, number>> {
  const times = new Map<number, number>();
  const lastOf = new Map(filled.map(({ partition, high }) => [partition, high - 1]));
  const groups = [...groupByLeader(leaders, lastOf.keys())].map(async ([nodeId, group]) => {
    const broker = await cluster.findBroker({ nodeId });
    for (let left = group; left.length > 0;) {
      const positions = left.map((partition) => [partition, lastOf.get(partition) ?? 0] as const);
      const parts = await fetchBytes(broker, topic, positions, 0);
      const answered = new Set<number>();
      for (const { partition, bytes } of parts) {
        if (bytes.length === 0) continue;
        answered.add(partition);
        const { lastTimestampMs } = await readBatches(bytes);
        if (lastTimestampMs >= 0) times.set(partition, lastTimestampMs);
      }
      if (answered.size === 0) return;
      left = left.filter((partition) => !answered.has(partition));
    }
  });
  await Promise.all(groups);
  return times;
}
