// Requests that wait when a run has to end: none is forgotten. Those about instances that are gone are
// carried out before it closes; the others are told why they were not, in the run and in ConfigDB.

import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import type { Outcome } from '../../../activities/types.js';
import { rebalanceSeen } from '../../../src/cli/rebalance-record.js';
import { statusQuery, type RebalanceResult } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

type Handle = Awaited<ReturnType<World['request']>>;

/** Verify fails once, and so does the way back: the saga cannot be undone. */
const undoFails = (activities: Activities): Activities => {
  let fails = 2;
  const once = <Name extends 'verify' | 'planBack'>(name: Name) =>
    (async (input: never) => {
      fails -= 1;
      if (fails >= 0) throw ApplicationFailure.nonRetryable(`${name} was made to fail`, 'Injected');
      return activities[name](input);
    }) as Activities[Name];
  return { ...activities, verify: once('verify'), planBack: once('planBack') };
};

/** Calls `during` while the first record with this outcome is written, when nothing interrupts any more. */
function whileRecorded(wanted: Outcome, during: (world: World) => Promise<unknown>) {
  let world: World | undefined;
  const wrap = (activities: Activities): Activities => ({
    ...activities,
    record: async (input) => {
      const w = input.outcome === wanted ? world : undefined;
      if (w !== undefined) {
        world = undefined;
        await during(w);
      }
      return activities.record(input);
    },
  });
  return { wrap, in: (w: World) => (world = w) };
}

async function failureOf(handle: Handle): Promise<Error> {
  const error: unknown = await handle.result().catch((failed: unknown) => failed);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause as Error;
}

const outcomesOf = (outcomes: RebalanceResult['outcomes']) =>
  Object.fromEntries(outcomes.map(({ requestId, outcome }) => [requestId, outcome]));

async function unbegunIn(w: World) {
  const seen = (await w.configDb.rebalances(w.service, 20)).map(rebalanceSeen);
  return seen.flatMap(({ outcome, unbegun }) =>
    unbegun.map((one) => ({ by: outcome, requestId: one.requestId, outcome: one.outcome })),
  );
}

describe('requests that wait when an undo has failed', () => {
  it('are told so, and recorded; the leave of an instance is carried out before the run closes', async () => {
    const during = async (w: World) => {
      await w.request({ requestId: 'later', instances: 2, by: 'ada', reason: 'for the night' });
      await w.request({ requestId: 'tick', instances: 3, source: 'forecast' });
      await w.request({ requestId: 'leave', source: 'leave', drain: [`${w.service}-1`] });
    };
    const hook = whileRecorded('compensation-failed', during);
    const w = await bootstrapped({ replicas: 3 }, (activities) => hook.wrap(undoFails(activities)));
    hook.in(w);
    const handle = await w.request({ requestId: 'grow', instances: 4 });
    const failure = await failureOf(handle);
    expect(failure).toMatchObject({ type: 'CompensationFailed' });
    const [told] = (failure as ApplicationFailure).details as [RebalanceResult];
    expect(outcomesOf(told.outcomes)).toEqual({
      tick: 'unnecessary',
      grow: 'compensation-failed',
      leave: 'completed',
      later: 'refused',
    });
    expect(told.outcomes.find(({ requestId }) => requestId === 'later')?.text).toContain(
      'ask again when a person has looked',
    );
    expect(await unbegunIn(w)).toEqual([
      { by: 'compensation-failed', requestId: 'later', outcome: 'refused' },
    ]);
    expect(Object.keys(await w.owned())).not.toContain('1');
    // It was not answered: the same request, asked again, is carried out.
    const again = await w.rebalance({ requestId: 'later', instances: 2 });
    expect(again.outcomes).toMatchObject([{ requestId: 'later', outcome: 'completed' }]);
  });
});

describe('requests that wait when a run is cancelled', () => {
  it('are told so, and recorded; a lost instance is seen to before the run closes', async () => {
    const during = async (w: World) => {
      const instance = `${w.service}-1`;
      const incarnation = await w.crash(instance, 'down');
      const lost = [{ instance, incarnation }];
      await w.request({ requestId: 'lost', source: 'instance-lost', lost });
    };
    const mayMove = (revision: number) => revision !== 2;
    const hook = whileRecorded('undone', during);
    const w = await bootstrapped({ replicas: 3, mayMove }, hook.wrap);
    hook.in(w);
    const handle = await w.request({ requestId: 'grow', instances: 4 });
    await eventually('it hands over', async () => {
      return (await handle.query(statusQuery)).phase === 'hand-over';
    });
    await w.request({ requestId: 'later', instances: 2, by: 'ada' });
    await w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId).cancel();
    expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
    const { outcomes } = await w.client.workflow
      .getHandle(handle.workflowId, handle.signaledRunId)
      .query(statusQuery);
    expect(outcomesOf(outcomes)).toEqual({ grow: 'undone', lost: 'recovered', later: 'aborted' });
    expect(await unbegunIn(w)).toEqual([{ by: 'undone', requestId: 'later', outcome: 'aborted' }]);
    expect(Object.keys(await w.owned())).toEqual(['0', '2']);
  });
});

describe('a lost instance whose run is cancelled while others take over', () => {
  it('is seen to before that: until then nobody serves what it held', async () => {
    let letGo = (): void => undefined;
    const cancelled = new Promise<void>((resolve) => (letGo = resolve));
    const w = await bootstrapped({ replicas: 3 }, (activities) => ({
      ...activities,
      commit: async (input) => {
        await cancelled;
        return activities.commit(input);
      },
    }));
    const name = `${w.service}-1`;
    const lost = [{ instance: name, incarnation: await w.crash(name, 'down') }];
    const handle = await w.request({ source: 'instance-lost', lost });
    const during = w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
    await eventually(
      'it commits',
      async () => (await handle.query(statusQuery)).phase === 'commit',
    );
    await during.cancel();
    await eventually('the run has heard of it', async () =>
      ((await during.fetchHistory()).events ?? []).some(
        (event) => event.workflowExecutionCancelRequestedEventAttributes,
      ),
    );
    letGo();
    await handle.result().catch(() => undefined);
    const [record] = await w.configDb.rebalances(w.service, 1);
    expect(record?.body).toMatchObject({ outcome: 'recovered', revision: 2 });
    expect(Object.keys(await w.owned())).toEqual(['0', '2']);
  });
});

describe('requests of a run that is cancelled before its first task', () => {
  const cancelledBeforeItBegan = async (w: World, loses: boolean) => {
    await w.stopWorkers();
    const handle = await w.request({ requestId: 'grow', instances: 3, by: 'ada' });
    if (loses) {
      const instance = `${w.service}-1`;
      const incarnation = await w.crash(instance, 'down');
      const lost = [{ instance, incarnation }];
      await w.request({ requestId: 'lost', source: 'instance-lost', lost });
    }
    const run = w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
    await run.cancel();
    await w.startWorker();
    expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
    return outcomesOf((await run.query(statusQuery)).outcomes);
  };

  it('are told so', async () => {
    const w = await bootstrapped();
    expect(await cancelledBeforeItBegan(w, false)).toEqual({ grow: 'aborted' });
    expect(await w.replicas()).toBe(2);
  });

  it('are told so, and recorded with the lost instance that is seen to', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const told = await cancelledBeforeItBegan(w, true);
    expect(told).toEqual({ lost: 'recovered', grow: 'aborted' });
    expect(Object.keys(await w.owned())).toEqual(['0', '2']);
    expect(await unbegunIn(w)).toEqual([
      { by: 'recovered', requestId: 'grow', outcome: 'aborted' },
    ]);
  });
});
