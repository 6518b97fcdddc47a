// Who is sent where: to a holder that was heard of lately, or to nobody yet.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { silentHolderMs } from '../../src/limits.js';
import { openRouting } from '../../src/logs/routing.js';
import { topicSpecs, topicsOf } from '../../src/logs/topics.js';
import { eventually } from '../support/eventually.js';

async function given() {
  let nowMs = 1_000;
  const bus = createMemoryBus();
  await bus.ensureTopics(topicSpecs('s', 4));
  const topics = topicsOf('s');
  const appender = await bus.appender('x');
  const put = (topic: string, value: unknown) =>
    appender.append([{ topic, partition: 0, value: JSON.stringify(value) }]);
  const change = { revision: 1, instance: 's-0', partition: 0, next: '0', url: 'ws://a' };
  await put(topics.ownership, { ...change, type: 'acquired', incarnation: 'i', prev: null });
  const routing = await openRouting({
    ...{ bus, service: 's', partitions: 4 },
    clock: { wallMs: () => 0, monotonicMs: () => nowMs },
  });
  let changes = 0;
  routing.onChange(() => (changes += 1));
  /** What is put is read before this resolves. */
  const read = async (topic: string, value: unknown) => {
    const before = changes;
    await put(topic, value);
    await eventually('the record is read', () => changes > before);
  };
  const alive = (incarnation: string) =>
    read(topics.leases, { type: 'alive', instance: 's-0', incarnation, seq: 1 });
  return {
    routing,
    alive,
    owned: (value: object) => read(topics.ownership, { ...change, ...value }),
    pass: (ms: number) => (nowMs += ms),
    nowMs: () => nowMs,
    end: async () => {
      await routing.close();
      await bus.close();
    },
  };
}

it('takes a holder for dead that is silent for too long, and for alive as soon as it is heard', async () => {
  const { routing, alive, pass, end } = await given();
  const route = { instance: 's-0', url: 'ws://a', revision: 1 };
  expect(routing.routeOf(0)).toEqual(route);
  pass(silentHolderMs);
  expect(routing.routeOf(0)).toEqual(route);
  pass(1);
  expect(routing.routeOf(0)).toBeNull();
  await alive('i');
  expect(routing.routeOf(0)).toEqual(route);
  await end();
});

it('does not take a new life of an instance for the one that holds', async () => {
  const { routing, alive, owned, pass, end } = await given();
  await alive('i');
  pass(silentHolderMs + 1);
  await alive('j');
  expect(routing.routeOf(0)).toBeNull();
  await owned({ type: 'fenced', incarnation: 'i', how: 'process-ended' });
  expect(routing.routeOf(0)).toBeNull();
  await owned({ type: 'acquired', incarnation: 'j', prev: '0' });
  expect(routing.routeOf(0)).not.toBeNull();
  await end();
});

it('believes whoever found nobody there, until the holder is heard of again', async () => {
  const { routing, alive, nowMs, pass, end } = await given();
  await alive('i');
  const doubt = { url: 'ws://a', sinceMs: nowMs() };
  expect(routing.routeOf(0, doubt)).toBeNull();
  expect(routing.routeOf(0, { ...doubt, url: 'ws://b' })).not.toBeNull();
  pass(100);
  await alive('i');
  expect(routing.routeOf(0, doubt)).not.toBeNull();
  await end();
});
