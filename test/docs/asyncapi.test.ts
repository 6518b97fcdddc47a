// docs/asyncapi.yaml: valid by its own parser; and what a real Messaging server and the real state
// machines say is what its schemas say. The logs of a whole service are held to it in
// test/integration/protocol-client.test.ts.
import { Parser } from '@asyncapi/parser';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/messaging.js';
import { channels, messagesOf, strangeness } from '../support/protocol-schemas.js';
import { shownFields } from '../support/shown-fields.js';
import { root } from '../support/source-tree.js';

const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8');
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
    const frames = page.split('\n## 3.')[0]?.split('\n## 2.')[1] ?? '';
    const types = [...frames.matchAll(/^\| `\{"type":"([a-z-]+)"/gm)].map(([, type = '']) => type);
    expect([...new Set(types)].sort()).toEqual(
      Object.keys(channels['client']?.messages ?? {}).sort(),
    );
    const topics = [...page.matchAll(/^\| `<s>\.([a-z]+)` /gm)].map(([, topic = '']) => topic);
    expect([...topics, 'client'].sort()).toEqual(Object.keys(channels).sort());
  });
});

describe('each field of docs/protocol.md', () => {
  /** What stands between two headings. */
  const section = (from: string, to: string) => page.split(to)[0]?.split(from)[1] ?? '';
  const frames = [
    ...section('\n## 2.', '\n## 3.').matchAll(/^\| `(\{"type":"([a-z]+)".*?\})` +\|/gm),
  ];
  const logs = section('\n## 4.', '\n## 5.');
  /** By the `type` with which it begins, in the part of one log. */
  const record = (log: string, type: string) => {
    const part = logs.split(`**${log}**`)[1]?.split('\n**')[0] ?? '';
    return new RegExp(`\`(\\{"type":"${type}"[^\`]*\\})\``).exec(part)?.[1] ?? '';
  };
  const topics = section('\n## 3.', '\n## 4.');
  const chat = /`<s>\.messages`.*`(\{"id".*?\})`/.exec(topics)?.[1] ?? '';
  const word = /`(\{"type","epoch".*?\})`/.exec(topics)?.[1] ?? '';
  const more = '"hash","ranges","instances","pace"';
  /** What its text says besides the row: fields that only some write. */
  const besides: Readonly<Record<string, readonly string[]>> = {
    change: ['url'],
    probe: ['watcher', 'seq'],
  };

  it.each([
    ...frames.map(([, shown = '', type = '']) => ['client', type, shown] as const),
    ['messages', 'chat', chat],
    ['control', 'word', word],
    ['control', 'plan', word.replace('}', `,${more}}`)],
    ['ownership', 'change', record('ownership', 'acquired')],
    ['ownership', 'fenced', record('ownership', 'fenced')],
    ['sessions', 'connection', record('sessions', 'opened')],
    ['leases', 'heartbeat', record('leases', 'alive')],
    ['leases', 'fence', record('leases', 'fence')],
    ['leases', 'fenceAcknowledged', record('leases', 'fence-acknowledged')],
    ['leases', 'probe', record('leases', 'probe')],
  ] as const)('is one of its schema: %s, %s', (channel, name, shown) => {
    const fields = shownFields(shown.replaceAll('\\|', '|'));
    expect(fields.size, shown).toBeGreaterThan(0);
    const { all, required } = schemaFields(channels[channel]?.messages[name]?.payload);
    expect(all).toEqual([...fields.keys(), ...(besides[name] ?? [])].sort());
    const always = [...fields].filter(([, { optional }]) => !optional).map(([field]) => field);
    expect(required, 'never absent').toEqual(always.sort());
  });

  it('is looked for in all messages', () => {
    const messages = Object.values(channels).flatMap((channel) => Object.keys(channel.messages));
    // `fenced` stands in two logs and is shown once.
    expect(frames.length + 10).toBe(messages.length - 1);
    for (const field of more.split(',')) expect(topics).toContain(`\`${field}`);
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

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
}

/** Of a schema or of its variants: every field, and those that none of them may lack. */
function schemaFields(schema: Schema | undefined) {
  const variants = schema?.oneOf ?? [schema ?? {}];
  const all = new Set(variants.flatMap(({ properties }) => Object.keys(properties ?? {})));
  const required = [...all].filter((field) =>
    variants.every((variant) => variant.required?.includes(field)),
  );
  return { all: [...all].sort(), required: required.sort() };
}
