// The Kafka adapter on a real broker: the contract of every bus, and its errors at start.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import kafkajs, { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { connectKafka } from '../../../src/adapters/kafka.js';
import { UnreachableError } from '../../../src/errors.js';
import { busContract } from '../../contract/bus.js';
import { eventually } from '../../support/eventually.js';

/** What the adapter complained about. */
const warnings: string[] = [];
const logger = (level: string, message: string) => {
  if (level === 'warn' || level === 'error') warnings.push(message);
};
const brokers = (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(',');

busContract('the bus on Kafka', async () => {
  const faults: unknown[] = [];
  const bus = await connectKafka({
    brokers,
    clientId: 'contract',
    logger,
    onFault: (error) => faults.push(error),
  });
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const run = randomUUID().slice(0, 8);
  const topics: string[] = [];
  return {
    bus,
    faults,
    async trim(topic, partition, toOffset) {
      // kafkajs deletes only from topics whose leaders it has asked for before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({
        topic,
        partitions: [{ partition, offset: String(toOffset) }],
      });
    },
    topicName() {
      const topic = `contract-${run}-${topics.length}`;
      topics.push(topic);
      return topic;
    },
    async end() {
      await bus.close();
      await admin.deleteTopics({ topics });
      await admin.disconnect();
    },
  };
});

it('never lost a connection on the way: what stays is not interrupted by what comes and goes', () => {
  expect(warnings.filter((message) => message.includes('interrupted'))).toEqual([]);
});

it('says in one sentence that nothing answers', async () => {
  const error = await connectKafka({ brokers: ['127.0.0.1:1'], clientId: 'x' }).catch(
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(UnreachableError);
  expect((error as Error).message).toMatch(
    /^KAFKA_BROKERS: nothing answers at 127\.0\.0\.1:1 .*; start Kafka/,
  );
});

it('says in one sentence that what answers is not Kafka', async () => {
  const server = http.createServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await connectKafka({ brokers: [address], clientId: 'x' }).catch(
    (failure: unknown) => failure,
  );
  server.closeAllConnections();
  server.close();
  expect(error).toBeInstanceOf(UnreachableError);
  // As Kafka does, too, where it wants a login.
  expect((error as Error).message).toContain(
    `${address} closes the connection instead of answering`,
  );
  expect((error as Error).message).toContain('if it is Kafka');
});

/** What a Java producer with `compression.type=lz4` sends: a frame of one block, here stored as it is. */
function lz4Frame({ buffer }: { readonly buffer: Buffer }): Buffer {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE((buffer.length | 0x80000000) >>> 0);
  return Buffer.concat([header, size, buffer, Buffer.alloc(4)]);
}

describe('records that somebody compresses with lz4', () => {
  const run = randomUUID().slice(0, 8);
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder: { readonly buffer: Buffer }) => lz4Frame(encoder),
    decompress: () => Promise.reject(new Error('not here')),
  });

  /** Records of the partitions of a topic, as a reader gets them: `partition/offset value`. */
  async function given(topic: string, values: readonly (readonly [number, string, boolean])[]) {
    const said: string[] = [];
    const bus = await connectKafka({
      ...{ brokers, clientId: 'lz4' },
      logger: (level, message) => void (level === 'warn' && said.push(message)),
    });
    const producer = client.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    for (const [partition, value, isCompressed] of values) {
      await producer.send({
        topic,
        messages: [{ partition, value }],
        compression: isCompressed ? CompressionTypes.LZ4 : CompressionTypes.None,
      });
    }
    await producer.disconnect();
    const got: string[] = [];
    const starts = values.map(([partition]) => [partition, 'start'] as const);
    const reader = await bus.open({
      topic,
      positions: new Map(starts),
      onRecords: (p, records) => {
        for (const { offset, value } of records) got.push(`${p}/${offset} ${value}`);
      },
      onJump: (p, expected, found) => got.push(`${p} jumps from ${expected} to ${found}`),
    });
    await eventually('all records', () => got.length >= values.length);
    await reader.close();
    return { bus, got: got.sort(), said };
  }

  it('are skipped where they are stored so, said once, and hold up nothing', async () => {
    const topic = `lz4-${run}`;
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
    const { bus, got, said } = await given(topic, [
      [0, 'a', false],
      [0, 'b', true],
      [0, 'c', true],
      [0, 'd', false],
      [1, 'e', false],
    ]);
    expect(got).toEqual(['0/0 a', '0/1 null', '0/2 null', '0/3 d', '1/0 e']);
    const range = await bus.readRange(topic, 0, 0, 4, 10);
    expect(range.map(({ value }) => value)).toEqual(['a', null, null, 'd']);
    expect(said).toEqual([
      expect.stringMatching(`^${topic}/0: the records from offset 1 on .*compressed with lz4`),
    ]);
    await bus.close();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  it('are read in topics of ours, new or not: the broker stores them uncompressed', async () => {
    const admin = client.admin();
    await admin.connect();
    const old = `lz4-old-${run}`;
    const settings = [
      { name: 'compression.type', value: 'lz4' },
      { name: 'retention.ms', value: '7200000' },
    ];
    await admin.createTopics({
      topics: [{ topic: old, numPartitions: 1, configEntries: settings }],
      waitForLeaders: true,
    });
    for (const topic of [old, `lz4-new-${run}`]) {
      const bus = await connectKafka({ brokers, clientId: 'lz4' });
      const spec = { topic, partitions: 1, retentionMs: 3_600_000, timestamps: 'append' } as const;
      await bus.ensureTopics([spec]);
      await bus.close();
      // The broker learns of a changed setting a moment after it was acknowledged.
      await eventually('the setting', async () => {
        const configs = await settingsOf(admin, topic);
        return configs.get('compression.type') === 'uncompressed';
      });
      const read = await given(topic, [[0, 'a', true]]);
      expect(read.got).toEqual(['0/0 a']);
      await read.bus.close();
    }
    // No other setting was touched.
    expect((await settingsOf(admin, old)).get('retention.ms')).toBe('7200000');
    await admin.deleteTopics({ topics: [old, `lz4-new-${run}`] });
    await admin.disconnect();
  });
});

async function settingsOf(admin: Admin, name: string): Promise<Map<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name }],
  });
  return new Map(
    resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
  );
}
