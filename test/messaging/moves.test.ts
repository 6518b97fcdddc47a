// The end of a connection, whoever begins it, and the silence of an instance that may not speak: the
// order of frames, the close codes, and what the instance library is told.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startTestServer, type TestClient, type TestServer } from '../support/messaging.js';

let test: TestServer;
beforeEach(async () => {
  test = await startTestServer();
});
afterEach(() => test.close());

const connectionOf = (index = 0) => {
  const admission = test.instance.admissions[index];
  if (admission === undefined) throw new Error('nobody was admitted');
  return admission.connection;
};
const types = (client: TestClient) => client.frames.map(({ type }) => type);

describe('DISCONNECT', () => {
  it('says where to and from which offset, closes with 4001, and nothing follows it', async () => {
    const client = await test.welcomed();
    test.arrive({ id: 'm-0', to: 'alice' });
    connectionOf().disconnect({ reason: 'moved', url: 'ws://b', revision: 8, delayMs: 0 });
    test.arrive({ id: 'm-1', to: 'alice' });
    expect(await client.take('disconnect')).toEqual({
      type: 'disconnect',
      reason: 'moved',
      url: 'ws://b',
      next: '1',
      revision: 8,
      delayMs: 0,
    });
    expect((await client.closed()).code).toBe(4001);
    expect(types(client)).toEqual(['welcome', 'message', 'disconnect']);
    await eventually('closed', () => test.instance.closes.length === 1);
    expect(test.instance.closes[0]?.reason).toBe('moved');
  });

  it('keeps back an answer that arrives after it', async () => {
    const client = await test.welcomed();
    let letGo: () => void = () => undefined;
    test.log.beforeAppend = () => new Promise((resolve) => (letGo = resolve));
    client.say({ type: 'send', id: 'c-1', to: 'bob', body: 'x' });
    await eventually('appending', () => test.log.asked.append === 1);
    connectionOf().disconnect({ reason: 'moved', url: 'ws://b', revision: 8, delayMs: 0 });
    letGo();
    await client.closed();
    expect(types(client)).toEqual(['welcome', 'disconnect']);
  });

  it('replaced closes with 4003, leaving with 4001 and without a url', async () => {
    const phone = await test.welcomed('alice');
    const laptop = await test.welcomed('bob');
    connectionOf(0).disconnect({ reason: 'replaced', revision: 7, delayMs: 0 });
    connectionOf(1).disconnect({ reason: 'leaving', revision: 7, delayMs: 20 });
    expect((await phone.closed()).code).toBe(4003);
    expect((await laptop.closed()).code).toBe(4001);
    const leaving = await laptop.take('disconnect');
    expect(leaving).toMatchObject({ reason: 'leaving', delayMs: 20 });
    expect(leaving).not.toHaveProperty('url');
    await eventually('closed', () => test.instance.closes.length === 2);
    expect(test.instance.closes.map(({ reason }) => reason).sort()).toEqual([
      'leaving',
      'replaced',
    ]);
  });

  it('terminates a client that does not answer the closing handshake', async () => {
    const client = await test.welcomed();
    client.socket.pause(); // reads nothing any more, so it never answers
    connectionOf().disconnect({ reason: 'moved', url: 'ws://b', revision: 8, delayMs: 0 });
    await eventually('closed', () => test.instance.closes.length === 1);
    expect(test.instance.closes[0]?.reason).toBe('moved');
    client.socket.terminate();
  });
});

describe('an end that the client began', () => {
  it('bye is answered with 1000', async () => {
    const client = await test.welcomed();
    client.say({ type: 'bye' });
    expect(await client.closed()).toEqual({ code: 1000, reason: 'bye' });
    await eventually('closed', () => test.instance.closes.length === 1);
    expect(test.instance.closes[0]?.reason).toBe('bye');
  });

  it('a socket that is just gone is lost', async () => {
    const client = await test.welcomed();
    client.socket.terminate();
    await eventually('closed', () => test.instance.closes.length === 1);
    expect(test.instance.closes[0]?.reason).toBe('lost');
  });
});

describe('moved', () => {
  it('hands the gap on, clamped, once per welcome, at the revision that was echoed', async () => {
    const client = await test.welcomed('alice', { next: '0', revision: 5 });
    client.say({ type: 'moved', gapMs: 37.5 });
    client.say({ type: 'moved', gapMs: 1 });
    const other = await test.welcomed('bob', { next: '0', revision: 99 });
    other.say({ type: 'moved', gapMs: 1e12 });
    await eventually('two gaps', () => test.instance.gaps.length === 2);
    expect(test.instance.gaps).toEqual([
      { revision: 5, gapMs: 37.5, cause: 'moved' },
      { revision: 7, gapMs: 60_000, cause: 'moved' },
    ]);
  });

  it('hands on whether the client was told to move, as it says', async () => {
    const lost = await test.welcomed('alice', { next: '0', revision: 5 });
    lost.say({ type: 'moved', gapMs: 41_000, told: null });
    const moved = await test.welcomed('bob', { next: '0' });
    moved.say({ type: 'moved', gapMs: 40, told: 6 });
    const older = await test.welcomed('cyn', { next: '0' });
    older.say({ type: 'moved', gapMs: 41_000 });
    await eventually('three gaps', () => test.instance.gaps.length === 3);
    expect(new Set(test.instance.gaps)).toEqual(
      new Set([
        { revision: 5, gapMs: 41_000, cause: 'other' },
        { revision: 6, gapMs: 40, cause: 'moved' },
        { revision: 7, gapMs: 41_000, cause: 'other' },
      ]),
    );
  });

  it.each([-1, 1.5, '6', true])('with told %j is a bad-frame', async (told) => {
    const client = await test.welcomed();
    client.say({ type: 'moved', gapMs: 37, told });
    expect(await client.take('error')).toMatchObject({ code: 'bad-frame' });
  });

  it('without a number is a bad-frame', async () => {
    const client = await test.welcomed();
    client.say({ type: 'moved', gapMs: '37' });
    expect(await client.take('error')).toMatchObject({ code: 'bad-frame' });
  });
});

describe('an instance whose lease lapsed', () => {
  it('goes on with alive frames marked suspended and nothing else, then delivers what was kept', async () => {
    await test.close();
    test = await startTestServer({ aliveEveryMs: 200 });
    const client = await test.welcomed();
    test.arrive({ id: 'm-0', to: 'alice' });
    await client.take('message');
    test.instance.speaks = false;
    connectionOf().suspend(true);
    test.arrive({ id: 'm-1', to: 'alice' });
    test.arrive({ id: 'm-2', to: 'alice' });
    client.say({ type: 'send', id: 'c-1', to: 'bob', body: 'x' });
    await eventually('suspended', async () => (await client.take('alive'))['suspended'] === true);
    expect(types(client).filter((type) => type !== 'alive')).toEqual(['welcome', 'message']);
    expect(test.log.asked.append).toBe(0);
    test.instance.speaks = true;
    connectionOf().suspend(false);
    expect(await client.take('message')).toMatchObject({ offset: '1', id: 'm-1' });
    expect(await client.take('message')).toMatchObject({ offset: '2', id: 'm-2' });
    expect(await client.take('accepted')).toMatchObject({ id: 'c-1', offset: '0' });
    expect(
      await eventually('alive again', async () => {
        const alive = await client.take('alive');
        return alive['suspended'] === false && alive;
      }),
    ).toMatchObject({ next: '3' });
  });

  it('goes on by itself when the library has nothing to tell', async () => {
    const client = await test.welcomed();
    test.instance.speaks = false;
    test.arrive({ id: 'm-0', to: 'alice' });
    test.instance.speaks = true;
    expect(await client.take('message')).toMatchObject({ id: 'm-0' });
  });

  it('does not welcome: the client stays parked until it may', async () => {
    test.instance.speaks = false;
    const client = await test.dial();
    client.say({ type: 'hello', token: await test.token(), next: '0' });
    await eventually('admitted', () => test.instance.admissions.length === 1);
    expect(client.frames).toEqual([]);
    test.instance.speaks = true;
    await client.take('welcome');
  });
});

it('a server that closes tells its clients unavailable with 4503, and frees its port', async () => {
  const client = await test.welcomed();
  await test.server.close();
  expect(await client.take('error')).toMatchObject({ code: 'unavailable' });
  expect((await client.closed()).code).toBe(4503);
  await expect(test.dial()).rejects.toThrow();
});
