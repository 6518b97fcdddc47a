// The stream of figures over a real connection: for whom, how many, and until when.
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { consoleViewersPerLoginMax } from '../../src/console/limits.js';
import { host, openConsole, settled } from './world.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe('the stream', () => {
  /** A real connection: what is injected has no end. */
  async function listen() {
    const opened = await openConsole();
    closers.push(() => opened.app.close());
    await opened.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = opened.app.server.address() as AddressInfo;
    const { cookie } = await opened.logIn();
    const stream = (service = 'messaging', headers: Record<string, string> = { cookie }) =>
      new Promise<{ code: number; text: () => string; ended: Promise<void>; leave: () => void }>(
        (resolve, reject) => {
          const asked = get(
            {
              port,
              host: '127.0.0.1',
              path: `/api/events?service=${service}`,
              headers: { host, ...headers },
            },
            (response) => {
              let text = '';
              response.setEncoding('utf8').on('data', (more: string) => void (text += more));
              const ended = new Promise<void>((end) => response.once('close', end));
              const leave = () => void asked.destroy();
              resolve({ code: response.statusCode ?? 0, text: () => text, ended, leave });
            },
          );
          asked.on('error', reject);
        },
      );
    return { ...opened, stream };
  }
  const heard = async (text: () => string, what: RegExp) => {
    for (let i = 0; i < 2_000 && !what.test(text()); i += 1) await settled();
    expect(text()).toMatch(what);
  };

  it('is for people who have logged in, and for pages of this console', async () => {
    const { stream, logIn } = await listen();
    const { cookie } = await logIn();
    expect((await stream('messaging', {})).code).toBe(401);
    expect((await stream('messaging', { cookie, 'sec-fetch-site': 'cross-site' })).code).toBe(403);
    expect((await stream('nobody')).code).toBe(400);
  });

  it('reads once for all who look, and not at all when nobody does', async () => {
    const { stream, reads, time } = await listen();
    const [one, two] = [await stream(), await stream()];
    await heard(one.text, /event: now\ndata: \{"service":"messaging".*\}\n\n/);
    await heard(two.text, /event: past\n/);
    expect(reads).toHaveLength(1);
    await time.pass(1_000);
    expect(reads).toHaveLength(2);
    one.leave();
    two.leave();
    for (let i = 0; i < 2_000 && time.waiting() > 0; i += 1) await settled();
    await time.pass(10_000);
    expect(reads).toHaveLength(2);
  });

  it('ends with the login', async () => {
    const { stream, time } = await listen();
    const one = await stream();
    await heard(one.text, /event: now/);
    await time.pass(12 * 3_600_000);
    await one.ended;
  });

  it('is open so often per login, and again when one was closed', async () => {
    const { stream } = await listen();
    const open = [];
    for (let i = 0; i < consoleViewersPerLoginMax; i += 1) open.push(await stream());
    expect(open.map(({ code }) => code)).toEqual(open.map(() => 200));
    expect((await stream()).code).toBe(503);
    open[0]?.leave();
    let code = 503;
    for (let i = 0; i < 50 && code !== 200; i += 1) code = (await stream()).code;
    expect(code).toBe(200);
  });
});
