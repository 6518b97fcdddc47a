// The session directory's HTTP contract, with a table for the ownership log.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { partitionOf } from '../../src/core/murmur2.js';
import { sessionsPerUserMax, sessionTokenMs } from '../../src/limits.js';
import { directoryApp } from '../../src/directory/directory.js';
import { generateKeys } from '../../src/server/keys.js';
import type { Route, Routing } from '../../src/directory/routing.js';
import { tokenSigner, tokenVerifier, type VerifyToken } from '../../src/server/tokens.js';

const key = 'a-directory-key-of-the-test';
const partitions = 360;
let nowMs = 1_700_000_000_000;
let route: Route | null;
let distribution: ReturnType<Routing['distribution']>;
let asked: number[];
let app: FastifyInstance;
let verify: VerifyToken;

beforeEach(async () => {
  const keys = await generateKeys();
  route = { instance: 'messaging-1', url: 'ws://127.0.0.1:9001', revision: 17 };
  distribution = {
    revision: 17,
    ranges: [
      [0, 119, 0],
      [120, 179, 2],
      [180, 299, 1],
      [300, 359, 2],
    ],
  };
  asked = [];
  app = await directoryApp({
    service: 'messaging',
    partitions,
    key,
    routing: {
      routeOf: (partition) => {
        asked.push(partition);
        return route;
      },
      distribution: () => distribution,
      onChange: () => undefined,
    },
    held: { heldMs: 0, heldMax: 0 },
    sign: await tokenSigner(keys.signingJwk),
    clock: { wallMs: () => nowMs, monotonicMs: () => nowMs },
    registry: new Registry(),
  });
  verify = tokenVerifier({ jwks: keys.jwks, service: 'messaging', partitions });
});
afterEach(() => app.close());

const authorization = `Bearer ${key}`;
const ask = (payload: unknown, headers: Record<string, string> = { authorization }) =>
  app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

describe('POST /v1/sessions', () => {
  it("answers the holder of the user's partition and a token that instances accept", async () => {
    const answer = await ask({ user: 'alice', client: 'phone' });
    expect(answer.statusCode).toBe(201);
    const body = answer.json<Record<string, unknown>>();
    const partition = partitionOf('alice', partitions);
    expect(body).toMatchObject({
      user: 'alice',
      client: 'phone',
      partition,
      instance: 'messaging-1',
      url: 'ws://127.0.0.1:9001',
      revision: 17,
      expiresAtMs: nowMs + sessionTokenMs,
    });
    expect(asked).toEqual([partition]);
    expect(await verify(String(body['token']), nowMs)).toEqual({
      partition,
      user: 'alice',
      client: 'phone',
      session: body['session'],
      sessionAtMs: nowMs,
    });
  });

  it('names the device "default" when nothing is said, and takes any user of UTF-8', async () => {
    expect((await ask({ user: 'zoë 🦊' })).json()).toMatchObject({
      user: 'zoë 🦊',
      client: 'default',
    });
  });

  it('gives later sessions ids that sort later', async () => {
    const first = (await ask({ user: 'alice' })).json<{ session: string }>();
    nowMs += 1;
    const second = (await ask({ user: 'alice' })).json<{ session: string }>();
    expect(second.session > first.session).toBe(true);
  });

  it('answers 503 with Retry-After while nobody live holds the partition', async () => {
    route = null;
    const answer = await ask({ user: 'alice' });
    expect(answer.statusCode).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.json()).toMatchObject({
      error: { message: expect.stringContaining('partition') as string },
    });
  });

  const wrong: [string, unknown, string][] = [
    ['no user', {}, 'user'],
    ['a user that is a number', { user: 7 }, 'user'],
    ['an empty user', { user: '' }, 'user'],
    ['a user of 129 characters', { user: 'u'.repeat(129) }, 'user'],
    ['a control character', { user: 'a\nb' }, 'user'],
    ['a user with half a surrogate pair', { user: '\ud800' }, 'user'],
    ['a client with half a surrogate pair', { user: 'alice', client: 'a\udc00' }, 'client'],
    ['a client that is an object', { user: 'alice', client: {} }, 'client'],
    ['an array', [], 'body'],
    ['null', 'null', 'body'],
    ['no JSON', '{"user":', 'body'],
    ['nothing', '', 'body'],
  ];
  for (const [what, body, field] of wrong) {
    it(`${what} is a 400 that names the field`, async () => {
      const answer = await ask(body);
      expect(answer.statusCode).toBe(400);
      const { error } = answer.json<{ error: { field: string; message: string } }>();
      expect(error.field).toBe(field);
      expect(error.message).not.toBe('');
    });
  }

  it('a body beyond the bound is 413, another content type 415, both as JSON', async () => {
    const large = await ask({ user: 'alice', filler: 'x'.repeat(5_000) });
    expect(large.statusCode).toBe(413);
    expect(large.json()).toHaveProperty('error.message');
    const text = await ask('user=alice', { authorization, 'content-type': 'text/plain' });
    expect(text.statusCode).toBe(415);
    expect(text.json()).toEqual({
      error: {
        field: 'content-type',
        found: 'text/plain',
        allowed: 'content-type: application/json',
        message: 'the body must be JSON',
      },
    });
  });

  it('takes JSON without a content type and with that of plain curl, and nothing else there', async () => {
    const plain = (payload: string, headers: Record<string, string> = {}) =>
      app.inject({
        method: 'POST',
        url: '/v1/sessions',
        headers: { authorization, ...headers },
        payload,
      });
    const curl = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const headers of [{}, curl]) {
      expect((await plain('{"user":"alice"}', headers)).statusCode).toBe(201);
      const form = await plain('user=alice', headers);
      expect(form.statusCode).toBe(400);
      expect(form.json()).toMatchObject({ error: { field: 'body' } });
    }
  });

  it('takes the scheme of the key in any case', async () => {
    for (const scheme of ['bearer', 'BEARER']) {
      const answer = await ask({ user: 'alice' }, { authorization: `${scheme} ${key}` });
      expect(answer.statusCode).toBe(201);
    }
  });

  it('one user asking without end is 429 with Retry-After; others are served', async () => {
    for (let n = 0; n < sessionsPerUserMax; n += 1) await ask({ user: 'alice' });
    const answer = await ask({ user: 'alice' });
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toHaveProperty('retry-after');
    expect(answer.json()).toHaveProperty('error.message');
    expect((await ask({ user: 'bob' })).statusCode).toBe(201);
  });
});

describe('GET /v1/distribution', () => {
  it('answers the present revision as ranges per instance', async () => {
    const answer = await app.inject({ url: '/v1/distribution', headers: { authorization } });
    expect(answer.json()).toEqual({
      service: 'messaging',
      revision: 17,
      partitions: 360,
      instances: {
        'messaging-0': [[0, 119]],
        'messaging-1': [[180, 299]],
        'messaging-2': [
          [120, 179],
          [300, 359],
        ],
      },
    });
  });

  it('answers 503 before the first revision', async () => {
    distribution = null;
    const answer = await app.inject({ url: '/v1/distribution', headers: { authorization } });
    expect(answer.statusCode).toBe(503);
  });
});

it('both answer 401 without the key, and to any other key', async () => {
  for (const header of [undefined, 'Bearer ', `Bearer ${key}x`, key, `Basic ${key}`]) {
    const headers = header === undefined ? {} : { authorization: header };
    expect((await ask({ user: 'alice' }, headers)).statusCode, header).toBe(401);
    const get = await app.inject({ url: '/v1/distribution', headers });
    expect(get.statusCode, header).toBe(401);
    expect(get.json()).toHaveProperty('error.message');
  }
  expect(asked).toEqual([]);
});

it('anything else is a 404 as JSON', async () => {
  const answer = await app.inject({ url: '/v1/other?x=1' });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toEqual({ error: { message: 'there is no GET /v1/other' } });
});
