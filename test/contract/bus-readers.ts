// Laws of Bus about the life of a reader: gaps, slow and broken callbacks, its end.

import { expect, it } from 'vitest';
import { ClosedError } from '../../src/adapters/bus-errors.js';
import { numbered, until, type GivenBus } from './given-bus.js';

export function readerLaws(given: GivenBus): void {
  it('tells of a jump when what it should read next was trimmed, and goes on behind it', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 0, 10);
    await given.fill(topic, 1, 5);
    await given.trim(topic, 0, 6);
    const seen = await given.read(topic, [
      [0, 2],
      [1, 0],
    ]);
    await until(
      () => seen.records.length,
      (count) => count >= 9,
      '9 records',
    );
    expect(seen.jumps).toEqual([[0, 2, 6]]);
    expect(seen.values(0)).toEqual(['6', '7', '8', '9']);
    expect(seen.values(1)).toEqual(numbered(5));
    await seen.reader.close();
  });

  it('tells of a jump back when the log ends before the position', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 0, 3);
    const seen = await given.read(topic, [[0, 50]]);
    await until(
      () => seen.jumps.length,
      (count) => count >= 1,
      'a jump',
    );
    await given.fill(topic, 0, 1, 'after');
    await until(
      () => seen.records.length,
      (count) => count >= 1,
      'a record',
    );
    expect(seen.jumps).toEqual([[0, 50, 3]]);
    expect(seen.values(0)).toEqual(['after0']);
    await seen.reader.close();
  });

  it('starts at the oldest kept record of a trimmed log', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 0, 10);
    await given.trim(topic, 0, 8);
    const seen = await given.read(topic, [[0, 'start']]);
    await until(
      () => seen.records.length,
      (count) => count >= 2,
      '2 records',
    );
    expect(seen.values(0)).toEqual(['8', '9']);
    expect(seen.jumps).toEqual([]);
    await seen.reader.close();
  });

  it('is silent after close', async () => {
    const topic = await given.newTopic();
    const closed = await given.read(topic, [[0, 'start']]);
    await given.fill(topic, 0, 5);
    await until(
      () => closed.records.length,
      (count) => count >= 5,
      '5 records',
    );
    await closed.reader.close();
    await given.fill(topic, 0, 50, 'later');
    const other = await given.read(topic, [[0, 'start']]);
    await until(
      () => other.records.length,
      (count) => count >= 55,
      '55 records in another reader',
    );
    await other.reader.close();
    expect(closed.records.length).toBe(5);
    await expect(closed.reader.assign(new Map([[1, 'start']]))).rejects.toThrow(ClosedError);
  });

  it('waits for a slow callback, per partition, without holding up the others', async () => {
    const topic = await given.newTopic();
    let running = 0;
    let overlapped = false;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const seen = await given.read(
      topic,
      [
        [0, 'start'],
        [1, 'start'],
      ],
      async (partition) => {
        if (partition !== 0) return;
        running += 1;
        overlapped ||= running > 1;
        await gate;
        running -= 1;
      },
    );
    await given.fill(topic, 0, 1, 'first');
    await until(
      () => running,
      (count) => count === 1,
      'the slow callback',
    );
    await given.fill(topic, 0, 30);
    await given.fill(topic, 1, 30);
    await until(
      () => seen.values(1).length,
      (count) => count >= 30,
      '30 records of the other partition',
    );
    expect(seen.values(0)).toEqual(['first0']);
    release();
    await until(
      () => seen.values(0).length,
      (count) => count >= 31,
      '31 records',
    );
    expect(seen.values(0)).toEqual(['first0', ...numbered(30)]);
    expect(overlapped).toBe(false);
    await seen.reader.close();
  });

  it('stops a reader whose callback throws, and says so', async () => {
    const topic = await given.newTopic();
    const faults = given.faults.length;
    const seen = await given.read(topic, [[0, 'start']], () => {
      throw new Error('a bug');
    });
    await given.fill(topic, 0, 2);
    await until(
      () => given.faults.length,
      (count) => count > faults,
      'the fault',
    );
    expect(given.faults.at(-1)).toMatchObject({ message: 'a bug' });
    const before = seen.records.length;
    await given.fill(topic, 0, 5);
    expect(seen.records.length).toBe(before);
    await seen.reader.close();
  });
}
