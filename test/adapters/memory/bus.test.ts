// The in-memory bus under the contract of every bus, and what it has on top for tests.

import { expect, it } from 'vitest';
import { createMemoryBus } from '../../../src/adapters/memory/bus.js';
import { busContract } from '../../contract/bus.js';
import { until } from '../../contract/given-bus.js';

busContract('the bus in memory', async () => {
  const faults: unknown[] = [];
  const bus = createMemoryBus({ onFault: (error) => faults.push(error) });
  let topics = 0;
  return {
    bus,
    faults,
    trim: async (topic, partition, toOffset) => bus.trim(topic, partition, toOffset),
    topicName: () => `topic-${(topics += 1)}`,
    end: () => bus.close(),
  };
});

it('lets two clients share the logs, and closes only what a client opened itself', async () => {
  const one = createMemoryBus();
  const two = one.another();
  await one.ensureTopics([{ topic: 't', partitions: 1, retentionMs: -1, timestamps: 'create' }]);
  const seen: (string | null)[] = [];
  const onRecords = (_: number, records: readonly { value: string | null }[]) => {
    seen.push(...records.map(({ value }) => value));
  };
  await two.open({
    topic: 't',
    positions: new Map([[0, 'start']]),
    onRecords,
    onJump: () => undefined,
  });
  const appender = await two.appender('two');
  await one.close();
  await appender.append([{ topic: 't', partition: 0, value: 'hello' }]);
  await until(
    () => seen.length,
    (count) => count === 1,
    'the record',
  );
  expect(seen).toEqual(['hello']);
  await expect(one.bounds('t')).rejects.toThrow('closed');
  await two.close();
});
