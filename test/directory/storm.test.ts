// More questions than the directory takes at once, over its HTTP: told in order when to come back, and
// served then, before whoever came later. Guessing at the key is limited apart from that.
import { expect, it } from 'vitest';
import { Registry } from 'prom-client';
import { guessesPerSecondMax } from '../../src/limits.js';
import { directoryApp } from '../../src/directory/directory.js';
import { generateKeys } from '../../src/server/keys.js';
import { tokenSigner } from '../../src/server/tokens.js';

const key = 'a-directory-key-of-the-test';

async function given(held = true) {
  let nowMs = 5_000;
  let signed = 0;
  const sign = await tokenSigner((await generateKeys()).signingJwk);
  const registry = new Registry();
  const route = { instance: 'messaging-0', url: 'ws://a', revision: 1 };
  const app = await directoryApp({
    ...{ service: 'messaging', partitions: 16, key, registry },
    routing: {
      routeOf: () => (held ? route : null),
      distribution: () => null,
      onChange: () => undefined,
    },
    held: { heldMs: 0, heldMax: 0 },
    sign: (claims, atMs) => {
      signed += 1;
      return sign(claims, atMs);
    },
    clock: { wallMs: () => 1_700_000_000_000, monotonicMs: () => nowMs },
    pace: { perSecond: 2, burst: 3, waitMaxMs: 10_000, keepMs: 5_000 },
  });
  const ask = async (user: string, bearer = key) => {
    const { statusCode, headers } = await app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      payload: JSON.stringify({ user }),
    });
    const retryAfter = headers['retry-after'];
    return retryAfter === undefined ? [statusCode] : [statusCode, Number(retryAfter)];
  };
  const pass = (ms: number) => (nowMs += ms);
  return { app, ask, pass, registry, signed: () => signed };
}

it('answers 503 with the time of its turn, signs nothing then, and keeps the turn', async () => {
  const { app, ask, pass, registry, signed } = await given();
  for (const user of ['a', 'b', 'c']) expect(await ask(user)).toEqual([201]);
  expect(await ask('d')).toEqual([503, 1]);
  expect(await ask('e')).toEqual([503, 1]);
  expect(await ask('f')).toEqual([503, 2]);
  expect(signed()).toBe(3);
  expect(await registry.metrics()).toContain('evenkeel_directory_waiting 3');
  pass(1_000);
  // A newcomer goes behind everybody who was sent away, also those who are not back yet.
  expect(await ask('late')).toEqual([503, 1]);
  expect(await ask('e')).toEqual([201]);
  expect(await ask('d')).toEqual([201]);
  expect(await ask('f')).toEqual([503, 1]);
  pass(1_000);
  expect(await ask('f')).toEqual([201]);
  expect(await ask('late')).toEqual([201]);
  await app.close();
});

it('takes no turn for a partition that nobody holds', async () => {
  const { app, ask } = await given(false);
  for (let n = 0; n < 10; n += 1) expect(await ask(`u${n}`)).toEqual([503, 1]);
  await app.close();
});

it('limits guesses at the key by address, and callers with the key not', async () => {
  const { app, ask, pass } = await given();
  for (let n = 0; n < guessesPerSecondMax; n += 1) {
    expect(await ask('a', `guess-${n}-of-the-test`)).toEqual([401]);
  }
  expect(await ask('a', 'another-guess')).toEqual([429, 1]);
  pass(0);
  expect(await ask('a')).toEqual([201]);
  await app.close();
});
