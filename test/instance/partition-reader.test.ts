// What the reader of messages brings and drops while the broker takes its time.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { PartitionReader } from '../../src/instance/partition-reader.js';
import { topicSpecs, topicsOf } from '../../src/logs/topics.js';
import { eventually } from '../support/eventually.js';

/** A reader on a bus whose answers about one partition wait. */
async function given() {
  const memory = createMemoryBus();
  await memory.ensureTopics(topicSpecs('s', 4));
  const topic = topicsOf('s').messages;
  const appender = await memory.appender('x');
  const told: string[] = [];
  let release: () => void = () => undefined;
  let held: Promise<void> = Promise.resolve();
  const reader = new PartitionReader({
    bus: {
      ...memory,
      bounds: async (name, of) => {
        if (of?.includes(1) === true) await held;
        return memory.bounds(name, of);
      },
    },
    service: 's',
    clock: systemClock,
    sink: {
      onRecords: (p, records) => {
        for (const { value } of records) told.push(`${p} ${value}`);
      },
      onJump: () => undefined,
      onForget: (p) => told.push(`forget ${p}`),
    },
    onWarmed: (list) => told.push(`warm ${list.join()}`),
    onError: (error) => told.push(String(error)),
  });
  return {
    reader,
    told,
    hold: () => void (held = new Promise((resolve) => (release = resolve))),
    release: () => release(),
    put: (partition: number, value: string) => appender.append([{ topic, partition, value }]),
    comes: (line: string) => eventually(line, () => told.includes(line)),
  };
}

it('wanted again while the broker is slow about another partition, it stays and is not forgotten', async () => {
  const { reader, told, hold, release, put, comes } = await given();
  reader.warm([0]);
  await comes('warm 0');
  reader.forget([0]);
  hold();
  reader.warm([1]);
  await new Promise((resolve) => setImmediate(resolve));
  reader.warm([0]);
  await put(0, 'before');
  await comes('0 before');
  release();
  await comes('warm 1');
  await put(0, 'after');
  await comes('0 after');
  expect(told.filter((line) => line.startsWith('forget'))).toEqual([]);
  expect(reader.positionOf(0)).toBe(2);
  await reader.close();
});
