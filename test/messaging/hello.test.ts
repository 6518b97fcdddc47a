// Everything that may be wrong with a client before its welcome, each with its error code, over real
// sockets; and what parks, redirects and refuses.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignJWT } from 'jose';
import { partitionOf } from '../../src/core/murmur2.js';
import { frameMaxBytes } from '../../src/limits.js';
import { errorCloseCodes, type ErrorCode } from '../../src/server/close-codes.js';
import { eventually } from '../support/eventually.js';
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

/** The client is told the error in words and closed with its code. */
async function expectRefused(client: TestClient, code: ErrorCode, words: RegExp): Promise<void> {
  const frame = await client.take('error');
  expect(frame).toMatchObject({ code });
  expect(frame['message']).toMatch(words);
  expect(await client.closed()).toEqual({ code: errorCloseCodes[code], reason: code });
}

describe('a first frame that is wrong', () => {
  const cases: [string, unknown, RegExp][] = [
    ['is no JSON', '{', /not JSON/],
    ['is no object', '[1]', /not a JSON object/],
    ['is null', 'null', /not a JSON object/],
    ['has no type', {}, /type is nothing/],
    ['has an unknown type', { type: 'hallo' }, /type is "hallo"; allowed/],
    ['is not hello', { type: 'bye' }, /first frame must be hello/],
    ['has no token', { type: 'hello', next: null }, /hello.token/],
    ['has a token that is no string', { type: 'hello', token: 7, next: null }, /hello.token/],
    ['has no next', { type: 'hello', token: 'x' }, /hello.next is nothing/],
    ['has a next that is a number', { type: 'hello', token: 'x', next: 5 }, /hello.next is 5/],
    ['has a negative next', { type: 'hello', token: 'x', next: '-1' }, /hello.next is "-1"/],
    [
      'has a next beyond any offset',
      { type: 'hello', token: 'x', next: '99999999999999999' },
      /hello.next/,
    ],
    [
      'has a revision that is a text',
      { type: 'hello', token: 'x', next: null, revision: '3' },
      /hello.revision/,
    ],
    ['is binary', Buffer.from('{"type":"hello"}'), /binary/],
  ];
  for (const [what, frame, words] of cases) {
    it(`${what}: bad-frame`, async () => {
      const client = await test.dial();
      client.say(frame);
      await expectRefused(client, 'bad-frame', words);
      expect(test.instance.admissions).toEqual([]);
    });
  }

  it('does not come in time: bad-frame', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const dialled = test.dial();
    const client = await dialled;
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    await expectRefused(client, 'bad-frame', /no hello came within 5000 ms/);
  });

  it('is larger than 64 KiB, by a little or by a lot: too-large', async () => {
    for (const size of [frameMaxBytes + 1, 1_000_000]) {
      const client = await test.dial();
      client.say(' '.repeat(size));
      await expectRefused(client, 'too-large', /65536/);
    }
  });

  it('is not UTF-8: bad-frame', async () => {
    const client = await test.dial();
    client.socket.send(Buffer.from([0x7b, 0xff, 0xfe]), { binary: false });
    await expectRefused(client, 'bad-frame', /UTF-8/);
  });
});

describe('a token', () => {
  const bad: [string, () => Promise<string>, ErrorCode, RegExp][] = [
    ['that is none', async () => 'abc', 'bad-token', /not a valid JWT/],
    ["signed by a stranger's key", () => test.strangersToken(), 'bad-token', /no key/],
    ['for another service', () => test.token({ service: 'other' }), 'bad-token', /claim aud/],
    ['with a wrong partition', () => test.token({ partition: 3 }), 'bad-token', /partition/],
    [
      'of yesterday',
      () => test.token({}, Date.now() - 25 * 3_600_000),
      'expired',
      /ask the directory/,
    ],
    [
      'without a signature',
      async () => {
        const [, payload] = (await test.token()).split('.');
        const header = Buffer.from('{"alg":"none"}').toString('base64url');
        return `${header}.${payload}.`;
      },
      'bad-token',
      /JWT|key/,
    ],
    [
      'whose payload was changed',
      async () => {
        const [header, payload, signature] = (await test.token()).split('.');
        const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object;
        const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'mallory' }));
        return `${header}.${changed.toString('base64url')}.${signature}`;
      },
      'bad-token',
      /signature/,
    ],
    [
      'signed with a shared secret',
      () =>
        new SignJWT({ client: 'phone', sid: 'x', p: 1 })
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('evenkeel')
          .setAudience('messaging')
          .setSubject('alice')
          .setIssuedAt()
          .setExpirationTime('1h')
          .sign(new TextEncoder().encode('a-secret-of-at-least-32-characters!!')),
      'bad-token',
      /JWT|key/,
    ],
  ];
  for (const [what, token, code, words] of bad) {
    it(`${what}: ${code}`, async () => {
      const client = await test.dial();
      client.say({ type: 'hello', token: await token(), next: null });
      await expectRefused(client, code, words);
      expect(test.instance.admissions).toEqual([]);
    });
  }

  it('that is right is admitted with its user, client, session and the echoed revision', async () => {
    const session = '0190f0f0f0f0aaaaaaaaaaaaaaaaaaaa';
    const client = await test.dial();
    const token = await test.token({ user: 'bob', client: 'laptop', session });
    client.say({ type: 'hello', token, next: '5', revision: 4 });
    await client.take('welcome');
    const [admission] = test.instance.admissions;
    expect(admission?.revision).toBe(4);
    expect(admission?.identity).toEqual({
      partition: partitionOf('bob', partitions),
      user: 'bob',
      client: 'laptop',
      session,
      sessionAtMs: Number.parseInt('0190f0f0f0f0', 16),
    });
  });
});

describe('between hello and welcome', () => {
  it('a parked client gets its welcome when the library says so, and not before', async () => {
    test.instance.onAdmit = () => undefined;
    const client = await test.dial();
    client.say({ type: 'hello', token: await test.token(), next: null });
    const { connection } = await eventually('admitted', () => test.instance.admissions[0]);
    test.arrive({ id: 'early', to: 'alice' });
    expect(client.frames).toEqual([]);
    connection.welcome({ connection: 'c', revision: 9 });
    expect(await client.take('welcome')).toEqual({
      type: 'welcome',
      instance: 'messaging-1',
      revision: 9,
      partition: partitionOf('alice', partitions),
      next: '1',
      aliveEveryMs: 4_000,
      truncated: false,
    });
    expect(client.frames).toHaveLength(1);
  });

  it('a send is a bad-frame, and the library learns that the socket is closed, once', async () => {
    test.instance.onAdmit = () => undefined;
    const client = await test.dial();
    client.say({ type: 'hello', token: await test.token(), next: null });
    await eventually('admitted', () => test.instance.admissions.length === 1);
    client.say({ type: 'send', id: 'c-1', to: 'bob', body: 'x' });
    await expectRefused(client, 'bad-frame', /before the welcome/);
    await eventually('closed', () => test.instance.closes.length > 0);
    expect(test.instance.closes.map(({ reason }) => reason)).toEqual(['refused']);
    expect(test.log.asked.append).toBe(0);
  });

  it('a second hello is a bad-frame', async () => {
    const client = await test.welcomed();
    client.say({ type: 'hello', token: await test.token(), next: null });
    await expectRefused(client, 'bad-frame', /already/);
  });

  it('a redirect is a frame, then close 4002', async () => {
    test.instance.onAdmit = ({ connection }) =>
      connection.redirect({ url: 'ws://other', revision: 12 });
    const client = await test.dial();
    client.say({ type: 'hello', token: await test.token(), next: null });
    expect(await client.take('redirect')).toEqual({
      type: 'redirect',
      url: 'ws://other',
      revision: 12,
    });
    expect((await client.closed()).code).toBe(4002);
    await eventually('closed', () => test.instance.closes.length === 1);
  });

  for (const code of ['superseded', 'too-many', 'unavailable'] as const) {
    it(`a refusal of the library is the error ${code}`, async () => {
      test.instance.onAdmit = ({ connection }) => connection.refuse(code, 'for a reason');
      const client = await test.dial();
      client.say({ type: 'hello', token: await test.token(), next: null });
      await expectRefused(client, code, /for a reason/);
      await eventually('closed', () => test.instance.closes.length === 1);
    });
  }
});

it('a socket beyond the bound of connections is refused with too-many', async () => {
  await test.close();
  test = await startTestServer({ connectionsMax: 1 });
  await test.welcomed();
  await expectRefused(await test.dial(), 'too-many', /1 connections/);
});

it('a server on a taken port is one sentence', async () => {
  await expect(startTestServer({ port: test.server.port })).rejects.toThrow(
    `port ${test.server.port} is taken by another program`,
  );
});
