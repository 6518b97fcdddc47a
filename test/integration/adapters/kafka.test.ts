// The Kafka adapter on a real broker: the contract of every bus, and its errors at start.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { expect, it } from 'vitest';
import { connectKafka } from '../../../src/adapters/kafka.js';
import { UnreachableError } from '../../../src/errors.js';
import { busContract } from '../../contract/bus.js';

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
  expect((error as Error).message).toContain(
    `something listens at ${address} but does not answer as Kafka does`,
  );
});
