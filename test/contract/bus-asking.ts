// Laws of Bus about questions about a log: bounds, times, ranges.

import { expect, it } from 'vitest';
import { BadInputError } from '../../src/errors.js';
import { type GivenBus } from './given-bus.js';

export function askingLaws(given: GivenBus): void {
  it('knows the bounds of a log and the first offset since a time', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 0, 4);
    await given.trim(topic, 0, 1);
    expect((await given.bus.bounds(topic)).slice(0, 2)).toEqual([
      { partition: 0, low: 1, high: 4 },
      { partition: 1, low: 0, high: 0 },
    ]);
    const [last] = await given.bus.readRange(topic, 0, 3, 4, 1);
    expect((await given.bus.offsetsSince(topic, 0)).get(0)).toBe(1);
    expect((await given.bus.offsetsSince(topic, (last?.timestampMs ?? 0) + 60_000)).get(0)).toBe(4);
    const since = await given.bus.offsetsSince(topic, last?.timestampMs ?? 0);
    expect(since.get(0)).toBeLessThanOrEqual(3);
    expect([...since.keys()].sort()).toEqual([0, 1, 2, 3]);
    expect(since.get(1)).toBe(0);
  });

  it('finds the window that ends with the newest record, by the times of the records', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 0, 4);
    // The clock of the log must have gone on: that is all that this waits for.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await given.fill(topic, 0, 1);
    const [newest] = await given.bus.readRange(topic, 0, 4, 5, 1);
    const newestMs = newest?.timestampMs ?? 0;
    const windows = (windowMs: number) => given.bus.windowStarts(topic, windowMs, [1, 0]);
    const empty = [1, { from: 0, high: 0, sinceMs: -Infinity }];
    const wide = { from: 0, high: 5, sinceMs: newestMs - 600_000 };
    expect([...(await windows(600_000))]).toEqual([empty, [0, wide]]);
    const narrow = { from: 4, high: 5, sinceMs: newestMs };
    expect([...(await windows(0))]).toEqual([empty, [0, narrow]]);
    await given.trim(topic, 0, 3);
    expect((await windows(600_000)).get(0)).toEqual({ ...wide, from: 3 });
    await given.trim(topic, 0, 5);
    expect((await windows(600_000)).get(0)).toMatchObject({ from: 5, high: 5 });
  });

  it('says at once that there is no such topic', async () => {
    await expect(given.bus.bounds('never-created')).rejects.toThrow(BadInputError);
    const topic = await given.newTopic();
    await given.fill(topic, 0, 1);
    expect((await given.bus.bounds(topic)).length).toBe(4);
  });

  it('answers about the partitions that are asked for, and no others', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 2, 3);
    expect(await given.bus.bounds(topic, [2, 0])).toEqual([
      { partition: 2, low: 0, high: 3 },
      { partition: 0, low: 0, high: 0 },
    ]);
    const since = await given.bus.offsetsSince(topic, Date.now() + 60_000, [2]);
    expect([...since]).toEqual([[2, 3]]);
  });

  it('knows how many partitions a topic has, and that one which is not there has none', async () => {
    const topic = await given.newTopic();
    expect(await given.bus.partitionCount(topic)).toBe(4);
    expect(await given.bus.partitionCount(`${topic}-not-there`)).toBe(0);
  });

  it('reads a range, bounded by its end and by number, from the oldest kept record on', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 0, 20);
    const values = async (from: number, to: number, max: number) =>
      (await given.bus.readRange(topic, 0, from, to, max)).map(({ value }) => value);
    expect(await values(3, 6, 100)).toEqual(['3', '4', '5']);
    expect(await values(3, 20, 2)).toEqual(['3', '4']);
    expect(await values(18, 40, 100)).toEqual(['18', '19']);
    expect(await values(20, 40, 100)).toEqual([]);
    expect(await values(5, 5, 100)).toEqual([]);
    await given.trim(topic, 0, 15);
    expect(await values(3, 17, 100)).toEqual(['15', '16']);
  });
}
