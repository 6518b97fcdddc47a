// Records the histories that test/replay replays. Run it after a change of the workflows, with
//   RECORD_HISTORIES=1 npx vitest run --project integration histories.test
// and keep the old files where their runs may still be alive: they must replay, too. Here is one saga per
// run; runs of several requests are in record-queue-histories.test.ts, what goes another way than most in
// record-rarer-histories.test.ts.

import { afterEach, describe, expect, it } from 'vitest';
import {
  abortUpdate,
  approveUpdate,
  rejectUpdate,
  statusQuery,
} from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import {
  asks,
  by,
  failing,
  lose,
  record,
  runsStep,
  save,
  slowly,
  untilCancelled,
  type Flow,
} from './recording.js';
import { resetAfter } from './resetting.js';
import { createWorlds, openWorld, type World } from './saga-world.js';

const worlds = createWorlds();
let w: World | undefined;

afterEach(async () => {
  await w?.close();
  w = undefined;
  await worlds.closeAll();
});

let deafRuns = false;
/** Ends well, long after it was told to stop. */
const deafly = <In, Out>(real: (input: In) => Promise<Out>) => {
  return async (input: In): Promise<Out> => {
    const result = await real(input);
    deafRuns = true;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    return result;
  };
};

const flows: readonly Flow[] = [
  {
    name: 'grow-undone-at-notify',
    wrap: (a) => ({ ...a, notify: failing }),
    request: { instances: 3 },
  },
  {
    name: 'grow-failed-undo',
    wrap: (a) => ({ ...a, verify: failing, planBack: failing }),
    request: { instances: 3 },
  },
  {
    name: 'grow-aborted-at-verify',
    wrap: (a) => ({ ...a, verify: untilCancelled }),
    request: { instances: 3 },
    during: async (_world, handle) => {
      const verifies = async () => (await handle.query(statusQuery)).phase === 'verify';
      await eventually('verify', verifies);
      await handle.executeUpdate(abortUpdate, by);
      return undefined;
    },
  },
  { name: 'drain', world: { replicas: 3 }, request: { drain: ['-1'] } },
  { name: 'replace', request: { drain: ['-0'], instances: 2 } },
  {
    name: 'rollback',
    before: (world) => world.rebalance({ instances: 3 }),
    request: { rollback: 1 },
  },
  { name: 'leave', world: { replicas: 3 }, request: { source: 'leave', drain: ['-1'] } },
  { name: 'instance-lost', world: { replicas: 3 }, request: { source: 'instance-lost' } },
  {
    name: 'grow-while-an-owner-is-down',
    world: { replicas: 3 },
    before: (world) => world.crash(`${world.service}-1`, 'down'),
    request: { instances: 4 },
  },
  {
    name: 'shrink-interrupted-by-a-loss-then-rejected',
    world: { replicas: 3, policy: { approval: 'always' } },
    request: { instances: 2, source: 'threshold' },
    during: async (world, handle) => {
      await asks(handle);
      await world.request({ requestId: 'lost', ...(await lose(world, 0)) });
      await eventually('they took over', async () => !('0' in (await world.owned())));
      await asks(handle);
      await handle.executeUpdate(rejectUpdate, by);
      return undefined;
    },
  },
  {
    name: 'grow-undone-at-scale-up',
    wrap: (a) => ({ ...a, scaleUp: failing }),
    request: { instances: 3 },
  },
  {
    name: 'grow-undone-at-verify',
    wrap: (a) => ({ ...a, verify: failing }),
    request: { instances: 3 },
  },
  {
    name: 'grow-reset-into-its-undo',
    wrap: (a) => ({ ...a, verify: failing, cancelPrepare: slowly(a.cancelPrepare) }),
    request: { instances: 3 },
    during: async (world, handle) => {
      await runsStep(handle, 'undo: cancel the warm-up');
      const again = await resetAfter(world, handle, 'planBack');
      await again.result().catch(() => undefined);
      const { runId } = await again.describe();
      return runId;
    },
  },
  {
    name: 'grow-approved',
    world: { policy: { approval: 'always' } },
    request: { instances: 3, source: 'threshold' },
    during: async (_world, handle) => {
      await asks(handle);
      await handle.executeUpdate(approveUpdate, by);
      return undefined;
    },
  },
  {
    name: 'grow-aborted-while-others-take-over',
    world: { replicas: 3, policy: { approval: 'always' } },
    wrap: (a) => ({ ...a, fence: slowly(a.fence) }),
    request: { instances: 4, source: 'threshold' },
    during: async (world, handle) => {
      await asks(handle);
      await world.request({ requestId: 'lost', ...(await lose(world, 0)) });
      await runsStep(handle, 'fence who is gone');
      await handle.executeUpdate(abortUpdate, by);
      return undefined;
    },
  },
  {
    // Its step ends well although it was told to stop: what has begun is undone all the same.
    name: 'grow-aborted-while-a-deaf-step-runs',
    wrap: (a) => ({ ...a, prepare: deafly(a.prepare) }),
    request: { instances: 3 },
    during: async (_world, handle) => {
      await eventually('it runs', () => deafRuns);
      await handle.executeUpdate(abortUpdate, by);
      return undefined;
    },
  },
  {
    // The policy wants four; on the way it allows three, and an instance is lost: planned again.
    name: 'grow-planned-smaller-on-its-way',
    wrap: (a) => ({ ...a, prepare: slowly(a.prepare) }),
    before: (world) => world.allow(2, { min: 4, max: 8 }),
    request: {},
    during: async (world, handle) => {
      await runsStep(handle, 'prepare: warm up');
      await world.allow(3, { min: 1, max: 3 });
      await world.request({ requestId: 'lost', ...(await lose(world, 0)) });
      return undefined;
    },
  },
  {
    name: 'shrink-aborted-past-the-point-of-no-return',
    world: { replicas: 3 },
    wrap: (a) => ({ ...a, scaleDown: slowly(a.scaleDown) }),
    request: { instances: 2 },
    during: async (_world, handle) => {
      await runsStep(handle, 'scale down');
      await handle.executeUpdate(abortUpdate, by);
      return undefined;
    },
  },
];

describe.skipIf(process.env['RECORD_HISTORIES'] === undefined)('histories for replay', () => {
  it('records a first distribution, a grow, a shrink and an evaluation', async () => {
    w = await openWorld({ replicas: 2, clientsPerPartition: () => 1 });
    await w.startWorker();
    for (const [name, instances] of [
      ['bootstrap', 2],
      ['grow', 3],
      ['shrink', 2],
    ] as const) {
      const handle = await w.request({ instances, source: 'threshold', reason: 'recorded' });
      expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
      await save(w, name, handle.workflowId, handle.signaledRunId);
    }
    const tick = await w.client.workflow.start('autoscale', {
      workflowId: `autoscale/${w.service}`,
      taskQueue: w.taskQueue,
      args: [{ service: w.service }],
    });
    await tick.result();
    await save(w, 'autoscale', tick.workflowId, tick.firstExecutionRunId);
  });

  const named = flows.map((flow) => [flow.name, flow] as const);
  it.each(named)('records %s', (_name, flow) => record(worlds, flow));
});
