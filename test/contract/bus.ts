// The laws of Bus in src/ports.ts as tests; every implementation runs all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppendFailedError, ClosedError } from '../../src/adapters/bus-errors.js';
import { BadInputError } from '../../src/errors.js';
import { appendQueueMax } from '../../src/limits.js';
import type { Bus, InRecord, Position, Reader, ReaderSpec } from '../../src/ports.js';

export interface BusUnderTest {
  readonly bus: Bus;
  /** What `onFault` was given. */
  readonly faults: unknown[];
  /** As retention does. */
  trim(topic: string, partition: number, toOffset: number): Promise<void>;
  /** Unique to this run. */
  topicName(): string;
  end(): Promise<void>;
}

const partitions = 4;
const waitMs = 20_000;

/** Polls with a bound; fails with what was seen last. */
export async function until<T>(
  look: () => T,
  done: (seen: T) => boolean,
  what: string,
): Promise<T> {
  const started = performance.now();
  for (;;) {
    const seen = look();
    if (done(seen)) return seen;
    if (performance.now() - started > waitMs)
      throw new Error(`waited for ${what}; saw ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function busContract(name: string, makeBus: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the laws of Bus`, () => {
    let under: BusUnderTest;
    let bus: Bus;

    beforeAll(async () => {
      under = await makeBus();
      bus = under.bus;
    });
    afterAll(() => under.end());

    async function newTopic(): Promise<string> {
      const topic = under.topicName();
      await bus.ensureTopics([{ topic, partitions, retentionMs: 3_600_000, timestamps: 'append' }]);
      return topic;
    }

    interface Seen {
      readonly records: InRecord[];
      readonly jumps: [partition: number, expected: number, found: number][];
      readonly ends: Map<number, number>;
      readonly reader: Reader;
      values(partition: number): (string | null)[];
    }

    async function read(
      topic: string,
      positions: [number, Position][],
      onRecords?: ReaderSpec['onRecords'],
    ): Promise<Seen> {
      const records: InRecord[] = [];
      const jumps: [number, number, number][] = [];
      const ends = new Map<number, number>();
      const reader = await bus.open({
        topic,
        positions: new Map(positions),
        onRecords: (partition, found, end) => {
          records.push(...found);
          ends.set(partition, end);
          return onRecords?.(partition, found, end);
        },
        onJump: (...jump) => jumps.push(jump),
      });
      const values = (partition: number) =>
        records.filter((record) => record.partition === partition).map(({ value }) => value);
      return { records, jumps, ends, reader, values };
    }

    /** `count` numbered records to one partition, not waiting for each other. */
    async function fill(
      topic: string,
      partition: number,
      count: number,
      prefix = '',
    ): Promise<readonly number[]> {
      const appender = await bus.appender('fill');
      const numbers = Array.from({ length: count }, (_, i) => i);
      const offsets = await Promise.all(
        numbers.map((i) => appender.append([{ topic, partition, value: `${prefix}${i}` }])),
      );
      await appender.close();
      return offsets.flat();
    }

    const numbered = (count: number, prefix = '') =>
      Array.from({ length: count }, (_, i) => `${prefix}${i}`);

    it('creates a topic once, and refuses one that has another number of partitions', async () => {
      const topic = await newTopic();
      await bus.ensureTopics([{ topic, partitions, retentionMs: 3_600_000, timestamps: 'append' }]);
      expect((await bus.bounds(topic)).map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
      const wrong = bus.ensureTopics([
        { topic, partitions: 5, retentionMs: -1, timestamps: 'create' },
      ]);
      const error = await wrong.catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(BadInputError);
      expect(error).toMatchObject({ field: topic, found: '4', allowed: '5 partitions' });
    });

    it('answers an append with one offset per record, in order, per partition', async () => {
      const topic = await newTopic();
      const appender = await bus.appender('offsets');
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
      const topic = await newTopic();
      expect(await fill(topic, 1, 300)).toEqual(Array.from({ length: 300 }, (_, i) => i));
      const read = await bus.readRange(topic, 1, 0, 300, 1_000);
      expect(read.map(({ value }) => value)).toEqual(numbered(300));
    });

    it('keeps the order of each of two appenders', async () => {
      const topic = await newTopic();
      await Promise.all([fill(topic, 0, 400, 'a'), fill(topic, 0, 400, 'b')]);
      const seen = await read(topic, [[0, 'start']]);
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

    it('brings key, value and time of a record', async () => {
      const topic = await newTopic();
      const seen = await read(topic, [[2, 'start']]);
      const appender = await bus.appender('fields');
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
      const topic = await newTopic();
      const seen = await read(topic, [
        [0, 'start'],
        [3, 'start'],
      ]);
      await Promise.all([fill(topic, 0, 2_500), fill(topic, 3, 2_500)]);
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
      const topic = await newTopic();
      for (let round = 0; round < 10; round += 1) {
        await fill(topic, 0, 3, `old${round}-`);
        const seen = await read(topic, [[0, 'end']]);
        expect(seen.reader.positions().get(0)).toBe(round * 6 + 3);
        await fill(topic, 0, 3, `new${round}-`);
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
      const topic = await newTopic();
      await fill(topic, 0, 10);
      const seen = await read(topic, [[0, 7]]);
      await until(
        () => seen.records.length,
        (count) => count >= 3,
        '3 records',
      );
      await seen.reader.close();
      expect(seen.values(0)).toEqual(['7', '8', '9']);
    });

    it('assigned another set, neither reads again nor skips what stays, and is silent about what goes', async () => {
      const topic = await newTopic();
      const seen = await read(topic, [
        [0, 'start'],
        [1, 'start'],
      ]);
      const appender = await bus.appender('assign');
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
      const given = seen.values(1).length;
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
        () => seen.records.length - given,
        (count) => count >= 80 + 80 + 70,
        'all of 0, 2 and 3',
      );
      expect(seen.values(0)).toEqual(numbered(80));
      expect(seen.values(2)).toEqual(numbered(80));
      expect(seen.values(3)).toEqual(numbered(80).slice(10));
      expect(seen.values(1)).toEqual(numbered(given));
      expect([...seen.reader.positions()].sort()).toEqual([
        [0, 80],
        [2, 80],
        [3, 80],
      ]);
      // Given up and taken again, from where the caller says.
      await seen.reader.assign(new Map([[1, 75]]));
      await until(
        () => seen.values(1).length - given,
        (count) => count >= 5,
        '5 records of partition 1',
      );
      expect(seen.values(1).slice(given)).toEqual(['75', '76', '77', '78', '79']);
      expect(seen.jumps).toEqual([]);
      await appender.close();
      await seen.reader.close();
    });

    it('tells of a jump when what it should read next was trimmed, and goes on behind it', async () => {
      const topic = await newTopic();
      await fill(topic, 0, 10);
      await fill(topic, 1, 5);
      await under.trim(topic, 0, 6);
      const seen = await read(topic, [
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
      const topic = await newTopic();
      await fill(topic, 0, 3);
      const seen = await read(topic, [[0, 50]]);
      await until(
        () => seen.jumps.length,
        (count) => count >= 1,
        'a jump',
      );
      await fill(topic, 0, 1, 'after');
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
      const topic = await newTopic();
      await fill(topic, 0, 10);
      await under.trim(topic, 0, 8);
      const seen = await read(topic, [[0, 'start']]);
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
      const topic = await newTopic();
      const closed = await read(topic, [[0, 'start']]);
      await fill(topic, 0, 5);
      await until(
        () => closed.records.length,
        (count) => count >= 5,
        '5 records',
      );
      await closed.reader.close();
      await fill(topic, 0, 50, 'later');
      const other = await read(topic, [[0, 'start']]);
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
      const topic = await newTopic();
      let running = 0;
      let overlapped = false;
      let release: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const seen = await read(
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
      await fill(topic, 0, 1, 'first');
      await until(
        () => running,
        (count) => count === 1,
        'the slow callback',
      );
      await fill(topic, 0, 30);
      await fill(topic, 1, 30);
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
      const topic = await newTopic();
      const before = under.faults.length;
      const seen = await read(topic, [[0, 'start']], () => {
        throw new Error('a bug');
      });
      await fill(topic, 0, 2);
      await until(
        () => under.faults.length,
        (count) => count > before,
        'the fault',
      );
      expect(under.faults.at(-1)).toMatchObject({ message: 'a bug' });
      const given = seen.records.length;
      await fill(topic, 0, 5);
      expect(seen.records.length).toBe(given);
      await seen.reader.close();
    });

    it('knows the bounds of a log and the first offset since a time', async () => {
      const topic = await newTopic();
      await fill(topic, 0, 4);
      await under.trim(topic, 0, 1);
      expect((await bus.bounds(topic)).slice(0, 2)).toEqual([
        { partition: 0, low: 1, high: 4 },
        { partition: 1, low: 0, high: 0 },
      ]);
      const [last] = await bus.readRange(topic, 0, 3, 4, 1);
      expect((await bus.offsetsSince(topic, 0)).get(0)).toBe(1);
      expect((await bus.offsetsSince(topic, (last?.timestampMs ?? 0) + 60_000)).get(0)).toBe(4);
      const since = await bus.offsetsSince(topic, last?.timestampMs ?? 0);
      expect(since.get(0)).toBeLessThanOrEqual(3);
      expect([...since.keys()].sort()).toEqual([0, 1, 2, 3]);
      expect(since.get(1)).toBe(0);
    });

    it('reads a range, bounded by its end and by number, from the oldest kept record on', async () => {
      const topic = await newTopic();
      await fill(topic, 0, 20);
      const values = async (from: number, to: number, max: number) =>
        (await bus.readRange(topic, 0, from, to, max)).map(({ value }) => value);
      expect(await values(3, 6, 100)).toEqual(['3', '4', '5']);
      expect(await values(3, 20, 2)).toEqual(['3', '4']);
      expect(await values(18, 40, 100)).toEqual(['18', '19']);
      expect(await values(20, 40, 100)).toEqual([]);
      expect(await values(5, 5, 100)).toEqual([]);
      await under.trim(topic, 0, 15);
      expect(await values(3, 17, 100)).toEqual(['15', '16']);
    });

    it('refuses an append beyond the queue, which is then certainly not written', async () => {
      const topic = await newTopic();
      const appender = await bus.appender('full');
      const record = { topic, partition: 0, value: 'x' };
      const many = Array.from({ length: appendQueueMax }, () => record);
      const under = appender.append(many.slice(0, 10));
      const error = await appender.append(many).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(AppendFailedError);
      expect(error).toMatchObject({ maybeWritten: false });
      await under;
      expect((await bus.bounds(topic))[0]).toMatchObject({ high: 10 });
      await appender.close();
      await expect(appender.append([record])).rejects.toThrow(ClosedError);
    });

    it('fails what is behind a failed append, and works again for what comes later', async () => {
      const topic = await newTopic();
      const appender = await bus.appender('failing');
      const bad = appender.append([{ topic, partition: 99, value: 'x' }]);
      const behind = appender.append([{ topic, partition: 0, value: 'behind' }]);
      await expect(bad).rejects.toThrow(AppendFailedError);
      await expect(behind).rejects.toThrow(AppendFailedError);
      await appender.append([{ topic, partition: 0, value: 'later' }]);
      const high = (await bus.bounds(topic))[0]?.high ?? 0;
      expect((await bus.readRange(topic, 0, 0, high, 10)).at(-1)).toMatchObject({ value: 'later' });
      await appender.close();
    });
  });
}
