// One real instance on an in-memory bus, for fuzzing and tests of bad input: lease, logs, machines and
// driver as in production, only Kafka and ConfigDB are in this process. Never fuzzes anything itself.

import { createMemoryBus, type MemoryBus } from '../src/adapters/memory/bus.js';
import { systemClock } from '../src/adapters/system-clock.js';
import type { OwnedRange } from '../src/core/records.js';
import type { Instance, InstanceEvent } from '../src/instance/api.js';
import { startInstance } from '../src/instance/start.js';
import type { SkippedRecord } from '../src/logs/skipped.js';
import { topicSpecs, topicsOf } from '../src/logs/topics.js';
import { readMessage } from '../src/messaging/records.js';
import { createPartitionFeeds, type PartitionFeeds } from '../src/server/partition-feed.js';
import { createRangeReads, type RangeReads } from '../src/server/range-reads.js';
import type { Appender } from '../src/ports.js';

export const service = 'messaging';
export const partitions = 16;

export interface LoneInstance {
  readonly bus: MemoryBus;
  readonly instance: Instance;
  /** Where its records are delivered, as in the Messaging server. */
  readonly feeds: PartitionFeeds;
  readonly reads: RangeReads;
  readonly events: readonly InstanceEvent[];
  readonly skipped: readonly SkippedRecord[];
  /** What a callback of a reader threw: a bug. */
  readonly faults: readonly unknown[];
  /** Appends whatever it is told to a topic. */
  put(topic: keyof ReturnType<typeof topicsOf>, partition: number, value: string): Promise<number>;
  /** Publishes a revision that gives everything to this instance, or the given ranges. */
  distribute(revision: number, epoch: number, ranges?: readonly OwnedRange[]): Promise<void>;
  close(): Promise<void>;
}

/** Events and skipped records that are kept, the latest. */
const keptMax = 1_000;

export async function startLoneInstance(): Promise<LoneInstance> {
  const faults: unknown[] = [];
  const events: InstanceEvent[] = [];
  const skipped: SkippedRecord[] = [];
  const keep = <T>(list: T[], item: T): void => {
    list.push(item);
    if (list.length > keptMax) list.shift();
  };
  const bus = createMemoryBus({ onFault: (error) => faults.push(error) });
  await bus.ensureTopics(topicSpecs(service, partitions));
  const topics = topicsOf(service);
  const reads = createRangeReads(bus, topics.messages);
  const feeds = createPartitionFeeds({ reads, service: { read: readMessage } });
  const appender: Appender = await bus.appender('outside');
  const put: LoneInstance['put'] = async (topic, partition, value) => {
    const [offset] = await appender.append([{ topic: topics[topic], partition, value }]);
    return offset as number;
  };
  const instance = await startInstance(
    {
      service,
      name: `${service}-0`,
      ordinal: 0,
      partitions,
      url: 'ws://127.0.0.1:1',
      sink: feeds.sink,
    },
    {
      bus,
      clock: systemClock,
      log: (event) => keep(events, event),
      onSkipped: (record) => keep(skipped, record),
      reports: {
        saveReport: async () => undefined,
        saveWarmed: async () => undefined,
        latestCheckpoint: async () => null,
      },
    },
  );
  return {
    bus,
    instance,
    feeds,
    reads,
    events,
    skipped,
    faults,
    put,
    distribute: async (revision, epoch, ranges = [[0, partitions - 1, 0]]) => {
      const message = {
        ...{ type: 'distribution', epoch, revision, rebalance: `r${revision}`, ranges },
        hash: `h${revision}`,
        instances: { [`${service}-0`]: { url: 'ws://127.0.0.1:1' } },
        pace: { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 64 },
      };
      await put('control', 0, JSON.stringify(message));
    },
    close: async () => {
      await instance.stop();
      await bus.close();
    },
  };
}
