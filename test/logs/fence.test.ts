// Fencing on a bus in memory, with short leases: nobody acknowledges, and what the platform says differs.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { UnreachableError } from '../../src/errors.js';
import { fenceIncarnation } from '../../src/logs/fence.js';
import { topicSpecs } from '../../src/logs/topics.js';

const limits = { ttlMs: 150, marginMs: 50 };

async function howFenced(hasEnded: () => Promise<boolean>): Promise<string> {
  const bus = createMemoryBus();
  await bus.ensureTopics(topicSpecs('chat', 12));
  const appender = await bus.appender('test');
  try {
    const { how } = await fenceIncarnation({
      ...{ bus, appender, clock: systemClock, service: 'chat', limits, hasEnded },
      ...{ victim: { instance: 'chat-2', incarnation: 'gone' }, by: 'test' },
    });
    return how;
  } finally {
    await bus.close();
  }
}

it('takes the word of the platform that the process has ended', async () => {
  let asked = 0;
  expect(await howFenced(async () => (asked += 1) > 2)).toBe('process-ended');
});

it('waits for the lease while the platform does not answer', async () => {
  let asked = 0;
  const never = () => {
    asked += 1;
    return new Promise<boolean>(() => undefined);
  };
  expect(await howFenced(never)).toBe('lease-expired');
  expect(asked).toBe(1);
});

it('waits for the lease while the platform cannot be reached', async () => {
  const away = () => Promise.reject(new UnreachableError('kubernetes', 'no answer'));
  expect(await howFenced(away)).toBe('lease-expired');
});
