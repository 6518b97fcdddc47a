// The rehearsal moves clients through the real server and the real machines, in memory, and leaves
// nothing behind.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { rehearsalMoves } from '../../src/limits.js';
import { rehearse } from '../../src/messaging/rehearsal.js';

const stage = () => ({
  bus: createMemoryBus(),
  reports: createMemoryConfigDb(),
  clock: systemClock,
});

it('moves clients between two instances until it has moved enough of them', async () => {
  const slow = { ...systemClock, monotonicMs: () => 0 };
  expect(await rehearse({ ...stage(), clock: slow })).toBeGreaterThanOrEqual(rehearsalMoves);
});

it('ends when its time is up, however far it came, and closes what it opened', async () => {
  let nowMs = 0;
  const hasty = { ...systemClock, monotonicMs: () => (nowMs += 100) };
  const { bus, reports } = stage();
  expect(await rehearse({ bus, reports, clock: hasty })).toBeLessThan(rehearsalMoves);
  await expect(bus.appender('late')).rejects.toThrow('closed');
});
