// Each message once, in offset order, live, from the buffer or from Kafka, duplicates dropped.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/core/murmur2.js';
import { bufferedRecordsPerPartition, duplicateWindowMs } from '../../src/limits.js';
import {
  partitions,
  startTestServer,
  type TestClient,
  type TestServer,
} from '../support/messaging.js';

let test: TestServer;
beforeEach(async () => {
  test = await startTestServer();
});
afterEach(() => test.close());

const alice = partitionOf('alice', partitions);
const minute = 60_000;

/** Writes as another instance would, without delivering. */
function put(id: string, options: { to?: string; atMs?: number; body?: string } = {}): number {
  const { to = 'alice', atMs = Date.now(), body = 'x' } = options;
  const value = JSON.stringify({ id, from: 'bob', client: 'laptop', to, body, sentAtMs: 1 });
  return test.log.put({ topic: 'messaging.messages', partition: alice, key: to, value }, atMs)
    .offset;
}

/** Delivers records [from, to) as the library does. */
function deliver(from: number, to = test.log.records(alice).length): void {
  test.server.sink.onRecords(alice, test.log.records(alice).slice(from, to), to);
}

async function takeIds(client: TestClient, count: number): Promise<unknown[]> {
  const ids = [];
  for (let n = 0; n < count; n += 1) ids.push((await client.take('message'))['id']);
  return ids;
}
const idsOf = (client: TestClient) =>
  client.frames.filter(({ type }) => type === 'message').map(({ id }) => id);

describe('delivery', () => {
  it("gives each of a user's clients every message, with its offset, and nobody else any", async () => {
    const phone = await test.welcomed('alice');
    const laptop = await test.dial();
    laptop.say({ type: 'hello', token: await test.token({ client: 'laptop' }), next: null });
    await laptop.take('welcome');
    test.arrive({ id: 'm-0', to: 'alice' });
    for (const client of [phone, laptop]) {
      expect(await client.take('message')).toEqual({
        type: 'message',
        offset: '0',
        id: 'm-0',
        from: 'bob',
        client: 'laptop',
        to: 'alice',
        body: 'body of m-0',
        sentAtMs: 1,
      });
    }
    put('for-somebody-else', { to: 'another user of the partition' });
    put('m-2');
    deliver(1);
    expect(await takeIds(phone, 1)).toEqual(['m-2']);
    expect(idsOf(laptop)).not.toContain('for-somebody-else');
  });

  it('starts at the end for a null next, and at the next that a client brings', async () => {
    for (const id of ['m-0', 'm-1', 'm-2']) test.arrive({ id, to: 'alice' });
    const fresh = await test.welcomed('alice');
    const back = await test.welcomed('alice', { next: '1' });
    expect(await takeIds(back, 2)).toEqual(['m-1', 'm-2']);
    test.arrive({ id: 'm-3', to: 'alice' });
    expect(await takeIds(fresh, 1)).toEqual(['m-3']);
    expect(await takeIds(back, 1)).toEqual(['m-3']);
    expect(test.log.asked.readRange).toBe(0);
  });

  it('starts at the end for a next beyond it, says truncated, and is not deaf then', async () => {
    test.arrive({ id: 'm-0', to: 'alice' });
    const read = await test.welcomed('alice', { next: '100000' });
    expect(read.frames[0]).toMatchObject({ next: '1', truncated: true });
    test.arrive({ id: 'm-1', to: 'alice' });
    expect(await takeIds(read, 1)).toEqual(['m-1']);
    const bob = await test.welcomed('bob', { next: '7' });
    expect(bob.frames[0]).toMatchObject({ next: '0', truncated: true });
    test.arrive({ id: 'm-2', to: 'bob' });
    expect(await takeIds(bob, 1)).toEqual(['m-2']);
  });

  it('believes a next that Kafka knows and this instance has not read yet', async () => {
    test.arrive({ id: 'm-0', to: 'alice' });
    put('seen-elsewhere');
    put('not-seen');
    const bounds = test.log.bounds.bind(test.log);
    // The first answer is older than what the client saw.
    test.log.bounds = async (topic) => {
      test.log.bounds = bounds;
      return (await bounds(topic)).map((found) => ({ ...found, high: Math.min(found.high, 1) }));
    };
    const client = await test.welcomed('alice', { next: '2' });
    expect(client.frames[0]).toMatchObject({ next: '2', truncated: false });
    deliver(1);
    expect(await takeIds(client, 1)).toEqual(['not-seen']);
    expect(idsOf(client)).toEqual(['not-seen']);
  });

  it('reads what is older than the buffer from Kafka, then the buffer, then live, in order', async () => {
    const count = bufferedRecordsPerPartition * 5;
    for (let n = 0; n < count; n += 1) put(`m-${n}`);
    deliver(0);
    const client = await test.welcomed('alice', { next: '3' });
    put('live');
    deliver(count);
    const ids = await takeIds(client, count - 3 + 1);
    expect(ids).toEqual([...Array.from({ length: count - 3 }, (_, n) => `m-${n + 3}`), 'live']);
    expect(test.log.asked.readRange).toBeGreaterThan(0);
  });

  it('finds the end of an idle partition, and what a client missed there, by asking Kafka', async () => {
    for (const id of ['old-0', 'old-1', 'old-2']) put(id, { atMs: Date.now() - 10 * minute });
    const fresh = await test.welcomed('alice');
    expect(fresh.frames[0]).toMatchObject({ next: '3', truncated: false });
    const back = await test.welcomed('alice', { next: '1' });
    expect(await takeIds(back, 2)).toEqual(['old-1', 'old-2']);
    put('new');
    deliver(3);
    expect(await takeIds(fresh, 1)).toEqual(['new']);
    expect(await takeIds(back, 1)).toEqual(['new']);
  });

  it('asks nobody for an idle partition that the library has read to its tail', async () => {
    for (const id of ['old-0', 'old-1']) put(id, { atMs: Date.now() - 10 * minute });
    test.server.sink.onRecords(alice, [], 2);
    const fresh = await test.welcomed('alice');
    const back = await test.welcomed('alice', { next: '2' });
    expect(fresh.frames[0]).toMatchObject({ next: '2' });
    expect(test.log.asked.bounds).toBe(0);
    put('new');
    deliver(2);
    expect(await takeIds(fresh, 1)).toEqual(['new']);
    expect(await takeIds(back, 1)).toEqual(['new']);
  });

  it('says truncated when the wanted offset is no longer kept, and goes on from what is', async () => {
    for (let n = 0; n < 10; n += 1) put(`m-${n}`, { atMs: Date.now() - 10 * minute });
    test.log.trim(alice, 6);
    const client = await test.welcomed('alice', { next: '2' });
    expect(client.frames[0]).toMatchObject({ next: '6', truncated: true });
    expect(await takeIds(client, 4)).toEqual(['m-6', 'm-7', 'm-8', 'm-9']);
  });

  it('waits for a client that is ahead of this reader', async () => {
    put('m-0');
    deliver(0);
    put('m-1');
    const client = await test.welcomed('alice', { next: '2' });
    put('m-2');
    deliver(1);
    expect(await takeIds(client, 1)).toEqual(['m-2']);
    expect(idsOf(client)).toEqual(['m-2']);
  });

  it('delivers large backlogs to a client at the pace of its socket', async () => {
    const body = 'x'.repeat(20_000);
    for (let n = 0; n < 200; n += 1) put(`m-${n}`, { body });
    deliver(0);
    const client = await test.welcomed('alice', { next: '0' });
    expect(await takeIds(client, 200)).toHaveLength(200);
  });

  it('closes a client that does not read with too-many', async () => {
    const client = await test.welcomed('alice');
    client.socket.pause();
    const body = 'x'.repeat(60_000);
    const refusals = () =>
      test.server.stats.registry.getSingleMetricAsString('evenkeel_client_errors_total');
    // How much the kernel takes before the server has to keep it differs between machines.
    for (let n = 0; n < 2_000 && !/"too-many"[^}]*\} [1-9]/.test(await refusals()); n += 1) {
      deliver(put(`m-${n}`, { body }));
    }
    client.socket.resume();
    expect(await client.take('error')).toMatchObject({ code: 'too-many' });
    expect((await client.closed()).code).toBe(4429);
  });

  it('survives records that are no messages', async () => {
    const client = await test.welcomed('alice');
    const topic = 'messaging.messages';
    for (const value of ['{', '7', 'null', '{"to":"alice"}']) {
      test.log.put({ topic, partition: alice, value });
    }
    put('m');
    deliver(0);
    expect(await client.take('message')).toMatchObject({ id: 'm', offset: '4' });
  });
});

describe('duplicates', () => {
  it('of a send are dropped live, from the buffer and from Kafka: the first copy wins', async () => {
    const live = await test.welcomed('alice', { next: '0' });
    for (const id of ['a', 'b', 'a', 'c', 'b']) put(id);
    deliver(0);
    expect(await takeIds(live, 3)).toEqual(['a', 'b', 'c']);
    const buffered = await test.welcomed('alice', { next: '0' });
    expect(await takeIds(buffered, 3)).toEqual(['a', 'b', 'c']);
    for (let n = 0; n < bufferedRecordsPerPartition + 5; n += 1) put(`more-${n}`);
    deliver(5);
    const late = await test.welcomed('alice', { next: '0' });
    expect((await takeIds(late, 4)).slice(0, 4)).toEqual(['a', 'b', 'c', 'more-0']);
  });

  it('are known to a late client although their first copy lies before its offset', async () => {
    put('a', { atMs: Date.now() - 10 * minute });
    put('b', { atMs: Date.now() - 10 * minute });
    put('a', { atMs: Date.now() - 9.5 * minute });
    put('c', { atMs: Date.now() - 9.5 * minute });
    const client = await test.welcomed('alice', { next: '1' });
    expect(await takeIds(client, 2)).toEqual(['b', 'c']);
  });

  it('are judged alike by a reader that began later, whatever it missed before its window', async () => {
    // One life began before both copies; the other reads from a window before `now`, which lies
    // between them: it must not serve the second copy from its own buffer.
    const now = Date.now();
    put('filler', { atMs: now - 5 * minute });
    put('a', { atMs: now - duplicateWindowMs - 10_000 });
    put('a', { atMs: now - duplicateWindowMs + 20_000 });
    put('z', { atMs: now });
    deliver(2); // what a warm-up of now reads
    const client = await test.welcomed('alice', { next: '2' });
    expect(await takeIds(client, 1)).toEqual(['z']);
    expect(idsOf(client)).toEqual(['z']);
  });

  it('after the window an id counts as new', async () => {
    const client = await test.welcomed('alice', { next: '0' });
    put('a', { atMs: Date.now() - duplicateWindowMs - 1 });
    put('a', { atMs: Date.now() });
    deliver(0);
    expect(await takeIds(client, 2)).toEqual(['a', 'a']);
  });
});
