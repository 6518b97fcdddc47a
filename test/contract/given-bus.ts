// What the laws of Bus are tried on: a bus, fresh topics, a reader that remembers what it was given.

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

/** A reader and everything it was given. */
export interface Seen {
  readonly records: InRecord[];
  readonly jumps: [partition: number, expected: number, found: number][];
  readonly ends: Map<number, number>;
  readonly reader: Reader;
  values(partition: number): (string | null)[];
}

export const partitions = 4;
const waitMs = 60_000;

/** `a0`, `a1`, … */
export function numbered(count: number, prefix = ''): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

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
    if (performance.now() - started > waitMs) {
      throw new Error(`waited for ${what}; saw ${JSON.stringify(seen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Made before the bus is: `under` answers once the tests run. */
export class GivenBus {
  readonly #under: () => BusUnderTest;

  constructor(under: () => BusUnderTest) {
    this.#under = under;
  }

  get bus(): Bus {
    return this.#under().bus;
  }

  get faults(): unknown[] {
    return this.#under().faults;
  }

  trim(topic: string, partition: number, toOffset: number): Promise<void> {
    return this.#under().trim(topic, partition, toOffset);
  }

  async newTopic(): Promise<string> {
    const topic = this.#under().topicName();
    await this.bus.ensureTopics([
      { topic, partitions, retentionMs: 3_600_000, timestamps: 'append' },
    ]);
    return topic;
  }

  async read(
    topic: string,
    positions: [number, Position][],
    onRecords?: ReaderSpec['onRecords'],
  ): Promise<Seen> {
    const records: InRecord[] = [];
    const jumps: [number, number, number][] = [];
    const ends = new Map<number, number>();
    const reader = await this.bus.open({
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
  async fill(topic: string, partition: number, count: number, prefix = ''): Promise<number[]> {
    const appender = await this.bus.appender('fill');
    const offsets = await Promise.all(
      numbered(count, prefix).map((value) => appender.append([{ topic, partition, value }])),
    );
    await appender.close();
    return offsets.flat();
  }
}
