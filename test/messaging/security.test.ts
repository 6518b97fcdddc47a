// Who may speak to a Messaging server: keys that are rotated, origins, sockets without a hello, storms
// of hellos, floods of pings; and names that are hostile wherever they end up.
import { afterEach, describe, expect, it } from 'vitest';
import { Writable } from 'node:stream';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { partitionOf } from '../../src/core/murmur2.js';
import { framesBurstMax, httpHeadWithinMs, keysRereadMs } from '../../src/limits.js';
import { generateKeys } from '../../src/server/keys.js';
import type { KeySet } from '../../src/server/key-set.js';
import { createLog } from '../../src/server/process.js';
import { newSessionId } from '../../src/server/session-ids.js';
import { tokenSigner } from '../../src/server/tokens.js';
import { eventually } from '../support/eventually.js';
import {
  partitions,
  startTestServer,
  type TestClient,
  type TestServer,
} from '../support/messaging.js';

let test: TestServer;
afterEach(() => test.close());

async function refusal(client: TestClient): Promise<unknown> {
  return [(await client.take('error'))['code'], (await client.closed()).code];
}

describe('keys that are rotated', () => {
  it('an old key counts while it is listed, a new one from then on, a revoked one no more', async () => {
    const [old, fresh] = [await generateKeys(), await generateKeys()];
    let listed: KeySet = old.jwks;
    test = await startTestServer({ jwks: () => listed });
    const tokenOf = async ({ signingJwk }: typeof old, user: string) => {
      const sign = await tokenSigner(signingJwk);
      const partition = partitionOf(user, partitions);
      const claims = { service: 'messaging', user, client: 'c', session: newSessionId(1) };
      return (await sign({ ...claims, partition }, Date.now())).token;
    };
    const tryWith = async (keys: typeof old, user: string) => {
      const client = await test.dial();
      client.say({ type: 'hello', token: await tokenOf(keys, user), next: null });
      const frame = await eventually('an answer', () => client.frames[0]);
      return [frame['type'], frame['code']];
    };
    const welcomed = ['welcome', undefined];
    const refused = ['error', 'bad-token'];
    expect(await tryWith(old, 'a')).toEqual(welcomed);
    expect(await tryWith(fresh, 'b')).toEqual(refused);
    listed = { keys: [...old.jwks.keys, ...fresh.jwks.keys] };
    expect(await tryWith(old, 'c')).toEqual(welcomed);
    expect(await tryWith(fresh, 'd')).toEqual(welcomed);
    listed = fresh.jwks;
    expect(await tryWith(old, 'e')).toEqual(refused);
    expect(await tryWith(fresh, 'f')).toEqual(welcomed);
    expect(keysRereadMs).toBeLessThanOrEqual(60_000);
  });

  it('a token without a kid is refused where two keys are listed', async () => {
    const [a, b] = [await generateKeys(), await generateKeys()];
    const listed = { keys: [...a.jwks.keys, ...b.jwks.keys] };
    test = await startTestServer({ jwks: () => listed });
    const { kid: _, ...unnamed } = a.signingJwk;
    const sign = await tokenSigner(unnamed);
    const partition = partitionOf('alice', partitions);
    const claims = { service: 'messaging', user: 'alice', client: 'c', session: 's', partition };
    const client = await test.dial();
    client.say({ type: 'hello', token: (await sign(claims, Date.now())).token, next: null });
    expect(await refusal(client)).toEqual(['bad-token', 4401]);
  });
});

describe('the origin of a page', () => {
  const tryFrom = (origin: string | undefined) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(test.url, origin === undefined ? {} : { origin });
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
    });

  it('may be any where none is listed', async () => {
    test = await startTestServer();
    expect(await tryFrom('https://anything.example')).toBe(101);
  });

  it('is one of the list where there is one; programs send none and are not asked', async () => {
    test = await startTestServer({ origins: ['https://chat.example.com'] });
    expect(await tryFrom('https://chat.example.com')).toBe(101);
    expect(await tryFrom(undefined)).toBe(101);
    for (const origin of ['https://evil.example', 'http://chat.example.com', 'null']) {
      expect(await tryFrom(origin), origin).toBe(403);
    }
    const text = await test.server.stats.registry.metrics();
    expect(text).toMatch(/evenkeel_sockets_turned_away_total\{why="origin"[^}]*\} 3/);
  });
});

describe('sockets that have not said hello', () => {
  it('are bounded: the oldest makes room, and who says hello stays', async () => {
    test = await startTestServer({ greetingMax: 2 });
    const greeted = await test.welcomed('alice');
    const silent = [await test.dial(), await test.dial(), await test.dial()];
    expect(await refusal(silent[0] as TestClient)).toEqual(['too-many', 4429]);
    const bob = await test.welcomed('bob');
    expect(await refusal(silent[1] as TestClient)).toEqual(['too-many', 4429]);
    for (const client of [greeted, bob]) {
      expect(client.frames.map(({ type }) => type)).toEqual(['welcome']);
    }
  });

  it('that never become WebSockets are closed by the bound of HTTP heads', async () => {
    test = await startTestServer();
    const socket: Socket = connect(Number(new URL(test.url).port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
    expect(httpHeadWithinMs).toBeLessThanOrEqual(5_000);
    await closed;
  });
});

describe('a storm of hellos', () => {
  it('is taken in at the rate, and refused beyond the line', async () => {
    // Two at once, then one each 100 ms, three in line.
    test = await startTestServer({ accepts: { perSecond: 10, burst: 2, waitMaxMs: 300 } });
    const admitted: string[] = [];
    test.instance.onAdmit = ({ identity }) => void admitted.push(identity.user);
    const clients: TestClient[] = [];
    for (let n = 0; n < 7; n += 1) clients.push(await test.dial());
    const tokens = await Promise.all(clients.map((_, n) => test.token({ user: `u${n}` })));
    for (const [n, client] of clients.entries()) {
      client.say({ type: 'hello', token: tokens[n], next: null });
    }
    const refused = (): TestClient[] =>
      clients.filter((client) => client.frames.some(({ type }) => type === 'error'));
    await eventually('all have been seen to', () => admitted.length + refused().length === 7);
    expect(admitted.length).toBeGreaterThanOrEqual(2);
    expect(new Set(admitted).size).toBe(admitted.length);
    for (const client of refused()) expect(await refusal(client)).toEqual(['too-many', 4429]);
  });

  it('that have no right to come takes no turn of those who have', async () => {
    // One each 200 ms, five in line: 30 strangers in line would push everybody else out.
    test = await startTestServer({ accepts: { perSecond: 5, burst: 1, waitMaxMs: 1_000 } });
    const strangers: TestClient[] = [];
    for (let n = 0; n < 30; n += 1) strangers.push(await test.dial());
    for (const stranger of strangers) stranger.say({ type: 'hello', token: 'x', next: null });
    for (const stranger of strangers) expect(await refusal(stranger)).toEqual(['bad-token', 4401]);
    for (const user of ['alice', 'bob', 'carol']) await test.welcomed(user);
  });

  it('who leaves while in line is not admitted any more', async () => {
    test = await startTestServer({ accepts: { perSecond: 10, burst: 1, waitMaxMs: 1_000 } });
    await test.welcomed('alice');
    const client = await test.dial();
    client.say({ type: 'hello', token: await test.token({ user: 'bob' }), next: null });
    await new Promise((resolve) => client.socket.ping(undefined, undefined, resolve));
    client.socket.terminate();
    const last = await test.dial();
    last.say({ type: 'hello', token: await test.token({ user: 'carol' }), next: null });
    await last.take('welcome');
    expect(test.instance.admissions.map(({ identity }) => identity.user)).toEqual([
      ...['alice', 'carol'],
    ]);
  });
});

it('a flood of pings ends the socket, by the rate of frames or by what ws lets wait', async () => {
  test = await startTestServer();
  const client = await test.welcomed();
  for (let n = 0; n < framesBurstMax * 2; n += 1) client.socket.ping();
  expect([4429, 1006]).toContain((await client.closed()).code);
  const patient = await test.welcomed('bob');
  for (let n = 0; n < framesBurstMax * 2 && patient.socket.readyState === WebSocket.OPEN; n += 1) {
    await new Promise((resolve) => patient.socket.ping(undefined, undefined, resolve));
    if (n % 20 === 0) await new Promise((resolve) => patient.socket.once('pong', resolve));
  }
  expect([4429, 1006]).toContain((await patient.closed()).code);
});

describe('a hostile name', () => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    '{"type":"bye"}',
    '"],"user":"root',
    "'; DROP TABLE users; --",
    '${jndi:ldap://x}',
    '../../etc/passwd',
    'a b\u00a0c',
    '\u202eright to left\u202c',
    '\u2028line\u2029paragraph',
    '👩‍👩‍👧‍👦'.repeat(8),
    '\u0301'.repeat(128),
    '0',
    'null',
    ' ',
  ];

  it('travels through session, hello, send, Kafka and delivery as it is, and into no label', async () => {
    const written: string[] = [];
    const to = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written.push(chunk.toString('utf8'));
        done();
      },
    });
    test = await startTestServer({ logger: createLog({ service: 'messaging' }, to) });
    const bob = await test.welcomed('bob');
    for (const [n, name] of names.entries()) {
      const hostile = await test.welcomed(name);
      const { identity } = test.instance.admissions.at(-1) ?? {};
      expect(identity).toMatchObject({ user: name, partition: partitionOf(name, partitions) });
      hostile.say({ type: 'send', id: `c-${n}`, to: name, body: name });
      expect(await hostile.take('accepted')).toMatchObject({ id: `c-${n}` });
      bob.say({ type: 'send', id: name, to: name, body: '' });
      expect(await bob.take('accepted')).toMatchObject({ id: name });
      const arrived = test.arrive({ from: name, id: `m-${n}`, to: name });
      expect(await hostile.take('message')).toMatchObject({
        ...{ offset: String(arrived), to: name, from: name },
      });
    }
    const metrics = await test.server.stats.registry.metrics();
    for (const name of names.filter(({ length }) => length > 4)) {
      expect(metrics).not.toContain(name);
      expect(written.join('')).not.toContain(name);
    }
    expect(({} as Record<string, unknown>)['user']).toBeUndefined();
  });

  it('with a control character of any kind is refused in a frame and in a token', async () => {
    test = await startTestServer();
    for (const bad of ['a\u0000', 'a\nb', 'a\u007f', 'a\u009bb', '\ud800', 'x'.repeat(129), '']) {
      const sender = await test.welcomed();
      sender.say({ type: 'send', id: 'c-1', to: bad, body: '' });
      expect(await refusal(sender)).toEqual(['bad-frame', 4400]);
      const client = await test.dial();
      client.say({ type: 'hello', token: await test.token({ user: bad }), next: null });
      expect(await refusal(client)).toEqual(['bad-token', 4401]);
    }
  });
});

it('no token, key or body is ever logged, wherever it stands in what is logged', async () => {
  const written: string[] = [];
  const to = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString('utf8'));
      done();
    },
  });
  const log = createLog({ service: 'messaging' }, to);
  test = await startTestServer({ logger: log });
  const token = await test.token();
  const stranger = await test.strangersToken();
  const expired = await test.token({}, 0);
  for (const one of [token, stranger, expired, `${token}x`, token.slice(0, -5)]) {
    const client = await test.dial();
    client.say({ type: 'hello', token: one, next: null });
    await eventually('an answer', () => client.frames.length > 0);
    client.say({ type: 'hello', token: one, next: 7 });
    client.say(`{"type":"send","token":"${one}"`);
  }
  const jwk = (await generateKeys()).signingJwk;
  log.warn({
    token,
    frame: { token, body: 'a secret text' },
    jwk,
    request: { authorization: 'k3y' },
  });
  await eventually('something is logged', () => written.length > 0);
  const text = written.join('');
  for (const secret of [token, stranger, expired]) {
    expect(text).not.toContain(secret.split('.')[2]);
    expect(text).not.toContain(secret.split('.')[1]);
  }
  for (const secret of ['a secret text', 'k3y', String(jwk['d'])])
    expect(text).not.toContain(secret);
});
