// The watcher on a bus in memory, in virtual time: what it signals, once, and again when it was lost.
import { afterEach, expect, it, vi } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import type { InstanceReport } from '../../src/documents.js';
import { heartbeatEveryMs } from '../../src/limits.js';
import { topicSpecs, topicsOf } from '../../src/logs/topics.js';
import { startWatcher, type Watcher, type WatcherRequest } from '../../src/watcher/watcher.js';

const topics = topicsOf('s');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).reverse()) await end();
});

async function given(options: { readonly temporalAway?: () => boolean } = {}) {
  const bus = createMemoryBus();
  await bus.ensureTopics(topicSpecs('s', 4));
  const configDb = createMemoryConfigDb();
  const policy = { service: 's', partitions: 4 };
  await configDb.insertPolicy({
    ...{ service: 's', revision: 1, policy, by: 'test', reason: '', atMs: 0 },
  });
  const appender = await bus.appender('x');
  const put = (topic: string, partition: number, value: unknown) =>
    appender.append([{ topic, partition, value: JSON.stringify(value) }]);
  const change = { revision: 1, prev: null, next: '0', url: 'ws://a' };
  for (const partition of [0, 1, 2]) {
    const who = { instance: `s-${partition}`, incarnation: `life-${partition}` };
    await put(topics.ownership, 0, { type: 'acquired', ...who, ...change, partition });
  }
  // The bus hands over in turns of the real event loop.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });
  const beats = new Map<number, NodeJS.Timeout>();
  let seq = 0;
  for (const ordinal of [0, 1, 2]) {
    const who = { instance: `s-${ordinal}`, incarnation: `life-${ordinal}` };
    const beat = () => void put(topics.leases, ordinal, { type: 'alive', ...who, seq: (seq += 1) });
    beats.set(ordinal, setInterval(beat, heartbeatEveryMs));
  }
  const asked: { service: string; request: WatcherRequest }[] = [];
  const watcher: Watcher = startWatcher({
    ...{ bus, configDb },
    clock: { monotonicMs: () => Date.now(), wallMs: () => Date.now() },
    request: async (service, request) => {
      if (options.temporalAway?.() === true) throw new Error('away');
      asked.push({ service, request });
    },
    log: () => undefined,
  });
  ends.push(() => bus.close());
  ends.push(() => watcher.close());
  return {
    asked,
    configDb,
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        await vi.advanceTimersByTimeAsync(100);
        for (let turn = 0; turn < 5; turn += 1) await new Promise((go) => setImmediate(go));
      }
    },
    stop: (ordinal: number) => clearInterval(beats.get(ordinal)),
  };
}

it('asks to go on without an instance that fell silent, named after its incarnation', async () => {
  const { asked, pass, stop } = await given();
  await pass(15_000);
  expect(asked).toEqual([]);
  stop(1);
  await pass(5_000);
  expect(asked).toEqual([
    {
      service: 's',
      request: {
        requestId: 'lost/life-1',
        reason: expect.stringMatching(/^no heartbeat of s-1 for \d+ ms$/) as string,
        source: 'instance-lost',
        lost: [{ instance: 's-1', incarnation: 'life-1' }],
      },
    },
  ]);
});

it('asks until Temporal takes it', async () => {
  let away = true;
  const { asked, pass, stop } = await given({ temporalAway: () => away });
  await pass(15_000);
  stop(1);
  await pass(20_000);
  expect(asked).toEqual([]);
  away = false;
  await pass(3_000);
  expect(asked.map(({ request }) => request.requestId)).toEqual(['lost/life-1']);
});

it('asks once to drain an instance that says it leaves, and holds something', async () => {
  const { asked, pass, configDb } = await given();
  await pass(15_000);
  const report = (ordinal: number, incarnation: string): InstanceReport => ({
    ...{ service: 's', instance: `s-${ordinal}`, incarnation, url: 'ws://a', leaving: true },
    ...{ revision: 1, epoch: 1, clients: 0, held: 1, load: [], takenBack: [], moves: [], atMs: 0 },
  });
  await configDb.saveReport(report(2, 'life-2'));
  await configDb.saveReport(report(3, 'life-3'));
  await pass(10_000);
  expect(asked.map(({ request }) => request)).toEqual([
    { requestId: 'leave/life-2', reason: 's-2 was told to end', source: 'leave', drain: ['s-2'] },
  ]);
});
