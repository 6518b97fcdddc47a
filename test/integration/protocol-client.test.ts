// A program that knows only the written protocol keeps its session through a grow.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectPlainly, type PlainClient } from '../support/plain-client.js';
import { strangeness } from '../support/protocol-schemas.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../support/service-under-test.js';

const usersTriedMax = 100;
const messagesBefore = 20;
const messagesAfter = 20;
/** Read of each partition of a log. */
const recordsMax = 2_000;

describe('a client that knows only the protocol', () => {
  let under: ServiceUnderTest;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    under = await startServiceUnderTest({ name: 'plain', instances: 2 });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await under.stop();
  });

  const connect = async (user: string): Promise<PlainClient> => {
    const { directoryUrl, directoryKey } = under.service;
    const client = await connectPlainly({ directoryUrl, directoryKey, user });
    clients.push(client);
    await eventually(`${user} is welcomed`, () => client.connected());
    return client;
  };

  /** Somebody whose partition moves when two instances become three. */
  const connectWhoMoves = async (): Promise<PlainClient & { user: string }> => {
    for (let i = 0; i < usersTriedMax; i += 1) {
      const user = `alice-${i}`;
      const client = await connect(user);
      const { partition } = client;
      if ((partition >= 120 && partition <= 179) || partition >= 300) return { ...client, user };
      client.close();
    }
    throw new Error('nobody of a hundred users lives in a partition that moves');
  };

  it('follows a move to the new instance and misses no message before, during and after', async () => {
    const alice = await connectWhoMoves();
    const bob = await connect('bob');
    let sent = 0;
    let sending = true;
    const chat = (async () => {
      while (sending) {
        sent += 1;
        await bob.send(alice.user, `message ${sent}`);
      }
    })();
    await eventually('messages arrive before the move', () => alice.bodies.length > messagesBefore);

    const run = await under.follow(await under.ask({ instances: 3 }));
    expect(run.outcome).toMatchObject({ outcome: 'completed', revision: 2 });
    await eventually('alice is welcomed by the new instance', () =>
      alice.frames.some(
        ({ type, instance }) => type === 'welcome' && instance === `${under.name}-2`,
      ),
    );
    const arrived = alice.bodies.length;
    await eventually(
      'messages arrive after the move',
      () => alice.bodies.length > arrived + messagesAfter,
    );
    sending = false;
    await chat;

    await eventually('the last message arrives', () => alice.bodies.length >= sent);
    const expected = Array.from({ length: sent }, (_, i) => `message ${i + 1}`);
    expect(alice.bodies).toEqual(expected);
    const told = alice.frames.filter(({ type }) => ['disconnect', 'welcome'].includes(type));
    expect(told.map(({ type }) => type)).toEqual(['welcome', 'disconnect', 'welcome']);
    expect(told[1]).toMatchObject({ reason: 'moved', revision: 2 });
    expect(told[1]?.['next']).toEqual(expect.stringMatching(/^\d+$/));
    expect(told[2]).toMatchObject({ revision: 2, truncated: false });
    expect([alice.socketsMax(), bob.socketsMax()]).toEqual([1, 1]);
  });

  it('was told, and finds in the logs, only what docs/asyncapi.yaml says', async () => {
    const frames = clients.flatMap((client) => client.frames);
    expect(new Set(frames.map(({ type }) => type)).size).toBeGreaterThan(2);
    expect(frames.flatMap((frame) => strangeness('client', frame) ?? [])).toEqual([]);
    const { bus } = under.cluster;
    for (const channel of ['control', 'ownership', 'sessions', 'leases', 'messages']) {
      const topic = `${under.name}.${channel}`;
      let records = 0;
      for (const { partition, low, high } of await bus.bounds(topic)) {
        if (high === low) continue;
        for (const { value } of await bus.readRange(topic, partition, low, high, recordsMax)) {
          records += 1;
          expect(strangeness(channel, JSON.parse(String(value)))).toBeUndefined();
        }
      }
      expect(records, channel).toBeGreaterThan(0);
    }
  });
});
