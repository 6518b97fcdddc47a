// What a newcomer does wrong, each found by the library while it runs, with a sentence that says what to
// change, and no harm to others. Services here make one mistake each.
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMessages, type CreateService, type Service } from '../../src/package/instance.js';
import { simulateCluster, type SimulatedCluster } from '../../src/package/testing.js';
import { eventually } from '../support/eventually.js';

let cluster: SimulatedCluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

const begin = async (create: CreateService): Promise<SimulatedCluster> =>
  (cluster = await simulateCluster({ create, instances: 1 }));

/** Messaging, but for what is given. */
const messagingBut =
  (change: (messages: Service) => Partial<Service>): CreateService =>
  (context) => {
    const messages = createMessages(context);
    return { ...messages, ...change(messages) };
  };

const found = (on: SimulatedCluster, mistake: string) =>
  eventually(`${mistake} is found`, () => on.mistakes().find((one) => one.mistake === mistake));

describe('a service that', () => {
  it('throws in `read` passes over that record and goes on', async () => {
    const on = await begin(
      messagingBut((messages) => ({
        read: (record) => {
          if (record.value?.includes('"spoilt"') === true) throw new TypeError('no such field');
          return messages.read(record);
        },
      })),
    );
    const got: string[] = [];
    on.connect('bob', { onMessage: ({ body }) => void got.push(body) });
    await on.check();
    const alice = on.connect('alice');
    await alice.send('bob', 'spoilt');
    await alice.send('bob', 'whole');
    await eventually('what follows arrives', () => got.includes('whole'));
    expect(got).toEqual(['whole']);
    const { detail, text } = await found(on, 'hook-threw');
    expect(detail).toEqual({ hook: 'read', error: 'TypeError: no such field' });
    expect(text).toMatch(/catch what may fail/);
    await expect(on.check()).rejects.toThrow(/a hook of the service threw.*"hook":"read"/);
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('at once');
      },
    ],
    [
      'later',
      async () => {
        throw new Error('later');
      },
    ],
  ] as const)('throws %s in `frame` loses that client, who comes back', async (when, frame) => {
    const on = await begin(
      messagingBut(() => ({ frames: ['report'], welcomed: () => ({ frame }) })),
    );
    const phases: string[] = [];
    const client = on.connect('lamp', { onState: (phase) => phases.push(phase) });
    await on.check();
    client.say({ type: 'report' });
    const { detail } = await found(on, 'hook-threw');
    expect(detail).toEqual({ hook: 'frame', error: `Error: ${when}` });
    await eventually('it is back', () => phases.filter((one) => one === 'welcomed').length === 2);
  });

  it('throws in `welcomed`, `gone`, `onRecord` and `onForget` is told of each', async () => {
    const on = await begin(
      messagingBut(() => ({
        welcomed: ({ user }) => {
          if (user === 'unlucky') throw new Error('welcomed');
          return {
            gone: () => {
              throw new Error('gone');
            },
          };
        },
        onRecord: () => {
          throw new Error('onRecord');
        },
        onForget: () => undefined,
      })),
    );
    const lucky = on.connect('lucky');
    on.connect('unlucky');
    await on.publish('lucky', { any: 'record' });
    await eventually('the other is served', () => lucky.phase() === 'welcomed');
    await lucky.close();
    await eventually('each is found', () => {
      const hooks = new Set(on.mistakes().map(({ detail }) => detail['hook']));
      return ['welcomed', 'gone', 'onRecord'].every((hook) => hooks.has(hook));
    });
  });

  it('speaks to a client that it does not hold any more writes nothing', async () => {
    const kept: { send(frame: object): boolean; maySpeak(): boolean }[] = [];
    const on = await begin(
      messagingBut(() => ({
        welcomed: (client) => {
          kept.push(client);
          return {};
        },
      })),
    );
    const frames: unknown[] = [];
    const lamp = on.connect('lamp', { onFrame: (frame) => frames.push(frame) });
    await on.check();
    expect(kept[0]?.send({ type: 'news', n: 1 })).toBe(true);
    await eventually('it arrives', () => frames.length === 1);
    await lamp.close();
    await eventually('its connection is over', () => kept[0]?.maySpeak() === false);
    expect(kept[0]?.send({ type: 'news', n: 2 })).toBe(false);
    expect((await found(on, 'spoke-unheld')).text).toMatch(
      /ask `client\.maySpeak\(\)` right before/,
    );
    expect(frames).toEqual([{ type: 'news', n: 1 }]);
  });

  it('publishes for a client that is gone writes nothing', async () => {
    let publish: ((value: object) => Promise<number>) | undefined;
    const on = await begin(
      messagingBut(() => ({ welcomed: (client) => void (publish = client.publish) })),
    );
    const lamp = on.connect('lamp');
    await on.check();
    expect(await publish?.({ n: 1 })).toBe(0);
    await lamp.close();
    await expect(publish?.({ n: 2 })).rejects.toThrow('may not write just now');
    expect((await found(on, 'published-unheld')).text).toMatch(/not before an `await`/);
  });

  it.each([
    ['says a frame of the library', { type: 'welcome', next: '0' }, 'protocol-frame'],
    ['says a frame without a type', { text: 'hello' }, 'protocol-frame'],
    ['says more than a frame takes', { type: 'news', text: 'x'.repeat(70_000) }, 'frame-too-large'],
  ])('%s is told, and nothing is written', async (_, frame, mistake) => {
    let said: boolean | undefined;
    const on = await begin(
      messagingBut(() => ({ welcomed: (client) => void (said = client.send(frame)) })),
    );
    on.connect('lamp');
    await found(on, mistake);
    expect(said).toBe(false);
  });

  it('reads a record into more than a frame takes passes over it', async () => {
    const on = await begin(
      messagingBut(() => ({
        read: ({ offset, key }) => ({
          ...{ offset, to: key ?? '', key: null },
          frame: JSON.stringify({ type: 'news', text: 'x'.repeat(70_000) }),
        }),
      })),
    );
    on.connect('lamp');
    await on.publish('lamp', {});
    expect((await found(on, 'frame-too-large')).detail).toEqual({ offset: 0 });
  });

  it('keeps what it reads by partition and never forgets it does not start', async () => {
    await expect(begin(messagingBut(() => ({ onRecord: () => undefined })))).rejects.toThrow(
      /has `onRecord` but no `onForget`.*drop it in `onForget\(partition\)`/,
    );
  });

  it('wants frames that are the protocol’s own, or reads nothing, does not start', async () => {
    await expect(begin(messagingBut(() => ({ frames: ['bye'] })))).rejects.toThrow(
      /"bye", which is the protocol's own: give them another name/,
    );
    const nothing = (() => ({})) as unknown as CreateService;
    await expect(begin(nothing)).rejects.toThrow(/has no `read`/);
  });

  it('blocks the event loop is told for how long', async () => {
    // All of the time that passes is this process's own, however busy the machine is.
    const used = vi.spyOn(process, 'cpuUsage');
    onTestFinished(() => used.mockRestore());
    used.mockImplementation(() => ({ user: performance.now() * 1_000, system: 0 }));
    const on = await begin(
      messagingBut(() => ({
        frames: ['think'],
        welcomed: () => ({
          frame: () => {
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
          },
        }),
      })),
    );
    const client = on.connect('lamp');
    await on.check();
    client.say({ type: 'think' });
    const { detail, text } = await found(on, 'event-loop-blocked');
    expect(detail['ms']).toBeGreaterThan(1_000);
    expect(text).toMatch(/worker thread/);
  });
});
