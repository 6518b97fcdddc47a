// The driver of the lease asks the clock whenever somebody wants to speak, and believes nothing that it
// learned before it lost its place in the log.
import { expect, it } from 'vitest';
import { keepLease } from '../../src/instance/lease-keeper.js';
import { leasePartition } from '../../src/logs/topics.js';
import type { Bus, Reader } from '../../src/ports.js';
import { eventually } from '../support/eventually.js';

const limits = { ttlMs: 2_000, lapseMaxMs: 30_000 };

/** A lease whose heartbeats come back at once, on a clock that the test moves. */
async function startLease() {
  const at = { nowMs: 1_000 };
  const changes: boolean[] = [];
  let opened: Parameters<Bus['open']>[0] | undefined;
  let offset = 0;
  let echoes = true;
  const reader: Pick<Reader, 'close'> = { close: async () => undefined };
  const keeper = await keepLease({
    bus: {
      open: async (options: Parameters<Bus['open']>[0]) => {
        opened = options;
        return reader;
      },
    } as unknown as Bus,
    appender: {
      append: async (records) => {
        for (const { value } of records) {
          if (!echoes) continue;
          const place = { topic: 'leases', partition: leasePartition(0), key: null };
          const record = { ...place, offset, timestampMs: at.nowMs, value };
          offset += 1;
          await opened?.onRecords(leasePartition(0), [record], offset);
        }
        return records.map(() => 0);
      },
      close: async () => undefined,
    },
    service: 's',
    instance: 's-0',
    ordinal: 0,
    incarnation: 'one',
    nowMs: () => at.nowMs,
    limits,
    heartbeatEveryMs: 5,
    onChange: (good) => changes.push(good),
    onEnd: () => undefined,
  });
  await eventually('the lease is good', () => keeper.speaks());
  return {
    ...{ keeper, changes, at },
    silence: () => void (echoes = false),
    jump: () => opened?.onJump(leasePartition(0), offset, offset + 1),
  };
}

it('does not speak after a pause in which the lease ran out, before anybody has looked', async () => {
  const { keeper, at, changes } = await startLease();
  expect(changes).toEqual([true]);
  at.nowMs = keeper.untilMs() + 1;
  // The same turn: no timer has run since.
  expect(keeper.speaks()).toBe(false);
  await keeper.stop();
});

it('is silent when its reader lost its place, until a new heartbeat has come back', async () => {
  const { keeper, changes, silence, jump } = await startLease();
  silence();
  jump();
  expect(keeper.speaks()).toBe(false);
  expect(changes).toEqual([true, false]);
  await keeper.stop();
});
