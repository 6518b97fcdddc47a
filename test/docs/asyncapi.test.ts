// docs/asyncapi.yaml: valid by its own parser; and what a real Messaging server and the real state
// machines say is what its schemas say. The logs of a whole service are held to it in
// test/integration/protocol-client.test.ts.
import { Parser } from '@asyncapi/parser';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/messaging.js';
import { channels, messagesOf, strangeness } from '../support/protocol-schemas.js';
import { root } from '../support/source-tree.js';

const text = readFileSync(join(root, 'docs/asyncapi.yaml'), 'utf8');

describe('docs/asyncapi.yaml', () => {
  it('is valid by the parser of AsyncAPI', async () => {
    const { document, diagnostics } = await new Parser().parse(text);
    /** 0 and 1: errors and warnings. That there is a newer version of the format is only information. */
    const wrong = diagnostics.filter(({ severity }) => Number(severity) < 2);
    expect(wrong.map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
    expect(document?.channels().all().length).toBe(Object.keys(channels).length);
  });

  it('has every frame and record of docs/protocol.md', () => {
    const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8');
    const frames = page.split('\n## 3.')[0]?.split('\n## 2.')[1] ?? '';
    const types = [...frames.matchAll(/^\| `\{"type":"([a-z-]+)"/gm)].map(([, type = '']) => type);
    expect([...new Set(types)].sort()).toEqual(
      Object.keys(channels['client']?.messages ?? {}).sort(),
    );
    const topics = [...page.matchAll(/^\| `<s>\.([a-z]+)` /gm)].map(([, topic = '']) => topic);
    expect([...topics, 'client'].sort()).toEqual(Object.keys(channels).sort());
  });
});

describe('its schemas', () => {
  it('refuse what is not so', () => {
    const change = {
      type: 'acquired',
      partition: 1,
      revision: 2,
      instance: 'm-0',
      incarnation: 'x',
      prev: '7',
      next: '9',
    };
    expect(messagesOf('ownership', change)).toEqual(['change']);
    for (const broken of [
      { ...change, prev: 7 },
      { ...change, next: '09' },
      { ...change, type: 'taken' },
      { ...change, partition: -1 },
      { ...change, prev: undefined },
    ]) {
      expect(
        messagesOf('ownership', JSON.parse(JSON.stringify(broken))),
        JSON.stringify(broken),
      ).toEqual([]);
    }
    const told = { type: 'disconnect', reason: 'leaving', next: '1', revision: 2, delayMs: 0 };
    expect(messagesOf('client', told)).toEqual(['disconnect']);
    expect(messagesOf('client', { ...told, url: 'ws://b' })).toEqual([]);
    expect(messagesOf('client', { ...told, reason: 'moved' })).toEqual([]);
    expect(strangeness('client', { type: 'shout' })).toContain('is no message');
  });
});

describe('what a server says', () => {
  let test: TestServer;
  beforeEach(async () => {
    test = await startTestServer({ aliveEveryMs: 20 });
  });
  afterEach(() => test.close());

  it('is what they say: from the welcome to the end, each kind of frame', async () => {
    const alice = await test.welcomed('alice');
    const bob = await test.welcomed('bob');
    const hello = { type: 'hello', token: await test.token({ user: 'alice' }), next: null };
    const send = { type: 'send', id: 'c-1', to: 'alice', body: 'hello' };
    const said = [hello, send, { type: 'moved', gapMs: 37.5 }, { type: 'bye' }];
    expect(said.flatMap((frame) => strangeness('client', frame) ?? [])).toEqual([]);
    bob.say(send);
    await bob.take('accepted');
    test.arrive({ id: 'm-1', to: 'alice' });
    await alice.take('message');
    await alice.take('alive');
    const [first, second] = test.instance.admissions;
    first?.connection.disconnect({ reason: 'moved', url: 'ws://b', revision: 8, delayMs: 0 });
    second?.connection.disconnect({ reason: 'leaving', revision: 8, delayMs: 20 });
    const stranger = await test.dial();
    stranger.say({ type: 'hello', token: await test.strangersToken(), next: null });
    for (const client of [alice, bob, stranger]) await client.closed();

    const frames = [alice, bob, stranger].flatMap((client) => client.frames);
    expect(frames.flatMap((frame) => strangeness('client', frame) ?? [])).toEqual([]);
    const kinds = ['welcome', 'accepted', 'message', 'alive', 'disconnect', 'error'];
    expect(new Set(frames.map(({ type }) => type))).toEqual(new Set(kinds));
  });

  it('writes records of messages as they say', async () => {
    const bob = await test.welcomed('bob');
    bob.say({ type: 'send', id: 'c-1', to: 'alice', body: 'hello' });
    await bob.take('accepted');
    const records = [...Array(16).keys()].flatMap((partition) => test.log.records(partition));
    expect(records).toHaveLength(1);
    for (const { value } of records) {
      expect(strangeness('messages', JSON.parse(String(value)))).toBeUndefined();
    }
  });
});
