// A console behind a real proxy with TLS that names people: who asks, from where, and a stream that is not held up.
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { consoleGuessesPerMinuteMax } from '../../src/console/limits.js';
import { eventually } from '../support/eventually.js';
import { startProxy } from './proxy.js';
import { asks, visit } from './visitor.js';
import { closeAll, openForTest, token } from './world.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await closeAll();
});

const header = 'X-Forwarded-User';
const wish = { service: 'messaging', reason: 'the match' };

async function open(isCareless = false) {
  let port = 0;
  const proxy = await startProxy(() => port, { header, isCareless });
  closers.push(() => proxy.close());
  const opened = await openForTest({ personHeader: header, origin: proxy.origin, isLocal: false });
  await opened.app.listen({ port: 0, host: '127.0.0.1' });
  port = (opened.app.server.address() as AddressInfo).port;
  const { origin, ca } = proxy;
  /** Both cookies, as a browser keeps them. */
  const enter = async (person: string, headers: Record<string, string> = {}) => {
    const of = proxy.cookieFor(person);
    const through = { token, by: 'somebody else', ca, headers: { cookie: of, ...headers } };
    const found = await visit(origin, through);
    const cookie = `${of}; ${found.cookie}`;
    return {
      ...found,
      act: (more: Record<string, string> = {}) =>
        found.post('/api/actions/abort', wish, { cookie, ...more }),
      watch: () => found.listen('messaging', { cookie }),
    };
  };
  return { ...opened, proxy, enter, direct: `http://127.0.0.1:${port}` };
}

describe('behind a proxy that names people', () => {
  it('an action stands under the name that the proxy gave, whatever the browser says', async () => {
    const { enter, acted } = await open();
    const ada = await enter('ada@example.org', { 'x-forwarded-user': 'bob@example.org' });
    expect(ada.by).toBe('ada@example.org');
    expect((await ada.act({ 'x-forwarded-user': 'bob@example.org' })).status).toBe(200);
    expect((await ada.act({ 'X-FORWARDED-USER': 'bob@example.org' })).status).toBe(200);
    expect(acted.map(({ by }) => by)).toEqual(['ada@example.org', 'ada@example.org']);
  });

  it('a proxy that adds the name where it should replace it is found out', async () => {
    const { enter, acted } = await open(true);
    const ada = await enter('ada@example.org');
    expect((await ada.act()).status).toBe(200);
    const lied = await ada.act({ 'x-forwarded-user': 'bob@example.org' });
    expect([lied.status, lied.text]).toEqual([
      401,
      expect.stringContaining('it must remove that header'),
    ]);
    expect(acted).toHaveLength(1);
  });

  it('the form need not ask for a name: it is told who comes', async () => {
    const { proxy } = await open();
    const { origin, ca } = proxy;
    const me = await asks(`${origin}/api/me`, { ca, headers: { cookie: proxy.cookieFor('ada') } });
    expect([me.status, me.json()]).toEqual([401, expect.objectContaining({ named: 'ada' })]);
  });

  it('a name is read as the letters that it has', async () => {
    const { enter, acted } = await open();
    await (await enter('Zoë Łukasz')).act();
    expect(acted[0]?.by).toBe('Zoë Łukasz');
  });

  it('nobody comes in who goes round it, nor whom it does not know', async () => {
    const { direct, proxy } = await open();
    const { origin, ca } = proxy;
    await expect(visit(direct, { token, by: 'eve', origin })).rejects.toThrow(/did not say who/);
    expect((await asks(`${origin}/api/me`, { ca })).status).toBe(302);
  });

  it('the login is Secure, and other origins are refused, that of the console itself included', async () => {
    const { enter, acted, direct } = await open();
    const ada = await enter('ada');
    expect(ada.setCookie).toMatch(/; Secure$/);
    for (const origin of ['https://evil.example', direct, 'https://console.inside:7780', 'null'])
      expect([origin, (await ada.act({ origin })).status]).toEqual([origin, 403]);
    expect((await ada.act({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect(acted).toEqual([]);
  });

  it('figures come when there are some, and not when there are many', async () => {
    const { enter, time } = await open();
    const page = await (await enter('ada')).watch();
    await eventually('the first', () => page.now()?.service === 'messaging');
    expect(page.status).toBe(200);
    for (let beat = 0; beat < 3; beat += 1) {
      const before = page.text().length;
      await time.pass(2_000);
      await eventually('a sign of life', () => page.text().length > before);
    }
    page.leave();
  });

  it('whoever guesses keeps nobody out but themselves, whatever address they claim', async () => {
    const { enter, proxy } = await open();
    const { origin, ca } = proxy;
    const cookie = proxy.cookieFor('eve');
    const guess = (i: number, said: string) =>
      asks(`${origin}/api/login`, {
        ...{ method: 'POST', ca, body: { token: said, by: 'eve' } },
        headers: { cookie, origin, 'x-forwarded-for': `198.51.100.${i}` },
      });
    for (let i = 0; i < consoleGuessesPerMinuteMax; i += 1)
      expect((await guess(i, `guess-${i}`)).status).toBe(401);
    // From now on she is not told whether it is right.
    expect((await guess(99, token)).status).toBe(429);
    expect((await enter('ada')).by).toBe('ada');
  });
});
