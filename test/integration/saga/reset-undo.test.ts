// `temporal workflow reset` into the middle of an undo: the new run takes an epoch of its own and undoes
// the rest, unless another saga has begun since.

import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import { eventually } from '../../support/eventually.js';
import { resetAfter, stateOf } from './resetting.js';
import { createWorlds } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

const two = { 0: '[0-179]', 1: '[180-359]' };

/** Verify fails once, for good; the first call of `name` after that waits until it is let go. */
function held(name: keyof Activities | null) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let failed = false;
  const state = { zombie: undefined as Promise<unknown> | undefined, release: () => release() };
  const wrap = (activities: Activities): Activities => {
    const wrapped: Activities = {
      ...activities,
      verify: async (input) => {
        if (failed) return activities.verify(input);
        failed = true;
        throw ApplicationFailure.nonRetryable('made to fail', 'Injected');
      },
    };
    if (name === null) return wrapped;
    const real = activities[name] as (input: never) => Promise<unknown>;
    const holding = async (input: never) => {
      if (state.zombie !== undefined) return real(input);
      const zombie = released.then(() => real(input));
      zombie.catch(() => undefined);
      state.zombie = zombie;
      return zombie;
    };
    return { ...wrapped, [name]: holding };
  };
  return { state, wrap };
}

async function failureOf(run: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  const error: unknown = await run.result().catch((failed: unknown) => failed);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause as ApplicationFailure;
}

describe('a run that was reset into its undo', () => {
  it.each([
    ['nextEpoch', 'scaleBack'],
    ['planBack', 'scaleBack'],
    ['announce', 'scaleBack'],
    ['cancelPrepare', 'scaleBack'],
    ['scaleBack', 'record'],
  ] as const)(
    'after %s undoes the rest; what the run before left can do nothing',
    async (to, at) => {
      const { state, wrap } = held(at);
      const w = await bootstrapped({}, wrap);
      const first = await w.request({ instances: 4, requestId: 'grow' });
      await eventually('the undo is under way', () => state.zombie !== undefined, 60_000);
      const again = await resetAfter(w, first, to);
      const failure = await failureOf(again);
      expect(failure).toMatchObject({ type: 'RebalanceUndone' });
      expect(failure.message).toContain('verify failed: made to fail; undone');
      const before = await stateOf(w);
      expect(before).toMatchObject({ replicas: 2, owned: two });
      const [newest] = await w.configDb.rebalances(w.service, 1);
      expect(newest?.body).toMatchObject({ outcome: 'undone' });
      state.release();
      await state.zombie?.catch(() => undefined);
      expect(await stateOf(w)).toEqual(before);
      // Each revision is still explained by the plan that it was made from.
      for (let revision = 2; revision <= (before.revision ?? 0); revision += 1) {
        const made = await w.configDb.distribution(w.service, revision);
        const plan = await w.configDb.plan(made?.plan ?? '');
        expect(plan?.body).toMatchObject({ revision, hash: made?.hash });
      }
    },
  );

  it('does not take back what a later saga did', async () => {
    const { wrap } = held(null);
    const w = await bootstrapped({}, wrap);
    const first = await w.request({ instances: 4, requestId: 'grow' });
    expect(await failureOf(first)).toMatchObject({ type: 'RebalanceUndone' });
    await w.rebalance({ instances: 3 });
    const before = await stateOf(w);
    const again = await resetAfter(w, first, 'planBack');
    const failure = await failureOf(again);
    expect(failure).toMatchObject({ type: 'Superseded' });
    expect(failure.message).toContain('a newer run has taken over');
    expect(await stateOf(w)).toEqual(before);
  });
});
