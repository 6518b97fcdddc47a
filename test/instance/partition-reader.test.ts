// What the reader of messages brings and drops while the broker takes its time.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { PartitionReader } from '../../src/instance/partition-reader.js';
import { duplicateWindowMs } from '../../src/limits.js';
import { topicSpecs, topicsOf } from '../../src/logs/topics.js';
import { eventually } from '../support/eventually.js';

/** A reader on a bus whose answers about one partition wait; `nowMs`: the broker's clock. */
async function given(nowMs: () => number = Date.now) {
  const memory = createMemoryBus({ nowMs });
  await memory.ensureTopics(topicSpecs('s', 4));
  const topic = topicsOf('s').messages;
  const appender = await memory.appender('x');
  const told: string[] = [];
  let release: () => void = () => undefined;
  let held: Promise<void> = Promise.resolve();
  const reader = new PartitionReader({
    bus: {
      ...memory,
      windowStarts: async (name, windowMs, of) => {
        if (of.includes(1)) await held;
        return memory.windowStarts(name, windowMs, of);
      },
    },
    service: 's',
    sink: {
      onBegin: (p, sinceMs) => told.push(`${p} since ${sinceMs}`),
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

it.each([-60, 0, 60])(
  'reads a window back from the newest record, with a broker %i minutes off our clock',
  async (minutes) => {
    const startMs = Date.now() + minutes * 60_000;
    let nowMs = startMs;
    const { reader, told, put, comes } = await given(() => nowMs);
    await put(0, 'too old');
    nowMs += duplicateWindowMs + 1;
    await put(0, 'first copy');
    nowMs += 1_000;
    await put(0, 'newest');
    reader.warm([0, 2]);
    await comes('0 newest');
    await comes('warm 2');
    expect(told.filter((line) => line.startsWith('0'))).toEqual([
      `0 since ${nowMs - duplicateWindowMs}`,
      '0 first copy',
      '0 newest',
    ]);
    // Nothing was ever written: nothing can be missing.
    expect(told).toContain('2 since -Infinity');
    await reader.close();
  },
);

it('after a long silence reads the last window that there is', async () => {
  let nowMs = 0;
  const { reader, told, put, comes } = await given(() => nowMs);
  await put(0, 'first copy');
  nowMs = 86_400_000;
  reader.warm([0]);
  await comes('warm 0');
  expect(told).toContain('0 first copy');
  await reader.close();
});
