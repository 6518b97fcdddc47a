// A try of an activity that hung, was given up and wakes after its saga was undone, or has gone on to
// something smaller: it can do nothing.

import { Context } from '@temporalio/activity';
import { afterEach, describe, expect, it } from 'vitest';
import { abortUpdate } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { stateOf } from './resetting.js';
import { createWorlds } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

/** The first try hangs until it is woken and says nothing any more: the server gives it up. */
function hangingOnce<In, Out>(real: (input: In) => Promise<Out>, next: typeof real) {
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  let hung: Promise<Out> | undefined;
  let tries = 0;
  return {
    call: (input: In): Promise<Out> => {
      tries += 1;
      if (tries > 1) return next(input);
      hung = woken.then(() => real(input));
      hung.catch(() => undefined);
      return hung;
    },
    tries: () => tries,
    /** Resolves with what came of it. */
    wake: async () => {
      wake();
      return hung;
    },
  };
}

const beatsUntilCancelled = async (): Promise<never> => {
  const beats = setInterval(() => Context.current().heartbeat(), 500);
  return Context.current().cancelled.finally(() => clearInterval(beats));
};

const two = { 0: '[0-179]', 1: '[180-359]' };

describe('an earlier try in the same run, which wakes after the undo', () => {
  it.each(['scaleUp', 'commit'] as const)('of %s is refused by its epoch', async (name) => {
    let hanging: ReturnType<typeof hangingOnce> | undefined;
    const w = await bootstrapped({}, (activities) => {
      hanging = hangingOnce(
        activities[name] as (i: unknown) => Promise<unknown>,
        beatsUntilCancelled,
      );
      return { ...activities, [name]: hanging.call };
    });
    const handle = await w.request({ instances: 4 });
    await eventually('the next try runs', () => hanging?.tries() === 2, 60_000);
    await handle.executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([{ outcome: 'aborted' }]);
    const before = await stateOf(w);
    expect(before).toMatchObject({ revision: 1, replicas: 2, epoch: 3, owned: two });

    await expect(hanging?.wake()).rejects.toThrow('is superseded by epoch 3');
    expect(await stateOf(w)).toEqual(before);
  });

  it('of scaleUp is refused after a saga that was planned smaller has scaled down', async () => {
    let hanging: ReturnType<typeof hangingOnce> | undefined;
    let isWarming = false;
    const w = await bootstrapped({}, (activities) => {
      const { scaleUp, prepare } = activities;
      hanging = hangingOnce(scaleUp as (i: unknown) => Promise<unknown>, scaleUp as never);
      return {
        ...activities,
        scaleUp: hanging.call as typeof scaleUp,
        prepare: (input) => {
          if (isWarming) return prepare(input);
          isWarming = true;
          return beatsUntilCancelled();
        },
      };
    });
    await w.allow(2, { min: 4, max: 8 });
    const handle = await w.request();
    await eventually('it warms up', () => isWarming, 60_000);
    await w.allow(3, { min: 1, max: 3 });
    const instance = `${w.service}-0`;
    const lost = [{ instance, incarnation: await w.crash(instance, 'down') }];
    await w.request({ source: 'instance-lost', lost });
    const { outcomes } = await handle.result();
    expect(outcomes[0]).toMatchObject({ outcome: 'recovered' });
    const before = await stateOf(w);
    expect(before).toMatchObject({ replicas: 3, epoch: 3 });

    await expect(hanging?.wake()).rejects.toThrow('is superseded by epoch 3');
    expect(await stateOf(w)).toEqual(before);
  });
});
