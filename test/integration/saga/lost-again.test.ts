// An instance that is lost, comes back under its name, and is lost again within the same saga.

import { ApplicationFailure } from '@temporalio/common';
import { afterEach, expect, it } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import { statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

it('an instance that is lost again while the saga is undone is fenced again', async () => {
  let open = false;
  let fails = true;
  let during: (() => Promise<unknown>) | undefined;
  const wrap = (activities: Activities): Activities => ({
    ...activities,
    verify: async (input) => {
      if (fails) throw ApplicationFailure.nonRetryable('verify was made to fail', 'Injected');
      return activities.verify(input);
    },
    cancelPrepare: async (input) => {
      await during?.();
      during = undefined;
      return activities.cancelPrepare(input);
    },
  });
  const w = await bootstrapped({ mayMove: (revision) => open || revision !== 2 }, wrap);
  const instance = `${w.service}-1`;
  const handle = await w.request({ requestId: 'grow', instances: 3 });
  const run = w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
  const status = () => run.query(statusQuery);
  await eventually('it hands over', async () => (await status()).phase === 'hand-over');

  const lose = async (requestId: string, back?: 'down') => {
    const incarnation = await w.crash(instance, back);
    const lost = [{ instance, incarnation }];
    await w.request({ requestId, source: 'instance-lost', lost });
  };
  await lose('first');
  await eventually('it is back', async () => (await status()).notes.length > 0);
  during = async () => {
    await lose('second', 'down');
    fails = false;
  };
  open = true;
  await handle.result().catch(() => undefined);

  const { outcomes } = await status();
  expect(outcomes.find(({ requestId }) => requestId === 'second')?.text).toContain(
    `went on without ${instance}`,
  );
  expect(Object.keys(await w.owned())).toEqual(['0']);
});
