// Laws of Bus about what a reader is given: everything, once, in order, from where it wants.

import { expect, it } from 'vitest';
import type { Position } from '../../src/ports.js';
import { numbered, until, type GivenBus } from './given-bus.js';

export function readingLaws(given: GivenBus): void {
  it('brings key, value and time of a record', async () => {
    const topic = await given.newTopic();
    const seen = await given.read(topic, [[2, 'start']]);
    const appender = await given.bus.appender('fields');
    await appender.append([
      { topic, partition: 2, key: 'alice', value: 'grüß dich' },
      { topic, partition: 2, value: '' },
    ]);
    await appender.close();
    await until(
      () => seen.records.length,
      (count) => count >= 2,
      '2 records',
    );
    await seen.reader.close();
    expect(seen.records[0]).toMatchObject({
      topic,
      partition: 2,
      offset: 0,
      key: 'alice',
      value: 'grüß dich',
    });
    expect(seen.records[1]).toMatchObject({ offset: 1, key: null, value: '' });
    expect(Math.abs((seen.records[0]?.timestampMs ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('delivers 5 000 records in order, each once, and tells where the log ends', async () => {
    const topic = await given.newTopic();
    const seen = await given.read(topic, [
      [0, 'start'],
      [3, 'start'],
    ]);
    await Promise.all([given.fill(topic, 0, 2_500), given.fill(topic, 3, 2_500)]);
    await until(
      () => seen.records.length,
      (count) => count >= 5_000,
      '5 000 records',
    );
    expect(seen.values(0)).toEqual(numbered(2_500));
    expect(seen.values(3)).toEqual(numbered(2_500));
    expect(seen.reader.positions()).toEqual(
      new Map([
        [0, 2_500],
        [3, 2_500],
      ]),
    );
    expect(seen.ends).toEqual(
      new Map([
        [0, 2_500],
        [3, 2_500],
      ]),
    );
    expect(seen.jumps).toEqual([]);
    await seen.reader.close();
  });

  it('opened at the end, misses nothing that is appended after open resolved, and brings nothing older', async () => {
    const topic = await given.newTopic();
    for (let round = 0; round < 10; round += 1) {
      await given.fill(topic, 0, 3, `old${round}-`);
      const seen = await given.read(topic, [[0, 'end']]);
      expect(seen.reader.positions().get(0)).toBe(round * 6 + 3);
      await given.fill(topic, 0, 3, `new${round}-`);
      await until(
        () => seen.records.length,
        (count) => count >= 3,
        `3 records in round ${round}`,
      );
      await seen.reader.close();
      expect(seen.values(0)).toEqual(numbered(3, `new${round}-`));
    }
  });

  it('starts at an offset', async () => {
    const topic = await given.newTopic();
    await given.fill(topic, 0, 10);
    const seen = await given.read(topic, [[0, 7]]);
    await until(
      () => seen.records.length,
      (count) => count >= 3,
      '3 records',
    );
    await seen.reader.close();
    expect(seen.values(0)).toEqual(['7', '8', '9']);
  });

  it('assigned another set, neither reads again nor skips what stays, and is silent about what goes', async () => {
    const topic = await given.newTopic();
    const seen = await given.read(topic, [
      [0, 'start'],
      [1, 'start'],
    ]);
    const appender = await given.bus.appender('assign');
    let round = 0;
    const appendRound = async () => {
      for (let i = 0; i < 20; i += 1) {
        await appender.append(
          [0, 1, 2, 3].map((partition) => ({ topic, partition, value: String(round) })),
        );
        round += 1;
      }
    };
    await appendRound();
    await Promise.all([
      appendRound(),
      seen.reader.assign(
        new Map<number, Position>([
          [0, 'start'],
          [1, 'start'],
          [2, 'start'],
        ]),
      ),
    ]);
    await Promise.all([
      appendRound(),
      seen.reader.assign(
        new Map<number, Position>([
          [0, 5],
          [2, 5],
        ]),
      ),
    ]);
    const before = seen.values(1).length;
    await Promise.all([
      appendRound(),
      seen.reader.assign(
        new Map<number, Position>([
          [0, 'end'],
          [2, 'end'],
          [3, 10],
        ]),
      ),
    ]);
    await until(
      () => seen.records.length - before,
      (count) => count >= 80 + 80 + 70,
      'all of 0, 2 and 3',
    );
    expect(seen.values(0)).toEqual(numbered(80));
    expect(seen.values(2)).toEqual(numbered(80));
    expect(seen.values(3)).toEqual(numbered(80).slice(10));
    expect(seen.values(1)).toEqual(numbered(before));
    expect([...seen.reader.positions()].sort()).toEqual([
      [0, 80],
      [2, 80],
      [3, 80],
    ]);
    // Given up and taken again, from where the caller says.
    await seen.reader.assign(new Map([[1, 75]]));
    await until(
      () => seen.values(1).length - before,
      (count) => count >= 5,
      '5 records of partition 1',
    );
    expect(seen.values(1).slice(before)).toEqual(['75', '76', '77', '78', '79']);
    expect(seen.jumps).toEqual([]);
    await appender.close();
    await seen.reader.close();
  });
}
