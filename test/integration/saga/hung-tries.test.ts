// A try of an activity that hung, was given up and wakes after its saga was undone: it can do nothing.

import { Context } from '@temporalio/activity';
import { afterEach, describe, expect, it } from 'vitest';
import { abortUpdate } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { stateOf } from './resetting.js';
import { createWorlds } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

const two = { 0: '[0-179]', 1: '[180-359]' };

describe('an earlier try in the same run, which wakes after the undo', () => {
  it.each(['scaleUp', 'commit'] as const)('of %s is refused by its epoch', async (name) => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let hung: Promise<unknown> | undefined;
    let tries = 0;
    const w = await bootstrapped({}, (activities) => ({
      ...activities,
      [name]: async (input: never) => {
        tries += 1;
        // It says nothing any more, as a worker that was paused: the server gives it up.
        if (tries === 1) {
          hung = released.then(() => (activities[name] as (i: never) => Promise<unknown>)(input));
          hung.catch(() => undefined);
          return hung;
        }
        const beats = setInterval(() => Context.current().heartbeat(), 500);
        return Context.current().cancelled.finally(() => clearInterval(beats));
      },
    }));
    const handle = await w.request({ instances: 4 });
    await eventually('the next try runs', () => tries === 2, 60_000);
    await handle.executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([{ outcome: 'aborted' }]);
    const before = await stateOf(w);
    expect(before).toMatchObject({ revision: 1, replicas: 2, epoch: 3, owned: two });

    release();
    await expect(hung).rejects.toThrow('is superseded by epoch 3');
    expect(await stateOf(w)).toEqual(before);
  });
});
