import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type WorldOptions } from './saga-world.js';

const worlds = createWorlds();

afterEach(() => worlds.closeAll());

type Wrap = (activities: Activities) => Activities;
type When = 'before' | 'after';

/** The first call of an activity fails for good, before or after it did its work. */
function failing(name: keyof Activities, when: When): Wrap {
  let calls = 0;
  return (activities) => {
    const real = activities[name] as (input: never) => Promise<unknown>;
    const faulty = async (input: never): Promise<unknown> => {
      calls += 1;
      if (calls > 1) return real(input);
      if (when === 'after') await real(input);
      throw ApplicationFailure.nonRetryable(`${name} was made to fail`, 'Injected');
    };
    return { ...activities, [name]: faulty };
  };
}

const worldWith = (replicas: number, wrap: Wrap, options: Partial<WorldOptions> = {}) =>
  worlds.bootstrapped({ replicas, ...options }, wrap);

/** The failure that a run closed with. */
async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await run.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

const two = { 0: '[0-179]', 1: '[180-359]' };
const three = { 0: '[0-119]', 1: '[120-239]', 2: '[240-359]' };

describe('a grow that fails', () => {
  const steps: readonly (readonly [keyof Activities, When])[] = [
    ['scaleUp', 'before'],
    ['scaleUp', 'after'],
    ['prepare', 'before'],
    ['prepare', 'after'],
    ['commit', 'before'],
    ['commit', 'after'],
    ['notify', 'before'],
    ['notify', 'after'],
    ['handOver', 'before'],
    ['handOver', 'after'],
    ['verify', 'after'],
  ];
  it.each(steps)('at %s, %s its work, leaves the old two with everything', async (name, when) => {
    const w = await worldWith(2, failing(name, when));
    const handle = await w.request({ instances: 3 });
    const failure = await failureOf(handle.result());

    expect(failure.type).toBe('RebalanceUndone');
    expect(failure.message).toContain(`${name} was made to fail`);
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
    expect([...w.simulated.heldAtStop.values()].every((held) => held === 0)).toBe(true);
    expect(await w.attributes(handle)).toMatchObject({ EvenkeelOutcome: 'undone' });
    const [record] = await w.configDb.rebalances(w.service, 1);
    expect(record?.body).toMatchObject({ outcome: 'undone' });

    if (name !== 'notify') return;
    const again = await w.rebalance({ instances: 3 });
    expect(again.outcomes).toMatchObject([{ outcome: 'completed' }]);
  });

  it('half-way through the hand-over brings back what had moved', async () => {
    let moved = 0;
    const wrap: Wrap = (activities) => {
      let calls = 0;
      return {
        ...activities,
        handOver: async (input) => {
          calls += 1;
          if (calls > 1) return activities.handOver(input);
          await eventually('a wave has moved', async () => {
            moved = Object.keys(await w.owned()).length;
            return moved === 3;
          });
          throw ApplicationFailure.nonRetryable('half-way', 'Injected');
        },
      };
    };
    let waves = 0;
    // Two waves of the new revision go; the way back is free.
    const mayMove = (revision: number) => revision !== 2 || (waves += 1) <= 2;
    const policy = { pace: { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 15 } };
    const w = await worldWith(2, wrap, { mayMove, policy });
    const failure = await failureOf((await w.request({ instances: 3 })).result());
    expect(failure.type).toBe('RebalanceUndone');
    expect(moved).toBe(3);
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
  });
});

describe('a shrink that fails', () => {
  const steps: readonly (readonly [keyof Activities, When])[] = [
    ['notify', 'before'],
    ['handOver', 'after'],
    ['verify', 'after'],
  ];
  it.each(steps)('at %s, %s its work, leaves the old three with everything', async (name, when) => {
    const w = await worldWith(3, failing(name, when));
    const failure = await failureOf((await w.request({ instances: 2 })).result());
    expect(failure.type).toBe('RebalanceUndone');
    expect(await w.owned()).toEqual(three);
    expect(await w.replicas()).toBe(3);
  });

  it('past the point of no return goes on until it is done', async () => {
    let calls = 0;
    const wrap: Wrap = (activities) => ({
      ...activities,
      scaleDown: async (input) => {
        calls += 1;
        if (calls < 3) throw new Error('the platform is away');
        return activities.scaleDown(input);
      },
    });
    const w = await worldWith(3, wrap);
    const result = await w.rebalance({ instances: 2 });
    expect(result.outcomes).toMatchObject([{ outcome: 'completed' }]);
    expect(calls).toBe(3);
    expect(await w.replicas()).toBe(2);
  });
});

describe('an undo that fails', () => {
  it('ends the run as CompensationFailed, goes on with the other undos, and pauses the Schedule', async () => {
    const notes: string[] = [];
    const wrap: Wrap = (activities) => ({
      ...failing('notify', 'after')(activities),
      announce: async () => {
        throw ApplicationFailure.nonRetryable('no way back', 'Injected');
      },
      pauseSchedule: async ({ note }) => void notes.push(note),
    });
    const w = await worldWith(2, wrap);
    const handle = await w.request({ instances: 3 });
    const failure = await failureOf(handle.result());
    expect(failure.type).toBe('CompensationFailed');
    expect(failure.message).toContain('no way back');
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('no way back');
    expect(await w.attributes(handle)).toMatchObject({ EvenkeelOutcome: 'compensation-failed' });
    // The third instance holds partitions, so no undo removes it.
    expect(await w.replicas()).toBe(3);
  });
});
