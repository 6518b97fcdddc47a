// What dead runs and failed undos leave behind, and what becomes of it; and the way back to an earlier
// revision.

import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

const two = { 0: '[0-179]', 1: '[180-359]' };
const three = { 0: '[0-119]', 1: '[180-299]', 2: '[120-179,300-359]' };

/** A grow that fails after its hand-over, and whose undo fails, too, while `broken` says so. */
async function failedUndo(): Promise<World & { mend(): void }> {
  let broken = true;
  let verified = false;
  const w = await bootstrapped({}, (activities) => ({
    ...activities,
    verify: async (input) => {
      if (verified) return activities.verify(input);
      verified = true;
      throw ApplicationFailure.nonRetryable('verify was made to fail', 'Injected');
    },
    planBack: async (input) => {
      if (broken) throw ApplicationFailure.nonRetryable('no way back', 'Injected');
      return activities.planBack(input);
    },
    pauseSchedule: async () => undefined,
  }));
  await expect((await w.request({ instances: 3 })).result()).rejects.toThrow();
  expect((await w.configDb.rebalances(w.service, 1))[0]?.body).toMatchObject({
    outcome: 'compensation-failed',
  });
  return { ...w, mend: () => (broken = false) };
}

describe('after a failed undo', () => {
  it('the next request that names no number goes back to where it was', async () => {
    const w = await failedUndo();
    w.mend();
    const { outcomes } = await w.rebalance({ leftovers: 'retry' });
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 3 }]);
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
  });

  it('or takes what is, when that is what it says: nobody moves', async () => {
    const w = await failedUndo();
    const { outcomes } = await w.rebalance({ leftovers: 'accept' });
    expect(outcomes).toMatchObject([{ movedClients: 0 }]);
    expect(['completed', 'unnecessary']).toContain(outcomes[0]?.outcome);
    expect(await w.owned()).toEqual(three);
    expect(await w.replicas()).toBe(3);
  });
});

describe('after a run that was terminated', () => {
  it('what it started and did not use is ended, whatever is asked next', async () => {
    const w = await bootstrapped({}, (activities) => ({
      ...activities,
      prepare: async (input) => {
        await w.client.workflow.getHandle(`rebalance/${w.service}`).terminate('by hand');
        return activities.prepare(input);
      },
    }));
    await expect((await w.request({ instances: 3 })).result()).rejects.toThrow();
    expect(await w.replicas()).toBe(3);
    const { outcomes } = await w.rebalance();
    expect(outcomes).toMatchObject([{ outcome: 'unnecessary' }]);
    expect(await w.replicas()).toBe(2);
    expect(await w.owned()).toEqual(two);
  });

  it.each(['scaleUp', 'commit', 'notify', 'handOver'] as const)(
    'its %s that is still alive can do nothing any more',
    async (name) => {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let zombie: Promise<unknown> | undefined;
      const wrap = (activities: Activities): Activities => ({
        ...activities,
        [name]: async (input: never) => {
          const real = activities[name] as (input: never) => Promise<unknown>;
          if (zombie !== undefined) return real(input);
          zombie = released.then(() => real(input));
          zombie.catch(() => undefined);
          await w.client.workflow.getHandle(`rebalance/${w.service}`).terminate('by hand');
          return zombie;
        },
      });
      const w = await bootstrapped({}, wrap);
      await expect((await w.request({ instances: 3 })).result()).rejects.toThrow();
      const next = await w.rebalance({ instances: 2, requestId: 'next' });
      expect(['completed', 'unnecessary']).toContain(next.outcomes[0]?.outcome);
      const before = await stateOf(w);

      release();
      const how = await (zombie as unknown as Promise<unknown>).then(
        () => 'done',
        (error: Error) => error.message,
      );
      if (name !== 'handOver') expect(how).toContain('is superseded by epoch');
      await eventually('everything is as before', async () => {
        expect(await stateOf(w)).toEqual(before);
        return true;
      });
      expect(await w.owned()).toEqual(two);
    },
  );
});

async function stateOf(w: World) {
  const latest = await w.configDb.latestDistribution(w.service);
  const { replicas, epoch } = await w.platform.observe(w.service);
  return { revision: latest?.revision, replicas, epoch, owned: await w.owned() };
}

describe('the way back to an earlier revision', () => {
  it('is a new revision with its ranges, whatever was between', async () => {
    const w = await bootstrapped();
    await w.rebalance({ instances: 3 });
    await w.rebalance({ drain: [`${w.service}-0`] });
    const { outcomes } = await w.rebalance({ rollback: 2 });
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 4 }]);
    expect(outcomes[0]?.text).toContain('rollback 2 → 3');
    expect(await w.owned()).toEqual(three);
  });

  it('is refused where there is no such revision, and unnecessary where it is in force', async () => {
    const w = await bootstrapped();
    const none = await w.rebalance({ rollback: 7 });
    const same = await w.rebalance({ rollback: 1 });
    expect(none.outcomes).toMatchObject([{ outcome: 'refused' }]);
    expect(none.outcomes[0]?.text).toContain('revision 7 of');
    expect(same.outcomes).toMatchObject([{ outcome: 'unnecessary' }]);
  });
});
