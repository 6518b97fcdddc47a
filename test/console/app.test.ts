// The console's server: who may look and act, from where, as whom, and how much.
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, host, openForTest, ownPage, textOf, token } from './world.js';

afterEach(closeAll);

const wish = { service: 'messaging', reason: 'the match' };

describe('logging in', () => {
  it('sets a cookie that scripts cannot read and other sites do not send', async () => {
    const { logIn } = await openForTest();
    const { answer } = await logIn();
    expect(answer.statusCode).toBe(200);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    expect(answer.json()).toMatchObject({ by: 'ada', services: ['messaging'], named: false });
    expect(`${cookie}${answer.body}`).not.toContain(token);
  });

  it('is secure where browsers reach it by https', async () => {
    const { post } = await openForTest({ origin: 'https://console.example.org' });
    const headers = { origin: 'https://console.example.org', host: 'inside:7780' };
    const answer = await post('/api/login', { token, by: 'ada' }, headers);
    expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-.*; Path=\/;.*; Secure$/);
  });

  it('leaves alone the login of another console on the same machine', async () => {
    const [one, two] = [await openForTest(), await openForTest()];
    const at = (port: number) => ({
      host: `127.0.0.1:${port}`,
      origin: `http://127.0.0.1:${port}`,
    });
    const kept = new Map<string, string>();
    for (const [{ post }, port] of [
      [one, 7780],
      [two, 7781],
    ] as const) {
      const answer = await post('/api/login', { token, by: 'ada' }, at(port));
      const [name = '', value = ''] = String(answer.headers['set-cookie']).split(/[=;]/);
      kept.set(name, value);
    }
    // As a browser does, which knows no ports.
    const cookie = [...kept].map((pair) => pair.join('=')).join('; ');
    for (const [{ app }, port] of [
      [one, 7780],
      [two, 7781],
    ] as const) {
      const { statusCode } = await app.inject({ url: '/api/me', headers: { ...at(port), cookie } });
      expect([port, statusCode]).toEqual([port, 200]);
    }
  });

  it('refuses a wrong token without repeating it, and guessing', async () => {
    const { post, time } = await openForTest();
    const answers = [];
    for (let i = 0; i < 25; i += 1)
      answers.push(await post('/api/login', { token: `guess-${i}`, by: 'eve' }));
    expect(answers[0]?.statusCode).toBe(401);
    expect(answers.map(({ body }) => body).join()).not.toContain('guess-');
    expect(answers.at(-1)?.statusCode).toBe(429);
    expect(answers.at(-1)?.headers['retry-after']).toBe('60');
    // Nor is the right one looked at: otherwise every guess would have its answer.
    expect((await post('/api/login', { token, by: 'ada' })).statusCode).toBe(429);
    await time.pass(60_000);
    expect((await post('/api/login', { token, by: 'ada' })).statusCode).toBe(200);
  });

  it('counts nobody who has the token: a hundred people may come at once from one address', async () => {
    const { post } = await openForTest();
    for (let i = 0; i < 100; i += 1)
      expect((await post('/api/login', { token, by: `user-${i}` })).statusCode).toBe(200);
  });

  it.each(['', ' ', 'a\nb', 'a\u202Eb', 'x'.repeat(81)])('refuses the name %j', async (by) => {
    const { post } = await openForTest();
    const answer = await post('/api/login', { token, by });
    expect(answer.statusCode).toBe(400);
    expect(textOf(answer)).toMatch(/your name is what the history will say/);
  });

  it.each([{}, { token: 1, by: 'ada' }, { by: 'ada' }, []])('refuses the body %j', async (body) => {
    const { post } = await openForTest();
    expect((await post('/api/login', body)).statusCode).toBe(400);
  });

  it('refuses a body that is too large', async () => {
    const { post } = await openForTest();
    expect((await post('/api/login', { token: 'x'.repeat(10_000), by: 'a' })).statusCode).toBe(413);
  });

  it('ends after its time, and when a person logs out', async () => {
    const { app, post, logIn, time } = await openForTest();
    const { cookie, csrf } = await logIn();
    const me = () => app.inject({ url: '/api/me', headers: { ...ownPage, cookie } });
    expect((await me()).statusCode).toBe(200);
    await time.pass(12 * 3_600_000);
    expect((await me()).statusCode).toBe(401);
    const second = await logIn();
    expect(second.cookie).not.toBe(cookie);
    const headers = { cookie: second.cookie, 'x-evenkeel-csrf': second.csrf };
    expect(second.csrf).not.toBe(csrf);
    expect((await post('/api/logout', {}, headers)).statusCode).toBe(200);
    expect((await post('/api/logout', {}, headers)).statusCode).toBe(401);
  });
});

describe('an action', () => {
  it('carries the name of whoever has logged in, whatever the page says', async () => {
    const { post, logIn, acted } = await openForTest();
    const { cookie, csrf } = await logIn('ada');
    const headers = { cookie, 'x-evenkeel-csrf': csrf };
    expect((await post('/api/actions/abort', wish, headers)).json()).toEqual({
      ok: true,
      text: 'done',
    });
    expect(acted).toEqual([{ name: 'abort', wish, by: 'ada' }]);
    const lied = await post('/api/actions/abort', { ...wish, by: 'bob' }, headers);
    expect(lied.statusCode).toBe(400);
  });

  it('is refused without a login, without the value of the page, and from other sites', async () => {
    const { post, logIn, acted } = await openForTest();
    const { cookie, csrf } = await logIn();
    const other = await logIn('bob');
    const good = { cookie, 'x-evenkeel-csrf': csrf };
    const refused: readonly (readonly [number, Record<string, string>])[] = [
      [401, { 'x-evenkeel-csrf': csrf }],
      [401, { ...good, cookie: 'evenkeel-console-7780=guessed' }],
      [403, { cookie }],
      [403, { ...good, 'x-evenkeel-csrf': other.csrf }],
      [403, { ...good, origin: 'https://evil.example' }],
      [403, { ...good, origin: 'null' }],
      [403, { ...good, 'sec-fetch-site': 'cross-site' }],
      [403, { ...good, 'sec-fetch-site': 'same-site' }],
      [403, { ...good, 'sec-fetch-site': 'none' }],
      [403, { ...good, host: 'evil.example:7780', origin: 'http://evil.example:7780' }],
    ];
    for (const [code, headers] of refused) {
      const { statusCode } = await post('/api/actions/force', wish, headers);
      expect([statusCode, headers]).toEqual([code, headers]);
    }
    expect(acted).toEqual([]);
    expect((await post('/api/actions/force', wish, good)).statusCode).toBe(200);
  });

  it('without any word of where it came from is not taken', async () => {
    const { app, logIn } = await openForTest();
    const { cookie, csrf } = await logIn();
    const answer = await app.inject({
      ...{ method: 'POST', url: '/api/actions/force', payload: wish },
      headers: { host, cookie, 'x-evenkeel-csrf': csrf },
    });
    expect(answer.statusCode).toBe(403);
  });

  it.each([
    { service: 'Messaging', reason: '' },
    { service: '<b>', reason: '' },
    { ...wish, instances: 0 },
    { ...wish, instances: 1.5 },
    { ...wish, reason: 'x'.repeat(401) },
    { ...wish, more: true },
  ])('is refused for %j', async (body) => {
    const { post, logIn, acted } = await openForTest();
    const { cookie, csrf } = await logIn();
    const headers = { cookie, 'x-evenkeel-csrf': csrf };
    expect((await post('/api/actions/force', body, headers)).statusCode).toBe(400);
    expect(acted).toEqual([]);
  });

  it('is refused by its sentence, and there are only so many in a minute', async () => {
    const text = 'no rebalance of messaging is under way: evenkeel status messaging';
    const { post, logIn } = await openForTest({ act: async () => ({ ok: false, text }) });
    const { cookie, csrf } = await logIn();
    const headers = { cookie, 'x-evenkeel-csrf': csrf };
    const first = await post('/api/actions/abort', wish, headers);
    expect([first.statusCode, textOf(first)]).toEqual([409, text]);
    const codes = [];
    for (let i = 0; i < 35; i += 1)
      codes.push((await post('/api/actions/abort', wish, headers)).statusCode);
    expect(codes.at(-1)).toBe(429);
  });

  it('there is no other', async () => {
    const { post, logIn } = await openForTest();
    const { cookie, csrf } = await logIn();
    const headers = { cookie, 'x-evenkeel-csrf': csrf };
    expect((await post('/api/actions/rollback', wish, headers)).statusCode).toBe(404);
  });
});

describe('a proxy that names people', () => {
  it('is believed about the name, and asked for it', async () => {
    const { app, post, acted } = await openForTest({ personHeader: 'X-Forwarded-User' });
    const nameless = await post('/api/login', { token, by: 'eve' });
    expect([nameless.statusCode, textOf(nameless)]).toEqual([
      401,
      'the proxy before this console did not say who you are',
    ]);
    const named = { 'x-forwarded-user': 'ada@example.org' };
    const answer = await post('/api/login', { token, by: 'eve' }, named);
    const { by, csrf } = answer.json<{ by: string; csrf: string }>();
    expect(by).toBe('ada@example.org');
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    const headers = { cookie, 'x-evenkeel-csrf': csrf };
    const bob = { ...headers, 'x-forwarded-user': 'bob@example.org' };
    expect((await post('/api/actions/abort', wish, bob)).statusCode).toBe(200);
    expect(acted[0]?.by).toBe('bob@example.org');
    expect((await app.inject({ url: '/api/me', headers: { host, cookie } })).statusCode).toBe(401);
  });

  it('is not believed where it was not asked for', async () => {
    const { post } = await openForTest();
    const named = { 'x-forwarded-user': 'bob' };
    const answer = await post('/api/login', { token, by: 'ada' }, named);
    expect(answer.json<{ by: string }>().by).toBe('ada');
  });
});

describe('every answer', () => {
  it('allows scripts, styles and connections of this server alone, and no frame', async () => {
    const { app } = await openForTest();
    for (const url of ['/', '/api/me', '/nothing']) {
      const { headers } = await app.inject({ url, headers: { host } });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    }
  });

  it('is for this machine where only it can reach the server', async () => {
    const { app } = await openForTest();
    for (const [name, code] of [
      ['localhost:7780', 200],
      ['[::1]:7780', 200],
      ['rebound.example', 403],
    ] as const)
      expect((await app.inject({ url: '/', headers: { host: name } })).statusCode).toBe(code);
  });

  it('of a path that is none is a 404, and never a file', async () => {
    const { app } = await openForTest();
    for (const url of ['/../package.json', '/assets/../../package.json', '/%2e%2e/package.json'])
      expect((await app.inject({ url, headers: { host } })).statusCode).toBe(404);
  });

  it('says nothing of what went wrong inside', async () => {
    const services = async () => {
      throw new Error('mongodb://user:secret@host');
    };
    const { post } = await openForTest({ services });
    const answer = await post('/api/login', { token, by: 'ada' });
    expect([answer.statusCode, textOf(answer)]).toEqual([500, 'the console could not answer']);
  });
});
