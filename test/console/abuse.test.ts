// What a console withstands over real connections: those who send slowly, send nothing, send too much, come in
// numbers, or never read.
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { arrivalDefaults } from '../../src/console/arrival.js';
import { createFeed } from '../../src/console/feed.js';
import {
  consoleBehindMaxBytes,
  consoleBodyMaxBytes,
  consoleViewersMax,
  consoleViewersPerLoginMax,
} from '../../src/console/limits.js';
import { eventually } from '../support/eventually.js';
import { asks, visit, type Listening } from './visitor.js';
import { closeAll, openForTest, pictureOf, token, virtualTime } from './world.js';

const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await closeAll();
});

/** The limits as they are, but a test's time long. */
const soon = { ...arrivalDefaults, headersMs: 200, requestMs: 400, everyMs: 20, silentMs: 60_000 };

async function listen(changed: Parameters<typeof openForTest>[0] = {}) {
  const registry = new Registry();
  const opened = await openForTest({ registry, arrival: soon, ...changed });
  await opened.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = opened.app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const raw = (reads = true) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const seen = { text: '', isOver: false };
    socket.on('error', () => undefined);
    socket.once('close', () => (seen.isOver = true));
    if (reads) socket.on('data', (more) => void (seen.text += more.toString('latin1')));
    return { socket, seen, over: () => eventually('it is let go', () => seen.isOver) };
  };
  /** Sends a little again and again, for as long as it may. */
  const drip = (socket: Socket, what: string) => {
    const timer = setInterval(() => socket.write(what), 20);
    socket.once('close', () => clearInterval(timer));
  };
  const viewers = async () =>
    /evenkeel_console_viewers (\d+)/.exec(await registry.metrics())?.[1] ?? '';
  /** Others are: a request that is itself too slow for the short limits is made again. */
  const answers = () =>
    eventually('others are answered', async () => (await asks(`${url}/`)).status === 200);
  return { ...opened, url, port, raw, drip, viewers, answers };
}

const head = (port: number, more = '') =>
  `POST /api/login HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${more}`;

describe('a request', () => {
  it('whose headers never end is given up', async () => {
    const { port, raw, drip, answers } = await listen();
    const { socket, seen, over } = raw();
    socket.write(head(port));
    drip(socket, 'x-more: 1\r\n');
    expect(await answers()).toBe(true);
    await over();
    expect(seen.text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('whose body comes byte by byte is given up', async () => {
    const { port, raw, drip, answers } = await listen();
    const { socket, seen, over } = raw();
    socket.write(head(port, 'content-type: application/json\r\ncontent-length: 5000\r\n\r\n'));
    drip(socket, ' ');
    expect(await answers()).toBe(true);
    await over();
    expect(seen.text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that is none is given up', async () => {
    const { raw, answers } = await listen();
    const { over } = raw();
    expect(await answers()).toBe(true);
    await over();
  });

  it.each(['content-length: 1000000000', 'transfer-encoding: chunked'])(
    'with a body without end (%s) is refused, and no more of it is taken',
    async (length) => {
      const { port, raw, answers } = await listen({
        arrival: { ...soon, headersMs: 60_000, requestMs: 60_000 },
      });
      const { socket, seen, over } = raw();
      socket.write(head(port, `content-type: application/json\r\n${length}\r\n\r\n`));
      const part = ' '.repeat(64 * 1024);
      const chunk = length.startsWith('content') ? part : `10000\r\n${part}\r\n`;
      let sent = 0;
      const more = () => {
        while (!seen.isOver && socket.writable && sent < 100_000_000) {
          sent += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', more);
        }
      };
      more();
      await over();
      expect(seen.text).toMatch(/^HTTP\/1\.1 413 /);
      // What lies between the two ends, and no more.
      expect(sent).toBeLessThan(50_000_000);
      expect(await answers()).toBe(true);
    },
  );

  it('has a body of so many bytes at most', async () => {
    const { url } = await listen();
    const post = (length: number) =>
      asks(`${url}/api/login`, {
        ...{ method: 'POST', headers: { origin: url } },
        body: { token: 'x', by: 'a'.repeat(length) },
      });
    expect((await post(consoleBodyMaxBytes)).status).toBe(413);
    expect((await post(100)).status).toBe(401);
  });
});

describe('connections', () => {
  it('have the limits that are named, unless a test says otherwise', async () => {
    const { app } = await openForTest();
    const { headersMs, requestMs, silentMs, connectionsMax } = arrivalDefaults;
    expect(app.server).toMatchObject({
      ...{ headersTimeout: headersMs, requestTimeout: requestMs, timeout: silentMs },
      ...{ keepAliveTimeout: silentMs, maxConnections: connectionsMax },
    });
  });

  it('are so many at once, and one that ends makes room', async () => {
    const connectionsMax = 30;
    const patient = { ...soon, headersMs: 60_000, requestMs: 60_000, connectionsMax };
    const { raw, url } = await listen({ arrival: patient });
    const all = Array.from({ length: connectionsMax }, () => raw());
    await eventually('all are open', () => all.every(({ socket }) => !socket.connecting));
    await eventually('the next has no answer', async () => {
      return asks(`${url}/`).then(
        () => false,
        () => true,
      );
    });
    expect(all.some(({ seen }) => seen.isOver)).toBe(false);
    all[0]?.socket.destroy();
    await eventually('there is room', async () => (await asks(`${url}/`)).status === 200);
  });

  it('over which nothing goes are let go, while a stream that says something stays', async () => {
    const patient = { ...soon, headersMs: 60_000, requestMs: 60_000, silentMs: 2_000 };
    const { url, time, raw } = await listen({ arrival: patient });
    const { socket, over } = raw();
    socket.write(`GET / HTTP/1.1\r\nhost: ${url.slice(7)}\r\n\r\n`);
    const page = await (await visit(url, { token, by: 'ada' })).listen('messaging');
    let isOver = false;
    void page.ended.then(() => (isOver = true));
    const beat = setInterval(() => void time.pass(2_000), 50);
    await over();
    const before = page.text().length;
    await eventually('the stream goes on', () => page.text().length > before + 500);
    expect(isOver).toBe(false);
    clearInterval(beat);
    await page.ended;
  });
});

describe('pages', () => {
  it('are so many at once, of all logins, and one that is closed makes room', async () => {
    const { url, viewers } = await listen();
    const open: Listening[] = [];
    while (open.length < consoleViewersMax) {
      const ada = await visit(url, { token, by: 'ada' });
      for (let i = 0; i < consoleViewersPerLoginMax && open.length < consoleViewersMax; i += 1)
        open.push(await ada.listen('messaging'));
    }
    expect(open.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await viewers()).toBe(String(consoleViewersMax));
    const late = await visit(url, { token, by: 'bob' });
    const refused = await late.listen('messaging');
    await refused.ended;
    expect([refused.status, refused.text()]).toEqual([
      503,
      expect.stringContaining('too many people look at this console'),
    ]);
    open[0]?.leave();
    await eventually('there is room', async () => (await late.listen('messaging')).status === 200);
    for (const page of open) page.leave();
  });

  it('that never read are let go at a bound, and nobody else waits for them', async () => {
    const time = virtualTime();
    const large = 'x'.repeat(200_000);
    let reads = 0;
    const feed = createFeed({
      read: async (service) => pictureOf(service, { mode: `${(reads += 1)} ${large}` }),
      forget: () => undefined,
      ...time,
    });
    const { url, port, raw, viewers } = await listen({ feed, clock: time.clock });
    const ada = await visit(url, { token, by: 'ada' });
    const reader = await ada.listen('messaging');
    const { socket } = raw(false);
    socket.pause();
    socket.write(
      `GET /api/events?service=messaging HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${ada.cookie}\r\n\r\n`,
    );
    await eventually('two look', async () => (await viewers()) === '2');
    let frames = 0;
    await eventually('the one that does not read is let go', async () => {
      await time.pass(1_000);
      frames += 1;
      return (await viewers()) === '1';
    });
    // What systems keep between two ends (some MiB), and our own bound.
    expect(frames * large.length).toBeLessThan(24 * 1024 * 1024 + consoleBehindMaxBytes);
    expect(frames * large.length).toBeGreaterThan(consoleBehindMaxBytes);
    const before = reads;
    await time.pass(1_000);
    await eventually('the other hears all', () => reader.text().includes(`"mode":"${before} `));
    reader.leave();
  });
});
