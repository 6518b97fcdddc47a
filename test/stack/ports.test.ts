import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isPortFree, reservePorts } from '../../stack/ports.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

function listen(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function freePort(): Promise<number> {
  const reserved = await reservePorts([0]);
  reserved.release();
  return reserved.ports[0] ?? 0;
}

test('a free default port is taken', async () => {
  const wish = await freePort();
  const reserved = await reservePorts([wish]);
  reserved.release();
  expect(reserved.ports).toEqual([wish]);
});

test('a port in use is replaced by a free one, and the others stay', async () => {
  const [taken, wish] = [await listen(), await freePort()];
  const reserved = await reservePorts([taken, wish]);
  reserved.release();
  const { ports } = reserved;
  expect(ports[0]).not.toBe(taken);
  expect(ports[1]).toBe(wish);
  expect(await isPortFree(ports[0] ?? 0)).toBe(true);
});

test('two stacks that start at once never choose the same port', async () => {
  const wish = await freePort();
  const both = await Promise.all([reservePorts([wish, wish]), reservePorts([wish, wish])]);
  const ports = both.flatMap((reserved) => reserved.ports);
  both.forEach((reserved) => reserved.release());
  expect(new Set(ports).size).toBe(4);
});

test('a released port can be chosen again', async () => {
  const wish = await freePort();
  (await reservePorts([wish])).release();
  const again = await reservePorts([wish]);
  again.release();
  expect(again.ports).toEqual([wish]);
});
