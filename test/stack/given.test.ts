// Parts that the environment names: they are used as they are, if they are what they are said to be.
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { probeKafka } from '../../stack/probes.js';
import { startStack } from '../../stack/start.js';
import { setEnv } from './scratch.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

function listen(server: Server): Promise<string> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve(`127.0.0.1:${port}`);
    });
  });
}

/** Answers a Metadata request as Kafka does: size, correlation id, throttle time, brokers. */
function kafkaLike(brokers: number): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (request) => {
      const answer = Buffer.alloc(20);
      answer.writeInt32BE(16, 0);
      request.copy(answer, 4, 8, 12);
      answer.writeInt32BE(brokers, 12);
      socket.write(answer.subarray(0, 7)); // In two pieces, as networks like it.
      setTimeout(() => socket.write(answer.subarray(7)), 5);
    });
  });
}

test('a Kafka broker is recognised by its own protocol', async () => {
  expect(await probeKafka(await listen(kafkaLike(3)))).toBe(3);
});

test('a web server in the place of Kafka is an error that names the variable', async () => {
  const http = createHttpServer((_, response) => response.end());
  // Some web servers answer what they cannot read, some close; this one answers.
  http.on('clientError', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const address = await listen(http);
  setEnv('KAFKA_BROKERS', address);
  await expect(startStack({ parts: ['kafka'] })).rejects.toThrow(
    `KAFKA_BROKERS is set to ${address}, but Kafka does not answer there: what answers there is not Kafka.`,
  );
});

test('nothing is started when one given address is wrong', async () => {
  setEnv('KAFKA_BROKERS', 'not-an-address');
  setEnv('MONGODB_URI', undefined);
  const lines: string[] = [];
  const starting = startStack({
    parts: ['mongo', 'kafka'],
    onProgress: (line) => lines.push(line),
  });
  await expect(starting).rejects.toThrow('"not-an-address" is not host:port');
  expect(lines).toEqual([]);
});

test('a password in an address is never shown', async () => {
  setEnv('MONGODB_URI', 'mongodb//user:secret@db.example:27017');
  const failure = await startStack({ parts: ['mongo'] }).catch((error: Error) => error.message);
  expect(failure).toContain('MONGODB_URI is set to');
  expect(failure).not.toContain('secret');
});

test('a given part is handed on, is not ours to stop, and survives the end of the stack', async () => {
  const address = await listen(kafkaLike(1));
  setEnv('KAFKA_BROKERS', address);
  const stack = await startStack({ parts: ['kafka'] });
  expect(stack.env).toEqual({ KAFKA_BROKERS: address });
  expect(stack.parts.kafka).toEqual({ origin: 'environment', ports: [], running: true });
  await expect(async () => stack.stopPart('kafka')).rejects.toThrow('is not run by this stack');
  await stack.stop();
  expect(await probeKafka(address)).toBe(1);
});

test('one broker of a list is enough', async () => {
  const brokers = `127.0.0.1:1, ${await listen(kafkaLike(1))}`;
  setEnv('KAFKA_BROKERS', brokers);
  const stack = await startStack({ parts: ['kafka'] });
  expect(stack.env['KAFKA_BROKERS']).toBe(brokers);
  await stack.stop();
});
