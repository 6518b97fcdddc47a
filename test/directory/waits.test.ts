// Questions that nobody can answer yet: held until somebody live holds the partition, in the order of
// coming, for a bounded time and in a bounded number.
import { afterEach, expect, it } from 'vitest';
import { Registry } from 'prom-client';
import { directoryApp } from '../../src/directory/directory.js';
import { generateKeys } from '../../src/server/keys.js';
import type { Doubt, Route } from '../../src/directory/routing.js';
import { tokenSigner } from '../../src/server/tokens.js';
import { eventually } from '../support/eventually.js';

const key = 'a-directory-key-of-the-test';
const route = { instance: 'messaging-0', url: 'ws://a', revision: 1 };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Wish {
  readonly heldMax?: number;
  readonly burst?: number;
}

async function given({ heldMax = 10, burst = 100 }: Wish = {}) {
  let nowMs = 5_000;
  let now: Route | null = null;
  const doubts: (Doubt | undefined)[] = [];
  const timers = new Map<() => void, number>();
  let changed: () => void = () => undefined;
  const registry = new Registry();
  const app = await directoryApp({
    ...{ service: 'messaging', partitions: 16, key, registry },
    routing: {
      routeOf: (_partition, doubt) => {
        doubts.push(doubt);
        return now;
      },
      distribution: () => null,
      onChange: (listener) => void (changed = listener),
    },
    sign: await tokenSigner((await generateKeys()).signingJwk),
    clock: { wallMs: () => 1_700_000_000_000, monotonicMs: () => nowMs },
    pace: { perSecond: 1, burst, waitMaxMs: 10_000, keepMs: 5_000 },
    held: { heldMs: 4_000, heldMax },
    later: (run, afterMs) => {
      timers.set(run, nowMs + afterMs);
      return () => timers.delete(run);
    },
  });
  ends.push(() => app.close());
  const answered: string[] = [];
  const ask = async (user: string, more: object = {}) => {
    const { statusCode, headers } = await app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      payload: JSON.stringify({ user, ...more }),
    });
    answered.push(`${user} ${statusCode}${statusCode === 503 ? ` ${headers['retry-after']}` : ''}`);
  };
  const pass = (ms: number) => {
    nowMs += ms;
    for (const [run, atMs] of timers) {
      if (atMs > nowMs) continue;
      timers.delete(run);
      run();
    }
  };
  /** Inject answers through several turns of the event loop, and tokens are signed on other threads. */
  const settled = async ({ asked = 0, answers = 0 } = {}) => {
    await eventually(`${asked} asked`, () => doubts.length >= asked);
    await eventually(`${answers} answers`, () => answered.length >= answers);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const become = (next: Route | null) => {
    now = next;
    changed();
  };
  return { app, ask, pass, settled, become, answered, doubts, timers, registry };
}

it('answers all who wait as soon as somebody holds the partition', async () => {
  const { ask, pass, settled, become, answered, timers, registry } = await given();
  for (const user of ['a', 'b', 'c']) void ask(user).then(() => undefined);
  await settled({ asked: 3 });
  expect(answered.toSorted()).toEqual([]);
  expect(await registry.metrics()).toContain('evenkeel_directory_held 3');
  pass(2_000);
  become(route);
  become(route);
  pass(5);
  await settled({ answers: 3 });
  expect(answered.toSorted()).toEqual(['a 201', 'b 201', 'c 201']);
  expect(timers.size).toBe(0);
  expect(await registry.metrics()).toContain('evenkeel_directory_held 0');
});

it('gives up after a bounded time, and says when to come back', async () => {
  const { ask, pass, settled, become, answered } = await given();
  void ask('a');
  await settled();
  pass(3_999);
  become(null);
  pass(0);
  await settled();
  expect(answered.toSorted()).toEqual([]);
  pass(1);
  await settled({ answers: 1 });
  expect(answered.toSorted()).toEqual(['a 503 1']);
});

it('holds no more than it may, and sends the next away at once', async () => {
  const { ask, settled, become, pass, answered } = await given({ heldMax: 2 });
  for (const user of ['a', 'b', 'c']) void ask(user);
  await settled({ asked: 3, answers: 1 });
  expect(answered.toSorted()).toEqual(['c 503 1']);
  become(route);
  pass(5);
  await settled({ answers: 3 });
  expect(answered.toSorted()).toEqual(['a 201', 'b 201', 'c 503 1']);
});

it('hands out turns to those who were held as to anybody else', async () => {
  const { ask, settled, become, pass, answered } = await given({ burst: 2 });
  for (const user of ['a', 'b', 'c', 'd']) void ask(user);
  await settled({ asked: 4 });
  become(route);
  pass(5);
  await settled({ answers: 4 });
  expect(answered.toSorted()).toEqual(['a 201', 'b 201', 'c 503 1', 'd 503 2']);
});

it('hands on where the last answer led to nobody, and since when that is in doubt', async () => {
  const { ask, settled, become, doubts } = await given();
  become(route);
  await ask('a', { unreachable: 'ws://a' });
  await ask('a', { unreachable: 7 });
  await ask('a', { unreachable: 'x'.repeat(3_000) });
  await settled();
  expect(doubts).toEqual([{ url: 'ws://a', sinceMs: 5_000 }, undefined, undefined]);
});

it('answers whoever is held when it ends', async () => {
  const { app, ask, settled, answered, timers } = await given();
  void ask('a');
  await settled();
  await app.close();
  await settled({ answers: 1 });
  expect(answered.toSorted()).toEqual(['a 503 1']);
  expect(timers.size).toBe(0);
});
