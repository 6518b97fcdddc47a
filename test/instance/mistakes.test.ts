// What a service with sockets of its own does wrong beneath `runInstance`: it forgets to say that a socket
// is closed, says it twice, hashes by itself, runs twice, or counts other partitions than there are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryBus, type MemoryBus } from '../../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { partitionOf } from '../../src/core/murmur2.js';
import type { Instance, InstanceEvent, ServiceConnection } from '../../src/instance/api.js';
import { watchLoop } from '../../src/instance/loop-watch.js';
import { createMistakeNotes, mistakeKinds, sentenceOf } from '../../src/instance/mistakes.js';
import { startInstance } from '../../src/instance/start.js';
import { watchConnections } from '../../src/instance/watched-connections.js';
import { closeForgottenMs, mistakeLogEveryMs } from '../../src/limits.js';
import { topicSpecs } from '../../src/logs/topics.js';
import { createManualClock } from '../../src/package/testing.js';
import { eventually } from '../support/eventually.js';
import { root } from '../support/source-tree.js';

const service = 'service';
const partitions = 8;

let bus: MemoryBus | undefined;
const instances: Instance[] = [];
afterEach(async () => {
  for (const instance of instances.splice(0)) await instance.stop();
  await bus?.close();
  bus = undefined;
});

async function start(told = partitions): Promise<{ instance: Instance; events: InstanceEvent[] }> {
  if (bus === undefined) {
    bus = createMemoryBus();
    await bus.ensureTopics(topicSpecs(service, partitions));
  }
  const events: InstanceEvent[] = [];
  const instance = await startInstance(
    {
      ...{ service, name: 'service-0', ordinal: 0, partitions: told, url: 'ws://127.0.0.1:1' },
      sink: { onRecords: () => undefined, onJump: () => undefined, onForget: () => undefined },
    },
    {
      bus,
      reports: createMemoryConfigDb(),
      clock: systemClock,
      log: (event) => events.push(event),
    },
  );
  instances.push(instance);
  return { instance, events };
}

const mistakesOf = (events: readonly InstanceEvent[]): unknown[] =>
  events.flatMap(({ event, detail }) => (event === 'mistake' ? [detail?.['mistake']] : []));

const alice = {
  partition: partitionOf('alice', partitions),
  ...{ user: 'alice', client: 'phone', session: 's', sessionAtMs: 0 },
};

/** A connection whose socket is never closed. */
function forgetful(): ServiceConnection {
  const nothing = (): void => undefined;
  return {
    welcome: nothing,
    disconnect: nothing,
    redirect: nothing,
    refuse: nothing,
    suspend: nothing,
  };
}

describe('an instance finds that its service', () => {
  it('does not say that a socket is closed whose client was told to go', async () => {
    const { instance, events } = await start();
    // Nobody holds anything: it is refused, and the service does nothing about it.
    instance.admit(alice, null, forgetful());
    const said = await eventually('it is said', () =>
      events.find(({ detail }) => detail?.['mistake'] === 'close-not-told'),
    );
    expect(said).toMatchObject({ level: 'error', event: 'mistake', detail: { clients: 1 } });
    expect(said.detail?.['text']).toMatch(/call `instance\.closed\(connection, reason\)`/);
  });

  it('says it twice, or of a stranger; admits a connection twice', async () => {
    const { instance, events } = await start();
    const connection = forgetful();
    instance.admit(alice, null, connection);
    instance.admit(alice, null, connection);
    instance.closed(connection, 'lost');
    instance.closed(connection, 'lost');
    expect(mistakesOf(events)).toEqual(['admitted-twice', 'closed-twice']);
    expect(instance.status()).toMatchObject({ clients: 0, parked: 0 });
  });

  it('takes a user for one of another partition', async () => {
    const { instance, events } = await start();
    const connection = forgetful();
    instance.admit({ ...alice, partition: (alice.partition + 1) % partitions }, null, connection);
    instance.closed(connection, 'lost');
    expect(mistakesOf(events)).toEqual(['partition-of-another']);
  });

  it('runs a second time under the same name', async () => {
    const one = await start();
    const other = await start();
    await eventually('both say so', () =>
      [one, other].every(({ events }) => mistakesOf(events).includes('same-ordinal')),
    );
    expect(sentenceOf('same-ordinal')).toMatch(/EVENKEEL_INSTANCE/);
  });

  it('was told another number of partitions than its topic has, and does not start', async () => {
    await expect(start(16)).rejects.toThrow(
      'service has 8 partitions, by its topic service.messages, and this instance was told 16: start it with 8',
    );
  });
});

describe('a mistake', () => {
  it('is counted each time, and said once a minute with how often since', () => {
    const clock = createManualClock();
    const said: unknown[] = [];
    let counted = 0;
    const note = createMistakeNotes({
      nowMs: () => clock.monotonicMs(),
      say: ({ mistake, unsaidBefore }) => said.push([mistake, unsaidBefore]),
      count: () => (counted += 1),
    });
    for (let i = 0; i < 5; i += 1) note('hook-threw');
    note('spoke-unheld');
    clock.advance(mistakeLogEveryMs);
    note('hook-threw');
    expect(said).toEqual([
      ['hook-threw', 0],
      ['spoke-unheld', 0],
      ['hook-threw', 4],
    ]);
    expect(counted).toBe(7);
  });

  it('stands in the guide, and nothing else does', () => {
    const guide = readFileSync(join(root, 'docs/embedding.md'), 'utf8');
    const [, section = ''] = guide.split('\n## Mistakes and their sentences\n');
    const shown = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([a-z-]+)` /gm)];
    expect(shown.map(([, kind]) => kind).sort()).toEqual([...mistakeKinds].sort());
  });

  it('has a sentence that says what to change', () => {
    for (const kind of mistakeKinds) {
      expect(sentenceOf(kind), kind).toMatch(
        /: (call|make|take|ask|give|catch|move|send|welcome)|must/,
      );
    }
  });
});

it('a socket that closes in time is no mistake', async () => {
  const clock = createManualClock();
  const mistakes: string[] = [];
  const watched = watchConnections(
    () => clock.monotonicMs(),
    (kind) => mistakes.push(kind),
  );
  const [quick, slow] = [forgetful(), forgetful()];
  for (const connection of [quick, slow]) {
    watched.admit(connection, (watching) => watching.refuse('unavailable', 'no'));
  }
  watched.closed(quick, () => undefined);
  clock.advance(closeForgottenMs);
  watched.closed(slow, () => undefined);
  clock.advance(10 * closeForgottenMs);
  await new Promise((resolve) => setTimeout(resolve, closeForgottenMs / 2)); // It has looked by then.
  watched.stop();
  expect(mistakes).toEqual([]);
});

it('a process that got no processor is not said to have blocked its event loop', async () => {
  const clock = createManualClock();
  let usedMs = 0;
  const blocked: number[] = [];
  let looks = 0;
  const nowMs = (): number => {
    looks += 1;
    return clock.monotonicMs();
  };
  const watch = watchLoop(
    nowMs,
    (ms) => blocked.push(ms),
    () => usedMs,
  );
  const looked = async (): Promise<void> => {
    const before = looks;
    await eventually('it looks', () => looks > before);
  };
  clock.advance(30_000); // Paused.
  await looked();
  clock.advance(30_000); // At work all the time.
  usedMs += 29_000;
  await looked();
  watch.stop();
  expect(blocked).toEqual([29_500]);
});
