// What Prometheus is told of the console.
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeAll, openForTest, pictureOf } from './world.js';

afterEach(closeAll);

const wish = { service: 'messaging', reason: 'the match' };

describe('what Prometheus is told', () => {
  it('counts pages, logins and actions, and says how old figures are, without names', async () => {
    const registry = new Registry();
    const { app, post, logIn, time } = await openForTest({ registry });
    await post('/api/login', { token: 'guessed', by: 'eve' });
    const { cookie, csrf } = await logIn('ada');
    await post('/api/actions/abort', wish, { cookie, 'x-evenkeel-csrf': csrf });
    expect(await registry.metrics()).not.toContain('figures_age_seconds{');
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const gone = new AbortController();
    // A cookie is of one port.
    const there = cookie.replace('7780', new URL(address).port);
    const page = await fetch(`${address}/api/events?service=messaging`, {
      headers: { cookie: there },
      signal: gone.signal,
    });
    await page.body?.getReader().read();
    const text = await registry.metrics();
    expect(text).toContain('evenkeel_console_viewers 1');
    expect(text).toContain('evenkeel_console_logins_total{outcome="refused"} 1');
    expect(text).toContain('evenkeel_console_logins_total{outcome="done"} 1');
    expect(text).toContain('evenkeel_console_actions_total{action="abort",outcome="done"} 1');
    const ageS = (time.clock.wallMs() - pictureOf('messaging').atMs) / 1_000;
    expect(text).toContain(`evenkeel_console_figures_age_seconds{service="messaging"} ${ageS}`);
    expect(text).not.toContain('ada');
    gone.abort();
    await vi.waitFor(async () =>
      expect(await registry.metrics()).toContain('evenkeel_console_viewers 0'),
    );
  });
});
