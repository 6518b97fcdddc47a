import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { chosenPorts, isPortFree, reservePorts } from '../../stack/ports.js';

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

test('any free port is one that no outgoing connection is ever given', async () => {
  const kernel = '/proc/sys/net/ipv4/ip_local_port_range';
  const reserved = await reservePorts(Array.from({ length: 20 }, () => 0));
  reserved.release();
  for (const port of reserved.ports) {
    expect(port).toBeGreaterThanOrEqual(chosenPorts.from);
    expect(port).toBeLessThan(chosenPorts.to);
  }
  expect(new Set(reserved.ports).size).toBe(20);
  if (!existsSync(kernel)) return; // Not Linux.
  const [from = 0] = readFileSync(kernel, 'utf8').split(/\s+/).map(Number);
  expect(chosenPorts.to).toBeLessThanOrEqual(from);
});

test('a port that somebody has reserved is not even tried', async () => {
  const first = await reservePorts([0]);
  const wish = first.ports[0] as number;
  const server = createServer();
  servers.push(server);
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wish, '127.0.0.1', resolve);
  });
  // Whoever listened on it for a moment would be in the way of its server.
  const others = await Promise.all(Array.from({ length: 8 }, () => reservePorts([wish])));
  others.forEach((other) => other.release());
  await listening;
  first.release();
  expect(others.map(({ ports }) => ports[0])).not.toContain(wish);
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
