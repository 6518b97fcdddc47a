// What the Kafka adapter says before it speaks to any broker.
import { expect, it } from 'vitest';
import { connectKafka } from '../../src/adapters/kafka.js';
import { BadInputError } from '../../src/errors.js';

const none = [
  'http://127.0.0.1:9092',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  'kafka:99999',
];
it.each(none)('says in one sentence that %s is no address', async (address) => {
  const connecting = connectKafka({ brokers: ['127.0.0.1:1', address], clientId: 'x' });
  const error = await connecting.catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(BadInputError);
  expect(error).toMatchObject({ field: 'KAFKA_BROKERS', found: address });
  expect((error as Error).message).toContain(`KAFKA_BROKERS: "${address}" is not an address`);
});
