// Requests to the session directory, over its HTTP. An input is a list of requests as JSON.

import { Registry } from 'prom-client';
import { directoryApp } from '../../src/directory/directory.js';
import { generateKeys } from '../../src/server/keys.js';
import { tokenSigner } from '../../src/server/tokens.js';
import { mutated } from '../mutate.js';
import type { Random } from '../random.js';
import { expectThat, type Target } from '../target.js';

const key = 'the-key-of-the-fuzzed-directory';
const authorization = `Bearer ${key}`;
const allowed = [200, 201, 400, 401, 404, 413, 414, 415, 429, 503];
const endless = { perSecond: 100_000, burst: 100_000, waitMaxMs: 1_000, keepMs: 1_000 };
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'] as const;
const types = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'x/y; charset=z',
];

interface Question {
  readonly method: (typeof methods)[number];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
}

export async function openDirectory(): Promise<Target> {
  let asked = 0;
  const app = await directoryApp({
    ...{ service: 'messaging', partitions: 16, key, registry: new Registry(), pace: endless },
    routing: {
      routeOf: (p) => (p === 3 ? null : { instance: 'messaging-0', url: 'ws://a', revision: 1 }),
      distribution: () => ({ revision: 1, ranges: [[0, 15, 0]] }),
      onChange: () => undefined,
    },
    held: { heldMs: 0, heldMax: 0 },
    sign: await tokenSigner((await generateKeys()).signingJwk),
    clock: { wallMs: () => 1_700_000_000_000 + asked, monotonicMs: () => (asked += 1) },
  });
  return {
    name: 'directory',
    generate,
    execute: async (steps) => {
      for (const step of steps) {
        const question = readQuestion(step);
        if (question === null) continue;
        const { statusCode, body, headers } = await app.inject(question);
        expectThat(allowed.includes(statusCode), `status ${statusCode}: ${body}`);
        expectThat(!body.includes(key), 'the key is in an answer');
        if (statusCode === 201)
          expectThat(
            question.headers['authorization'] === authorization,
            'a session without the key',
          );
        if (statusCode === 503 || statusCode === 429) {
          expectThat(Number(headers['retry-after']) > 0, `${statusCode} without Retry-After`);
        }
        if (body !== '') JSON.parse(body);
      }
    },
    close: () => app.close(),
  };
}

function generate(random: Random): readonly string[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const body = JSON.stringify({ user: `u${random.below(40)}`, client: 'phone' });
    const question = {
      method: random.oneIn(5) ? random.pick(methods) : 'POST',
      url: random.oneIn(5)
        ? random.pick(['/v1/distribution', '/', '/v1/sessions?x=%00', '/v1/%2e%2e'])
        : '/v1/sessions',
      headers: {
        ...(random.oneIn(10)
          ? {}
          : { authorization: random.oneIn(8) ? 'Bearer x' : authorization }),
        ...(random.oneIn(10)
          ? {}
          : { 'content-type': random.oneIn(4) ? random.pick(types) : 'application/json' }),
      },
      payload: mutated(body, random),
    };
    return random.oneIn(6) ? mutated(JSON.stringify(question), random) : JSON.stringify(question);
  });
}

/** What HTTP itself could not carry is no request. */
function readQuestion(step: string): Question | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(step);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { method, url, headers, payload } = parsed as Record<string, unknown>;
  const known = methods.find((one) => one === method);
  if (known === undefined || typeof url !== 'string' || !/^\/[\x21-\x7e]*$/.test(url)) return null;
  if (typeof headers !== 'object' || headers === null) return null;
  const carried: Record<string, string> = {};
  for (const name of ['authorization', 'content-type']) {
    const value = (headers as Record<string, unknown>)[name];
    if (typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)) carried[name] = value;
  }
  const body =
    typeof payload === 'string' && known !== 'GET' && known !== 'HEAD' ? { payload } : {};
  return { method: known, url, headers: carried, ...body };
}
