import { describe, expect, it } from 'vitest';
import { nextEpoch } from '../../activities/next-epoch.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { systemClock } from '../../src/adapters/system-clock.js';

const service = 'm';
const workflow = { id: 'rebalance/m', runId: 'r1' };

async function world(isOpen = true) {
  const configDb = createMemoryConfigDb();
  const begin = async (runId: string) => {
    const epoch = await configDb.takeEpoch(service, runId, 0);
    const rebalance = `${service}@${epoch}`;
    await configDb.saveRebalance({ id: rebalance, service, runId, body: {}, atMs: epoch });
    return { service, rebalance, epoch, run: runId };
  };
  const temporal = {
    isOpen: async () => isOpen,
    rebalanceRuns: async () => true,
    rollRuns: async () => false,
    requestSeen: async () => ({ kind: 'unknown' as const }),
    requestRebalance: async () => undefined,
    pauseSchedule: async () => undefined,
  };
  return { configDb, begin, connections: { configDb, temporal, clock: systemClock } };
}

describe('a further epoch of a saga', () => {
  it('is above every one that was taken, and named with the run that took it', async () => {
    const { begin, connections } = await world();
    const saga = await begin('r1');
    expect(await nextEpoch(connections, { saga, workflow })).toEqual({ epoch: 2, run: 'r1' });
    const again = { ...saga, epoch: 2 };
    expect(await nextEpoch(connections, { saga: again, workflow })).toEqual({
      epoch: 3,
      run: 'r1',
    });
  });

  it('is above its own also where ConfigDB has forgotten that one', async () => {
    const { begin, connections } = await world();
    const saga = { ...(await begin('r1')), epoch: 7 };
    expect(await nextEpoch(connections, { saga, workflow })).toMatchObject({ epoch: 8 });
  });

  it('is not taken by a run that is over', async () => {
    const { begin, connections, configDb } = await world(false);
    const saga = await begin('r1');
    await expect(nextEpoch(connections, { saga, workflow })).rejects.toThrow('is over');
    expect(await configDb.latestEpoch(service)).toBe(1);
  });

  it('is not taken once a later saga has begun', async () => {
    const { begin, connections, configDb } = await world();
    const saga = await begin('r1');
    await begin('r2');
    await expect(nextEpoch(connections, { saga, workflow })).rejects.toThrow(
      'epoch 1 is superseded by epoch 2',
    );
    expect(await configDb.latestEpoch(service)).toBe(2);
  });
});
