// Batches under way at once that fail are repeated in the order in which they were sent; what may not
// go out waits for the lease, also when nobody says that it is good again.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { Outbox } from '../../src/instance/outbox.js';
import { appendQueueMax } from '../../src/limits.js';
import { eventually } from '../support/eventually.js';

it('repeats failed batches in their order, what came meanwhile behind them', async () => {
  const written: string[] = [];
  const rejects: ((error: Error) => void)[] = [];
  let works = false;
  const outbox = new Outbox({
    appender: {
      append: (records) => {
        if (!works) return new Promise((_, reject) => rejects.push(reject));
        written.push(...records.map(({ value }) => value));
        return Promise.resolve(records.map((_, index) => index));
      },
      close: async () => undefined,
    },
    mayAppend: () => true,
    onFailure: 'repeat',
    retryAfterMs: 1,
    onError: () => undefined,
  });
  const add = (value: string) => outbox.add({ record: { topic: 't', partition: 0, value } });
  add('a');
  await eventually('the first is under way', () => rejects.length === 1);
  add('b');
  await eventually('the second is under way', () => rejects.length === 2);
  works = true;
  for (const reject of rejects) reject(new Error('away'));
  add('c');
  await eventually('all are written', () => written.length === 3);
  expect(written).toEqual(['a', 'b', 'c']);
});

it('sends what came in a lapse of the lease that nobody has seen begin or end', async () => {
  const written: string[] = [];
  const timers: (() => void)[] = [];
  let mayAppend = false;
  const outbox = new Outbox({
    appender: {
      append: (records) => {
        written.push(...records.map(({ value }) => value));
        return Promise.resolve(records.map((_, index) => index));
      },
      close: async () => undefined,
    },
    mayAppend: () => mayAppend,
    onFailure: 'repeat',
    retryAfterMs: 1,
    later: (run) => {
      timers.push(run);
      return () => undefined;
    },
    onError: () => undefined,
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (const value of ['a', 'b']) {
    outbox.add({ record: { topic: 't', partition: 0, value } });
    await turn();
  }
  expect(timers.length).toBe(1);
  timers.shift()?.();
  await turn();
  expect(written).toEqual([]);
  mayAppend = true;
  timers.shift()?.();
  await turn();
  expect(written).toEqual(['a', 'b']);
});

it('hands over no more at once than an appender takes, and all of it in order in the end', async () => {
  const bus = createMemoryBus();
  await bus.ensureTopics([{ topic: 't', partitions: 1, retentionMs: -1, timestamps: 'append' }]);
  const errors: unknown[] = [];
  let mayAppend = false;
  const outbox = new Outbox({
    appender: await bus.appender('evidence'),
    mayAppend: () => mayAppend,
    onFailure: 'repeat',
    retryAfterMs: 1,
    onError: (error) => errors.push(error),
  });
  // What 50 000 connections leave when they all end while the lease has lapsed.
  const records = 2.5 * appendQueueMax;
  const acknowledged: number[] = [];
  for (let n = 0; n < records; n += 1) {
    outbox.add({
      record: { topic: 't', partition: 0, value: String(n) },
      onAcknowledged: () => acknowledged.push(n),
    });
  }
  mayAppend = true;
  outbox.resume();
  await eventually('all are written', () => acknowledged.length === records);
  expect(errors).toEqual([]);
  const written = await bus.readRange('t', 0, 0, records, records);
  const inOrder = written.every(({ value }, n) => value === String(n));
  expect([written.length, inOrder]).toEqual([records, true]);
  await bus.close();
});
