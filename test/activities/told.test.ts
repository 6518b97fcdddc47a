import { describe, expect, it } from 'vitest';
import { lastTold } from '../../activities/told.js';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { topicSpecs, topicsOf } from '../../src/logs/topics.js';

const service = 'chat';
const pace = { clientsPerWave: 6, acceptPerSecond: 100, partitionsPerWave: 64 };

async function controlTopic(...messages: readonly object[]) {
  const bus = createMemoryBus();
  await bus.ensureTopics(topicSpecs(service, 12));
  const appender = await bus.appender('test');
  for (const message of messages) {
    const value = JSON.stringify({ rebalance: 'chat@1', epoch: 1, ...message });
    await appender.append([{ topic: topicsOf(service).control, partition: 0, value }]);
  }
  return bus;
}

const goal = (revision: number, more: object = {}) => ({
  type: 'distribution',
  revision,
  hash: `hash-${revision}`,
  ranges: [[0, 11, 0]],
  instances: {},
  pace,
  ...more,
});

describe('what instances were told last', () => {
  it('is nothing on an empty topic', async () => {
    const told = await lastTold({ bus: await controlTopic() }, service);
    expect(told).toEqual({ goal: null, said: { revision: 0, epoch: 0 } });
  });

  it('is read as instances read it: who is behind is ignored', async () => {
    const late = goal(9, { epoch: 3 });
    const bus = await controlTopic(goal(4, { epoch: 3 }), goal(7, { epoch: 5 }), late);
    const told = await lastTold({ bus }, service);
    expect(told.goal).toMatchObject({ revision: 7, hash: 'hash-7' });
    expect(told.said).toEqual({ revision: 9, epoch: 5 });
  });

  it('tells a number that was only prepared from one to strive for', async () => {
    const bus = await controlTopic(goal(7), goal(8, { type: 'prepare' }));
    const told = await lastTold({ bus }, service);
    expect(told.goal?.revision).toBe(7);
    expect(told.said.revision).toBe(8);
  });

  it('is found however much was said since', async () => {
    const report = { type: 'report', revision: 7 };
    const bus = await controlTopic(goal(7), ...Array.from({ length: 300 }, () => report));
    expect((await lastTold({ bus }, service)).goal?.revision).toBe(7);
  });

  it('is read past what is no message', async () => {
    const bus = await controlTopic(
      goal(7),
      { type: 'distribution', revision: 'many' },
      { of: 'x' },
    );
    expect((await lastTold({ bus }, service)).goal?.revision).toBe(7);
  });
});
