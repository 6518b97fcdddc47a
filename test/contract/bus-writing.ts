// Laws of Bus about what is written: topics, order, offsets, failures.

import { expect, it } from 'vitest';
import { AppendFailedError, ClosedError } from '../../src/adapters/bus-errors.js';
import { BadInputError } from '../../src/errors.js';
import { appendQueueMax } from '../../src/limits.js';
import { numbered, partitions, until, type GivenBus } from './given-bus.js';

export function writingLaws(given: GivenBus): void {
  it('creates a topic once, and refuses one that has another number of partitions', async () => {
    const topic = await given.newTopic();
    await given.bus.ensureTopics([
      { topic, partitions, retentionMs: 3_600_000, timestamps: 'append' },
    ]);
    expect((await given.bus.bounds(topic)).map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
    const wrong = given.bus.ensureTopics([
      { topic, partitions: 5, retentionMs: -1, timestamps: 'create' },
    ]);
    const error = await wrong.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(BadInputError);
    expect(error).toMatchObject({ field: topic, found: '4', allowed: '5 partitions' });
  });

  it('answers an append with one offset per record, in order, per partition', async () => {
    const topic = await given.newTopic();
    const appender = await given.bus.appender('offsets');
    const records = [0, 1, 0, 2, 0, 1].map((partition, i) => ({
      topic,
      partition,
      value: String(i),
    }));
    expect(await appender.append(records)).toEqual([0, 0, 1, 0, 2, 1]);
    expect(await appender.append([{ topic, partition: 0, value: 'x' }])).toEqual([3]);
    expect(await appender.append([])).toEqual([]);
    await appender.close();
  });

  it('keeps the order of calls that do not wait for each other', async () => {
    const topic = await given.newTopic();
    expect(await given.fill(topic, 1, 300)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    const found = await given.bus.readRange(topic, 1, 0, 300, 1_000);
    expect(found.map(({ value }) => value)).toEqual(numbered(300));
  });

  it('keeps the order of each of two appenders', async () => {
    const topic = await given.newTopic();
    await Promise.all([given.fill(topic, 0, 400, 'a'), given.fill(topic, 0, 400, 'b')]);
    const seen = await given.read(topic, [[0, 'start']]);
    await until(
      () => seen.records.length,
      (count) => count >= 800,
      '800 records',
    );
    await seen.reader.close();
    for (const prefix of ['a', 'b']) {
      expect(seen.values(0).filter((value) => value?.startsWith(prefix))).toEqual(
        numbered(400, prefix),
      );
    }
  });

  it('refuses an append beyond the queue, which is then certainly not written', async () => {
    const topic = await given.newTopic();
    const appender = await given.bus.appender('full');
    const record = { topic, partition: 0, value: 'x' };
    const many = Array.from({ length: appendQueueMax }, () => record);
    const accepted = appender.append(many.slice(0, 10));
    const error = await appender.append(many).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(AppendFailedError);
    expect(error).toMatchObject({ maybeWritten: false });
    await accepted;
    expect((await given.bus.bounds(topic))[0]).toMatchObject({ high: 10 });
    await appender.close();
    await expect(appender.append([record])).rejects.toThrow(ClosedError);
  });

  it('fails what is behind a failed append, and works again for what comes later', async () => {
    const topic = await given.newTopic();
    const appender = await given.bus.appender('failing');
    const bad = appender.append([{ topic, partition: 99, value: 'x' }]);
    const behind = appender.append([{ topic, partition: 0, value: 'behind' }]);
    await expect(bad).rejects.toThrow(AppendFailedError);
    await expect(behind).rejects.toThrow(AppendFailedError);
    await appender.append([{ topic, partition: 0, value: 'later' }]);
    const high = (await given.bus.bounds(topic))[0]?.high ?? 0;
    expect((await given.bus.readRange(topic, 0, 0, high, 10)).at(-1)).toMatchObject({
      value: 'later',
    });
    await appender.close();
  });
}
