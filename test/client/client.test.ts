// The client library against two real servers: moves, repeats, losses and ends.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect as connectAnywhere } from '../../src/client/client.js';
import {
  connect,
  SendFailedError,
  type Client,
  type ConnectOptions,
} from '../../src/client/node.js';
import type { FinishedMove, ReceivedMessage } from '../../src/core/handover/client.js';
import { partitionOf } from '../../src/core/murmur2.js';
import { eventually } from '../support/eventually.js';
import { partitions, startTestServer, type TestServer } from '../support/messaging.js';

// Two servers with one log between them, as two instances have: `b` is where `a` sends its clients.
let a: TestServer;
let b: TestServer;
let clients: Client[];
beforeEach(async () => {
  a = await startTestServer();
  b = await startTestServer({ like: a });
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all([a.close(), b.close()]);
});

function start(options: Partial<ConnectOptions> = {}, place: () => TestServer = () => a) {
  const messages: ReceivedMessage[] = [];
  const moves: FinishedMove[] = [];
  const stops: string[] = [];
  let sessions = 0;
  const client = connect({
    user: 'alice',
    client: 'phone',
    getSession: async () => {
      sessions += 1;
      return { url: place().url, token: await place().token(), instance: 'messaging-1' };
    },
    onMessage: (message) => messages.push(message),
    onMove: (move) => moves.push(move),
    onStop: (reason) => stops.push(reason),
    ...options,
  });
  clients.push(client);
  const welcomed = () => eventually('welcomed', () => client.phase() === 'welcomed');
  return { client, messages, moves, stops, sessions: () => sessions, welcomed };
}

/** Written once, delivered by whoever holds the partition. */
function arrive(id: string, by: TestServer): void {
  const partition = partitionOf('alice', partitions);
  const value = JSON.stringify({
    id,
    from: 'bob',
    client: 'x',
    to: 'alice',
    body: id,
    sentAtMs: 1,
  });
  const record = a.log.put({ topic: 'messaging.messages', partition, key: 'alice', value });
  for (const server of new Set([by, b])) {
    server.server.sink.onRecords(partition, [record], record.offset + 1);
  }
}
const moveTo = (to: TestServer) =>
  a.instance.admissions[0]?.connection.disconnect({
    reason: 'moved',
    url: to.url,
    revision: 8,
    delayMs: 0,
  });

describe('the client library', () => {
  it('goes on from where a truncated welcome says, also when that is further back', async () => {
    const { client, messages, welcomed } = start({ next: '100000' });
    await welcomed();
    expect(client.next()).toBe('0');
    arrive('m-0', a);
    await eventually('received', () => messages.length === 1);
    expect(client.next()).toBe('1');
  });

  it('connects, receives in order and sends', async () => {
    const { client, messages, welcomed } = start();
    await welcomed();
    for (const id of ['m-0', 'm-1']) arrive(id, a);
    await eventually('two messages', () => messages.length === 2);
    expect(messages.map(({ id }) => id)).toEqual(['m-0', 'm-1']);
    expect(client.next()).toBe('2');
    expect(await client.send('bob', 'hello')).toEqual({ offset: '0' });
  });

  it('follows DISCONNECT by itself: same session, no message lost or twice, one gap reported', async () => {
    const { messages, moves, welcomed, sessions } = start();
    await welcomed();
    arrive('before', a);
    await eventually('a message', () => messages.length === 1);
    moveTo(b);
    arrive('meanwhile', b);
    await eventually('moved', () => moves.length === 1);
    arrive('after', b);
    await eventually('all messages', () => messages.length === 3);
    expect(messages.map(({ id }) => id)).toEqual(['before', 'meanwhile', 'after']);
    expect(sessions()).toBe(1);
    expect(moves[0]).toMatchObject({ from: 'messaging-1', planned: true, revision: 7 });
    await eventually('the gap is reported', () => b.instance.gaps.length === 1);
    expect(b.instance.gaps[0]?.gapMs).toBeCloseTo(moves[0]?.gapMs ?? -1, 0);
    expect(b.instance.admissions[0]).toMatchObject({ revision: 8, identity: { user: 'alice' } });
    await eventually('the old socket is gone', () => a.instance.closes.length === 1);
    expect(a.instance.closes[0]?.reason).toBe('moved');
  });

  it('repeats what was not answered before the move, and Kafka has it once', async () => {
    const { client, welcomed } = start();
    await welcomed();
    let letGo: () => void = () => undefined;
    a.log.beforeAppend = () => new Promise((resolve) => (letGo = resolve));
    const sent = client.send('bob', 'once');
    await eventually('appending', () => a.log.asked.append === 1);
    moveTo(b);
    letGo(); // the old instance's write lands, its answer does not
    a.log.beforeAppend = () => Promise.resolve();
    expect(await sent).toEqual({ offset: '0' });
    expect(a.log.records(partitionOf('bob', partitions))).toHaveLength(1);
  });

  it('asks for a session again when its instance is gone', async () => {
    let place = a;
    const { moves, sessions, welcomed, client } = start({}, () => place);
    await welcomed();
    place = b;
    await a.close();
    await eventually('connected elsewhere', () => moves.length === 1);
    expect(client.phase()).toBe('welcomed');
    expect(sessions()).toBe(2);
    expect(moves[0]?.planned).toBe(false);
  });

  it('stops when a newer session replaced it', async () => {
    const { client, stops, welcomed } = start();
    await welcomed();
    a.instance.admissions[0]?.connection.disconnect({
      reason: 'replaced',
      revision: 7,
      delayMs: 0,
    });
    await eventually('stopped', () => stops.length === 1);
    expect(stops).toEqual(['replaced']);
    await expect(client.send('bob', 'x')).rejects.toBeInstanceOf(SendFailedError);
  });

  it('says bye when it is closed, and its unanswered sends fail', async () => {
    const { client, welcomed } = start();
    await welcomed();
    a.log.beforeAppend = () => new Promise(() => undefined);
    const sent = client.send('bob', 'x');
    await eventually('appending', () => a.log.asked.append === 1);
    const failed = expect(sent).rejects.toMatchObject({ why: 'stopped' });
    await client.close();
    await failed;
    await eventually('closed', () => a.instance.closes.length === 1);
    expect(a.instance.closes[0]?.reason).toBe('bye');
  });

  it('survives a url that no socket can be made of', async () => {
    let sessions = 0;
    const { welcomed } = start({
      getSession: async () => {
        sessions += 1;
        return sessions === 1
          ? { url: 'nonsense', token: 't', instance: '' }
          : { url: a.url, token: await a.token(), instance: '' };
      },
    });
    await welcomed();
    expect(sessions).toBe(2);
  });

  it('gives up a message that is refused alone, and says the next ones', async () => {
    const { client, welcomed } = start();
    await welcomed();
    const refused = expect(client.send('', 'to nobody')).rejects.toMatchObject({ why: 'refused' });
    const next = client.send('bob', 'hello');
    await refused;
    expect(await next).toEqual({ offset: '0' });
    expect(a.instance.admissions.length).toBeLessThan(5);
  });

  it('comes back although each of its callbacks throws, and each is heard of', async () => {
    const heard: string[] = [];
    const uncaught = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => heard.push(error.message));
    try {
      const client = connect({
        user: 'alice',
        getSession: async () => {
          if (heard.length < 3) throw new Error('not yet');
          return { url: a.url, token: await a.token(), instance: '' };
        },
        onState: (phase) => {
          throw new Error(phase);
        },
        onTrouble: ({ step }) => {
          throw new Error(step);
        },
      });
      await eventually('welcomed', () => client.phase() === 'welcomed');
      await eventually('heard of', () => heard.includes('welcomed'));
      expect(heard.slice(0, 3)).toEqual(['asking', 'session', 'waiting']);
      await client.close();
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of uncaught) process.on('uncaughtException', listener);
    }
  });

  it('refuses an address of a directory that is none, at once', () => {
    for (const directoryUrl of ['nonsense', 'ws://127.0.0.1:1', '127.0.0.1:8080', '']) {
      const wrong = () => connect({ user: 'alice', directoryUrl });
      expect(wrong, directoryUrl).toThrow(/directoryUrl is ".*": give http/);
    }
  });

  it('refuses a login in an address, and a key that cannot be sent, without repeating either', () => {
    for (const [directoryUrl, directoryKey] of [
      ['http://alice:secret@127.0.0.1:1', 'k'],
      ['ftp://:secret@127.0.0.1:1', 'k'],
      ['http://127.0.0.1:1', 'one\nsecret'],
      ['http://127.0.0.1:1', 'secret\u2026'],
    ] as const) {
      const wrong = () => connect({ user: 'alice', directoryUrl, directoryKey });
      expect(wrong).toThrow(/^directory(Url has a login|Key holds what no HTTP header can)/);
      expect(wrong).not.toThrow(/secret/);
    }
  });

  it("works with any WebSocket of the shape of a browser's, and says when there is none", () => {
    expect(() => connectAnywhere({ user: 'alice' })).toThrow(/WebSocket|directoryUrl/);
  });
});
