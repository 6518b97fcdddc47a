// What the client library says of attempts that failed, against a real server and a directory's HTTP.

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionDeniedError } from '../../src/client/client.js';
import {
  connect,
  type Client,
  type ConnectFailedError,
  type ConnectOptions,
} from '../../src/client/node.js';
import { eventually } from '../support/eventually.js';
import { startTestServer, type TestServer } from '../support/messaging.js';

const secret = 'key-that-nobody-may-read';
let a: TestServer;
let closing: (() => unknown)[];
beforeEach(async () => {
  a = await startTestServer();
  closing = [() => a.close()];
});
afterEach(() => Promise.all(closing.map((close) => close())));

function start(options: Partial<ConnectOptions>) {
  const troubles: ConnectFailedError[] = [];
  const told: string[] = [];
  const client = connect({
    user: 'alice',
    onTrouble: (error) => {
      troubles.push(error);
      told.push(error.step);
    },
    onState: (phase) => told.push(phase),
    onStop: (reason) => told.push(`stop: ${reason}`),
    ...options,
  });
  closing.unshift(() => client.close());
  const troubled = async (times = 1): Promise<ConnectFailedError> => {
    await eventually('trouble', () => troubles.length >= times);
    const last = troubles[times - 1] as ConnectFailedError;
    expect(JSON.stringify([last, last.message, last.stack])).not.toContain(secret);
    expect(last.name).toBe('ConnectFailedError');
    return last;
  };
  return { client, troubles, told, troubled };
}
const session = async (fields: object = {}) => ({
  url: a.url,
  token: await a.token(),
  instance: '',
  ...fields,
});
async function directory(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('onTrouble', () => {
  it('says that getSession threw and when it is asked again, until there is a session', async () => {
    let asked = 0;
    const { told, troubled, client } = start({
      getSession: () => {
        asked += 1;
        if (asked <= 2) throw new Error('no such cookie');
        return session();
      },
    });
    const second = await troubled(2);
    expect(second).toMatchObject({ step: 'session', attempts: 2, closeCode: null });
    expect(second.message).toMatch(/^no session: no such cookie \(attempt 2, again in \d+ ms\)$/);
    expect(second.retryInMs).toBeGreaterThanOrEqual(0);
    expect(second.retryInMs).toBeLessThanOrEqual(200);
    await eventually('welcomed', () => client.phase() === 'welcomed');
    const failed = ['asking', 'session', 'waiting'];
    expect(told).toEqual([...failed, ...failed, 'asking', 'dialling', 'parked', 'welcomed']);
  });

  it('says what a getSession gave that gave no session', async () => {
    const { troubled } = start({ getSession: (async () => ({ token: secret })) as never });
    expect((await troubled()).message).toContain('getSession gave no url: resolve with { url,');
  });

  it('says with what a directory answered, and follows its Retry-After', async () => {
    const url = await directory((_, response) =>
      response
        .writeHead(503, { 'retry-after': '20' })
        .end(`{"error":{"message":"nobody holds it, ${secret}"}}`),
    );
    const error = await start({ directoryUrl: url, directoryKey: secret }).troubled();
    expect(error.message).toContain('the session directory answered 503: nobody holds it, …');
    expect(error.retryInMs).toBeGreaterThanOrEqual(20_000);
  });

  it('says why a directory cannot be reached', async () => {
    const { troubled } = start({ directoryUrl: 'http://127.0.0.1:1', directoryKey: secret });
    expect((await troubled()).message).toMatch(
      /^no session: the session directory does not answer: fetch failed: .*(bad port|ECONNREFUSED)/,
    );
  });

  it('says that a directory refused it, and that this was the end', async () => {
    const url = await directory((_, response) =>
      response.writeHead(401).end('{"error":{"message":"wrong key"}}'),
    );
    const { told, troubled, client } = start({ directoryUrl: url, directoryKey: secret });
    const error = await troubled();
    expect(error).toMatchObject({ step: 'session', attempts: 1, retryInMs: null });
    expect(error.message).toContain('401: wrong key (attempt 1, not tried again)');
    await eventually('stopped', () => client.phase() === 'stopped');
    expect(told).toEqual(['asking', 'session', 'stop: denied', 'stopped']);
    const own = start({ getSession: () => Promise.reject(new SessionDeniedError('log in')) });
    expect((await own.troubled()).message).toContain('no session: log in (');
  });

  it('says why an instance cannot be reached', async () => {
    await a.close();
    const { troubled } = start({ getSession: () => session() });
    const error = await troubled();
    expect(error).toMatchObject({ step: 'dial', attempts: 1, closeCode: 1006, errorCode: null });
    expect(error.message).toContain(`no connection to ${a.url}: closed with 1006: `);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('says that an address is none, without the token in it', async () => {
    const { troubled } = start({
      getSession: () => session({ url: `nonsense?${secret}`, token: secret }),
    });
    expect((await troubled()).message).toMatch(/an address that is none: .*nonsense\?…/);
  });

  it("says a server's words for a token that is refused, each time and at the end", async () => {
    const { told, troubled, troubles, client } = start({
      getSession: () => session({ token: secret }),
    });
    expect(await troubled()).toMatchObject({
      step: 'welcome',
      attempts: 1,
      errorCode: 'bad-token',
    });
    await eventually('stopped', () => client.phase() === 'stopped');
    const last = await troubled(5);
    expect(last).toMatchObject({ attempts: 5, retryInMs: null });
    expect(last.message).toMatch(/^no welcome from ws:.*: the server says bad-token: .*not tried/);
    expect(troubles).toHaveLength(5);
    expect(told.slice(-3)).toEqual(['welcome', 'stop: refused', 'stopped']);
  });

  it('says that a connection was lost, and from whom; nothing of a move or of an end', async () => {
    const b = await startTestServer({ like: a });
    closing.push(() => b.close());
    const { troubles, troubled, client } = start({ getSession: () => session() });
    await eventually('welcomed', () => client.phase() === 'welcomed');
    a.instance.admissions[0]?.connection.disconnect({
      reason: 'moved',
      url: b.url,
      revision: 8,
      delayMs: 0,
    });
    await eventually('moved', () => b.instance.admissions.length === 1);
    await eventually('welcomed', () => client.phase() === 'welcomed');
    expect(troubles).toEqual([]);
    await b.close();
    expect(await troubled()).toMatchObject({ step: 'connection', attempts: 1 });
    expect(troubles[0]?.message).toMatch(/^connection to messaging-1 at ws:.* lost: /);
    await eventually('back', () => client.phase() === 'welcomed');
    const before = troubles.length;
    await client.close();
    expect(troubles).toHaveLength(before);
  });

  it('may close the client, which is told once', async () => {
    const told: string[] = [];
    const client: Client = connect({
      user: 'alice',
      getSession: () => Promise.reject(new Error('no')),
      onTrouble: () => void client.close(),
      onState: (phase) => told.push(phase),
      onStop: (reason) => told.push(`stop: ${reason}`),
    });
    await eventually('stopped', () => told.includes('stopped'));
    expect(told).toEqual(['asking', 'stop: closed', 'stopped']);
  });
});

describe('a callback', () => {
  it('finds the client that it belongs to, the first one too', async () => {
    const phases: string[] = [];
    const client: Client = connect({
      user: 'alice',
      getSession: () => {
        phases.push(`session while ${client.phase()}`);
        return session();
      },
      onState: (phase) => phases.push(`${phase} is ${client.phase()}`),
    });
    closing.unshift(() => client.close());
    expect(phases).toEqual([]);
    await eventually('welcomed', () => client.phase() === 'welcomed');
    expect(phases.slice(0, 3)).toEqual([
      'session while asking',
      'asking is asking',
      'dialling is dialling',
    ]);
  });

  it('is not called for a client that is closed before it began', async () => {
    let asked = 0;
    const client = connect({
      user: 'alice',
      getSession: () => {
        asked += 1;
        return session();
      },
    });
    await client.close();
    expect([asked, client.phase()]).toEqual([0, 'stopped']);
  });
});
