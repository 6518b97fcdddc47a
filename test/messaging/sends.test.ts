// Sends: written under their recipient, accepted after the acknowledgement, repeats answered with the
// first offset, bounds held.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/core/murmur2.js';
import { frameMaxBytes, framesBurstMax, sendsInFlightPerConnectionMax } from '../../src/limits.js';
import { messageFrame } from '../../src/messaging/frames.js';
import { eventually } from '../support/eventually.js';
import { partitions, startTestServer, type TestServer } from '../support/messaging.js';

let test: TestServer;
beforeEach(async () => {
  test = await startTestServer();
});
afterEach(() => test.close());

const bob = partitionOf('bob', partitions);
const send = (id: string, body = id) => ({ type: 'send', id, to: 'bob', body });

/** As another instance wrote it before its client moved here. */
function writtenElsewhere(id: string, atMs?: number): number {
  const value = JSON.stringify({
    id,
    from: 'alice',
    client: 'phone',
    to: 'bob',
    body: 'x',
    sentAtMs: 1,
  });
  const record = { topic: 'messaging.messages', partition: bob, key: 'bob', value };
  return test.log.put(record, atMs).offset;
}

describe('a send', () => {
  it('is written under its recipient and accepted only after Kafka acknowledged', async () => {
    const client = await test.welcomed('alice');
    let letGo: () => void = () => undefined;
    test.log.beforeAppend = () => new Promise((resolve) => (letGo = resolve));
    client.say(send('c-1', 'hello'));
    await eventually('appending', () => test.log.asked.append === 1);
    expect(client.frames.map(({ type }) => type)).toEqual(['welcome']);
    letGo();
    expect(await client.take('accepted')).toEqual({
      type: 'accepted',
      id: 'c-1',
      partition: bob,
      offset: '0',
    });
    const [record] = test.log.records(bob);
    expect(record?.key).toBe('bob');
    expect(JSON.parse(record?.value ?? '')).toMatchObject({
      id: 'c-1',
      from: 'alice',
      client: 'phone',
      to: 'bob',
      body: 'hello',
    });
  });

  it('that Kafka refuses is never accepted: unavailable, 4503', async () => {
    const client = await test.welcomed('alice');
    test.log.beforeAppend = () => Promise.reject(new Error('no leader'));
    client.say(send('c-1'));
    expect(await client.take('error')).toMatchObject({ code: 'unavailable' });
    expect((await client.closed()).code).toBe(4503);
  });

  const bad: [string, object, string, RegExp][] = [
    ['without an id', { type: 'send', to: 'bob', body: 'x' }, 'bad-frame', /send.id is nothing/],
    ['with an empty id', { ...send(''), id: '' }, 'bad-frame', /send.id/],
    ['with an id of 129 characters', send('i'.repeat(129), 'x'), 'bad-frame', /1 to 128/],
    ['to nobody', { type: 'send', id: 'c', body: 'x' }, 'bad-frame', /send.to is nothing/],
    ['to a control character', { ...send('c'), to: 'b\u0000b' }, 'bad-frame', /send.to/],
    ['with half a character as id', send('c\ud800', 'x'), 'bad-frame', /send.id.*well-formed/],
    ['to half a character', { ...send('c'), to: '\udc00b' }, 'bad-frame', /send.to.*well-formed/],
    ['to a number', { ...send('c'), to: 7 }, 'bad-frame', /send.to is 7/],
    ['without a body', { type: 'send', id: 'c', to: 'bob' }, 'bad-frame', /send.body/],
    ['with an object for a body', { ...send('c'), body: {} }, 'bad-frame', /send.body/],
    ['with a body near the size of a frame', send('c', 'x'.repeat(65_450)), 'too-large', /65536/],
  ];
  for (const [what, frame, code, words] of bad) {
    it(`${what} is an error and is not written`, async () => {
      const client = await test.welcomed('alice');
      client.say(frame);
      const error = await client.take('error');
      expect(error).toMatchObject({ code });
      expect(error['message']).toMatch(words);
      await client.closed();
      expect(test.log.asked.append).toBe(0);
    });
  }

  it('is taken if its message frame has at most 64 KiB at any offset, and is too-large beyond', async () => {
    const around = { id: 'c-1', from: 'alice', client: 'phone', to: 'bob', sentAtMs: Date.now() };
    const room =
      frameMaxBytes - messageFrame(Number.MAX_SAFE_INTEGER, { ...around, body: '' }).length;
    const bobs = await test.welcomed('bob');
    for (const body of ['x'.repeat(room), '"'.repeat(Math.floor(room / 2))]) {
      const client = await test.welcomed('alice');
      client.say(send(body.slice(0, 1) === 'x' ? 'c-1' : 'c-2', body));
      const { offset } = await client.take('accepted');
      test.server.sink.onRecords(bob, test.log.records(bob), Number(offset) + 1);
      expect(await bobs.take('message')).toMatchObject({ offset, body });
    }
    const client = await test.welcomed('alice');
    client.say(send('c-3', 'x'.repeat(room + 1)));
    expect(await client.take('error')).toMatchObject({ code: 'too-large' });
    expect((await client.closed()).code).toBe(4413);
    expect(test.log.records(bob)).toHaveLength(2);
  });

  it('with the id of another message is a bad-frame, never accepted', async () => {
    const client = await test.welcomed('alice');
    client.say(send('m5'));
    await client.take('accepted');
    client.say({ ...send('m5'), to: 'carol' });
    expect(await client.take('error')).toMatchObject({
      code: 'bad-frame',
      message: 'send.id m5 was used for another message',
    });
    expect((await client.closed()).code).toBe(4400);
    expect(test.log.asked.append).toBe(1);
  });

  it('with an id that went elsewhere to another user of the partition is written and delivered', async () => {
    const users = Array.from({ length: 1_000 }, (_, n) => `user-${n}`);
    const neighbour = users.find((user) => partitionOf(user, partitions) === bob) ?? '';
    writtenElsewhere('m5');
    const client = await test.welcomed('alice', { next: '0' });
    const receiver = await test.welcomed(neighbour);
    client.say({ ...send('m5', 'for the neighbour'), to: neighbour });
    expect(await client.take('accepted')).toMatchObject({ partition: bob, offset: '1' });
    test.server.sink.onRecords(bob, test.log.records(bob), 2);
    expect(await receiver.take('message')).toMatchObject({
      offset: '1',
      body: 'for the neighbour',
    });
  });

  it('beyond the bound of unanswered ones is too-many', async () => {
    const client = await test.welcomed('alice');
    test.log.beforeAppend = () => new Promise(() => undefined);
    for (let n = 0; n <= sendsInFlightPerConnectionMax; n += 1) client.say(send(`c-${n}`));
    expect(await client.take('error')).toMatchObject({ code: 'too-many' });
    expect((await client.closed()).code).toBe(4429);
  });

  it('beyond the rate of frames is too-many', async () => {
    const client = await test.welcomed('alice');
    for (let n = 0; n <= framesBurstMax * 2; n += 1) client.say({ type: 'moved', gapMs: 1 });
    expect(await client.take('error')).toMatchObject({ code: 'too-many' });
    expect((await client.closed()).code).toBe(4429);
  });
});

describe('a repeated send', () => {
  it('is answered with the first offset, also while the first is on its way', async () => {
    const client = await test.welcomed('alice');
    let letGo: () => void = () => undefined;
    test.log.beforeAppend = () => new Promise((resolve) => (letGo = resolve));
    client.say(send('c-1'));
    client.say(send('c-1'));
    await eventually('appending', () => test.log.asked.append === 1);
    letGo();
    const again = await test.welcomed('alice', { next: '0' });
    const first = await client.take('accepted');
    expect(await client.take('accepted')).toEqual(first);
    again.say(send('c-1'));
    expect(await again.take('accepted')).toEqual(first);
    expect(test.log.records(bob)).toHaveLength(1);
  });

  it('of the same id by another client of the user is another message', async () => {
    const phone = await test.welcomed('alice');
    const laptop = await test.dial();
    laptop.say({ type: 'hello', token: await test.token({ client: 'laptop' }), next: null });
    phone.say(send('c-1'));
    await phone.take('accepted');
    await laptop.take('welcome');
    laptop.say(send('c-1'));
    expect(await laptop.take('accepted')).toMatchObject({ offset: '1' });
  });

  it('that another instance wrote is found in the log and not written again', async () => {
    writtenElsewhere('c-0');
    const first = writtenElsewhere('c-1');
    const client = await test.welcomed('alice', { next: '0' });
    client.say(send('c-1'));
    client.say(send('c-2'));
    expect(await client.take('accepted')).toMatchObject({ id: 'c-1', offset: String(first) });
    expect(await client.take('accepted')).toMatchObject({ id: 'c-2', offset: '2' });
    expect(test.log.records(bob)).toHaveLength(3);
  });

  it('is found in the buffer when this instance reads the partition of the recipient', async () => {
    const offset = writtenElsewhere('c-1');
    test.server.sink.onRecords(bob, test.log.records(bob), 1);
    const client = await test.welcomed('alice', { next: '0' });
    const readsBefore = test.log.asked.readRange;
    client.say(send('c-1'));
    expect(await client.take('accepted')).toMatchObject({ offset: String(offset) });
    expect(test.log.asked.readRange).toBe(readsBefore);
  });

  it.each([-10, 10])('is found by a broker whose clock is %i minutes off ours', async (minutes) => {
    const brokerMs = Date.now() + minutes * 60_000;
    writtenElsewhere('c-0', brokerMs - 1_000);
    const first = writtenElsewhere('c-1', brokerMs);
    const client = await test.welcomed('alice', { next: '0' });
    client.say(send('c-1'));
    expect(await client.take('accepted')).toMatchObject({ id: 'c-1', offset: String(first) });
    expect(test.log.records(bob)).toHaveLength(2);
  });

  it('keeps its place: what follows is written after it', async () => {
    const client = await test.welcomed('alice', { next: '0' });
    for (const id of ['c-1', 'c-2', 'c-3']) client.say(send(id));
    for (const id of ['c-1', 'c-2', 'c-3'])
      expect(await client.take('accepted')).toMatchObject({ id });
    const ids = test.log
      .records(bob)
      .map(({ value }) => (JSON.parse(value ?? '') as { id: string }).id);
    expect(ids).toEqual(['c-1', 'c-2', 'c-3']);
  });

  it('is not searched for clients that mark repeats, unless marked, nor for new ones', async () => {
    const fresh = await test.welcomed('alice');
    const marking = await test.welcomed('alice', { next: '0', marksRepeats: true });
    const asked = { ...test.log.asked };
    fresh.say(send('c-1'));
    marking.say(send('c-2'));
    await fresh.take('accepted');
    await marking.take('accepted');
    expect(test.log.asked.readRange).toBe(asked.readRange);
    expect(test.log.asked.offsetsSince).toBe(asked.offsetsSince);
    const offset = writtenElsewhere('c-3');
    marking.say({ ...send('c-3'), repeat: true });
    expect(await marking.take('accepted')).toMatchObject({ offset: String(offset) });
  });

  it('is written when the search fails: the copy is dropped on delivery', async () => {
    writtenElsewhere('c-1');
    const client = await test.welcomed('alice', { next: '0' });
    test.log.readRange = () => Promise.reject(new Error('away'));
    client.say(send('c-1'));
    expect(await client.take('accepted')).toMatchObject({ offset: '1' });
  });
});
