// Reads a piece of one partition, once, for a client that comes back after longer than what is
// kept in memory. One piece at a time, over one connection shared by all; the queue is bounded.

import { UnreachableError } from '../../errors.js';
import { readRangeQueueMax } from '../../limits.js';
import type { InRecord } from '../../ports.js';
import {
  earliest,
  fetchFrom,
  knownLeaders,
  LeaderlessError,
  listOffsets,
  type OnUnreadable,
} from './brokers.js';
import { kafkaErrorNames } from './client.js';
import type { Link } from './link.js';

export interface RangeReader {
  /** Records [from, to), at most `max`; starts at the oldest kept one when `from` was trimmed. */
  read(
    topic: string,
    partition: number,
    from: number,
    to: number,
    max: number,
  ): Promise<readonly InRecord[]>;
}

export function createRangeReader(link: Link, onUnreadable: OnUnreadable): RangeReader {
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function readNow(topic: string, partition: number, from: number, to: number, max: number) {
    return link.ask(`records of ${topic}`, async (cluster) => {
      const leaders = await knownLeaders(cluster, topic);
      const node = leaders.get(partition);
      if (node === undefined) throw new LeaderlessError(topic, [partition]);
      const records: InRecord[] = [];
      let next = from;
      while (next < to && records.length < max) {
        try {
          const [fetched] = await fetchFrom(
            cluster,
            node,
            topic,
            [[partition, next]],
            0,
            onUnreadable,
          );
          if (fetched === undefined) break;
          for (const record of fetched.records) {
            if (record.offset < to && records.length < max) records.push(record);
          }
          next = fetched.after;
        } catch (error) {
          if (!kafkaErrorNames(error).includes('KafkaJSOffsetOutOfRange')) throw error;
          const low =
            (await listOffsets(cluster, leaders, topic, [partition], earliest)).get(partition) ??
            next;
          if (low <= next) break;
          next = low;
        }
      }
      return records;
    });
  }

  return {
    async read(topic, partition, from, to, max) {
      if (from >= to || max <= 0) return [];
      if (waiting >= readRangeQueueMax) {
        throw new UnreachableError(
          'Kafka',
          `more than ${readRangeQueueMax} ranges wait to be read`,
        );
      }
      waiting += 1;
      const read = turn.then(() => readNow(topic, partition, from, to, max));
      turn = read.catch(() => undefined);
      try {
        return await read;
      } finally {
        waiting -= 1;
      }
    },
  };
}
