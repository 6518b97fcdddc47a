// What dead runs and failed undos leave behind, and what becomes of it; and the way back to an earlier
// revision.

import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, it } from 'vitest';
import { alive } from '../../../activities/alive.js';
import { abortUpdate } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { outliving } from './outliving.js';
import { resetAfter, stateOf } from './resetting.js';
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
      const zombie = outliving(name);
      const w: World = await bootstrapped(
        {},
        zombie.wrap(() => w),
      );
      await expect((await w.request({ instances: 3 })).result()).rejects.toThrow();
      const next = await w.rebalance({ instances: 2, requestId: 'next' });
      expect(['completed', 'unnecessary']).toContain(next.outcomes[0]?.outcome);
      const before = await stateOf(w);

      const how = await zombie.letGo();
      if (name !== 'handOver') expect(how).toContain('is superseded by epoch');
      await eventually('everything is as before', async () => {
        expect(await stateOf(w)).toEqual(before);
        return true;
      });
      expect(await w.owned()).toEqual(two);
    },
  );
});

describe('after a run that was reset', () => {
  it.each(['goes on', 'is aborted'] as const)(
    'its scaleUp that is still alive can do nothing, when the new one %s',
    async (how) => {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let zombie: Promise<unknown> | undefined;
      let isAlone = true;
      const w = await bootstrapped({}, (activities) => ({
        ...activities,
        scaleUp: async (input) => {
          if (zombie === undefined) {
            const held = released.then(() => activities.scaleUp(input));
            held.catch(() => undefined);
            zombie = held;
            return held;
          }
          if (how === 'is aborted' && input.saga.epoch === 3) {
            isAlone = false;
            await alive(() => Context.current().cancelled);
          }
          return activities.scaleUp(input);
        },
      }));
      const first = await w.request({ instances: 4, requestId: 'grow' });
      await eventually('its scaleUp is under way', () => zombie !== undefined);
      const again = await resetAfter(w, first, how === 'is aborted' ? 'reconcile' : 'plan');
      if (how === 'is aborted') {
        await eventually('the new one has begun', () => !isAlone);
        await again.executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
      }
      const { outcomes } = await again.result();
      const outcome = how === 'is aborted' ? 'aborted' : 'completed';
      expect(outcomes).toMatchObject([{ requestId: 'grow', outcome }]);
      const before = await stateOf(w);
      // The undo takes one more.
      const [replicas, epoch] = how === 'is aborted' ? [2, 4] : [4, 3];
      expect(before).toMatchObject({ replicas, epoch });

      release();
      await expect(zombie).rejects.toThrow(`is superseded by epoch ${epoch}`);
      expect(await stateOf(w)).toEqual(before);
      const [newest, dead] = await w.configDb.rebalances(w.service, 2);
      expect(newest?.body).toMatchObject({ outcome });
      expect(dead?.body).toMatchObject({ outcome: null });
    },
  );

  it('no plan takes the place of one that a revision was made from', async () => {
    let isHeld = false;
    const w = await bootstrapped({}, (activities) => ({
      ...activities,
      notify: (input) => {
        if (isHeld) return activities.notify(input);
        isHeld = true;
        return Context.current().cancelled;
      },
    }));
    const first = await w.request({ instances: 3 });
    await eventually('revision 2 is there', () => isHeld);
    const { outcomes } = await (await resetAfter(w, first, 'reconcile')).result();
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 3 }]);
    for (const revision of [2, 3]) {
      const made = await w.configDb.distribution(w.service, revision);
      const plan = await w.configDb.plan(made?.plan ?? '');
      expect(plan?.body).toMatchObject({ revision, hash: made?.hash });
    }
    expect(await w.owned()).toEqual(three);
  });
});

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
