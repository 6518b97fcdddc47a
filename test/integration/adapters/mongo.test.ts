// The MongoDB adapter on whatever MONGODB_URI names: the contract of every ConfigDb, what stands in
// the documents, and its errors at start.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { expect, it } from 'vitest';
import { connectMongo } from '../../../src/adapters/mongo.js';
import { BadInputError, UnreachableError } from '../../../src/errors.js';
import { configDbContract } from '../../contract/config-db.js';

const uri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017';

async function dropDatabase(database: string): Promise<void> {
  const client = new MongoClient(uri);
  await client.db(database).dropDatabase();
  await client.close();
}

configDbContract('the ConfigDb on MongoDB', async () => {
  const database = `evenkeel-test-${randomUUID().slice(0, 8)}`;
  return {
    one: await connectMongo({ uri, database }),
    two: await connectMongo({ uri, database, lazy: true }),
    end: () => dropDatabase(database),
  };
});

it('stores a distribution under the names that others read', async () => {
  const database = `evenkeel-test-${randomUUID().slice(0, 8)}`;
  const db = await connectMongo({ uri, database });
  const client = new MongoClient(uri);
  await db.insertDistribution({
    service: 'messaging',
    revision: 17,
    partitions: 360,
    ranges: [[0, 359, 0]],
    hash: 'h',
    base: 16,
    plan: 'p',
    cause: { kind: 'operator', text: 'by hand' },
    epoch: 4,
    workflow: { id: 'rebalance/messaging', runId: 'r' },
    atMs: 1_700_000_000_000,
  });
  await db.takeEpoch('messaging', 'run', 5);
  const raw = client.db(database);
  expect(await raw.collection('distributions').findOne()).toEqual({
    _id: 'messaging@17',
    service: 'messaging',
    revision: 17,
    partitions: 360,
    ranges: [[0, 359, 0]],
    hash: 'h',
    base: 16,
    plan: 'p',
    cause: { kind: 'operator', text: 'by hand' },
    epoch: 4,
    workflow: { id: 'rebalance/messaging', runId: 'r' },
    at: 1_700_000_000_000,
  });
  expect(await raw.collection('epochs').findOne()).toMatchObject({ _id: 'messaging@1' });
  await raw.dropDatabase();
  await client.close();
  await db.close();
});

const secret = 'hunter2';

it('says in one sentence that an address is none, without its password', async () => {
  const bad = connectMongo({ uri: `http://user:${secret}@127.0.0.1/` });
  const error = await bad.catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(BadInputError);
  expect((error as Error).message).toContain('MONGODB_URI');
  expect(JSON.stringify(error) + (error as Error).message).not.toContain(secret);
});

it('says in one sentence that nothing answers, without its password', async () => {
  const error = await connectMongo({ uri: `mongodb://user:${secret}@127.0.0.1:1/` }).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UnreachableError);
  expect((error as Error).message).toMatch(
    /^MONGODB_URI: MongoDB at 127\.0\.0\.1:1 did not answer .*; start MongoDB/,
  );
  expect((error as Error).message).not.toContain(secret);
});

it('says in one sentence that what answers is not MongoDB', async () => {
  const server = http.createServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const error = await connectMongo({ uri: `mongodb://127.0.0.1:${port}/` }).catch(
    (e: unknown) => e,
  );
  server.closeAllConnections();
  server.close();
  expect(error).toBeInstanceOf(UnreachableError);
  expect((error as Error).message).toContain(`127.0.0.1:${port}`);
});

it('opened lazily, says that MongoDB is away when it is asked, not before', async () => {
  const db = await connectMongo({ uri: 'mongodb://127.0.0.1:1/', lazy: true });
  await expect(db.latestEpoch('messaging')).rejects.toThrow(UnreachableError);
  await db.close();
});

/** A way to MongoDB on which nothing is answered at first, as when it stands still. */
async function silentWay() {
  const { hostname, port } = new URL(uri.replace(/^mongodb/, 'http'));
  const sockets = new Set<net.Socket>();
  let isOpen = false;
  const way = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (!isOpen) return;
    const there = net.connect(Number(port || 27_017), hostname);
    sockets.add(there.on('error', () => socket.destroy()));
    socket.pipe(there).pipe(socket);
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  return {
    uri: `mongodb://127.0.0.1:${(way.address() as AddressInfo).port}/?directConnection=true`,
    answers: () => (isOpen = true),
    close: () => {
      for (const socket of sockets) socket.destroy();
      way.close();
    },
  };
}

it('who began while MongoDB did not answer reaches it when it does', async () => {
  const way = await silentWay();
  const database = `evenkeel-test-${randomUUID().slice(0, 8)}`;
  const db = await connectMongo({ uri: way.uri, database, lazy: true });
  await expect(db.latestEpoch('messaging')).rejects.toThrow(UnreachableError);
  await expect(db.latestEpoch('messaging')).rejects.toThrow(UnreachableError);
  way.answers();
  expect(await db.takeEpoch('messaging', 'test', 1)).toBe(1);
  await db.close();
  way.close();
  await dropDatabase(database);
});
