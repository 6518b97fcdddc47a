// Records the histories of sagas that take a rarer way, or none: see record-histories.test.ts. Which ways
// there must be a history of is listed in test/replay/flows.test.ts.

import { afterEach, describe, it } from 'vitest';
import { putInForce, writeRevision } from '../../../faults/by-hand.js';
import { settled } from '../../../faults/check.js';
import { abortUpdate, approveUpdate, statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import {
  asks,
  by,
  failing,
  failingOnce,
  record,
  runsStep,
  save,
  slowly,
  untilCancelled,
  type Flow,
} from './recording.js';
import { createWorlds, type World } from './saga-world.js';

const worlds = createWorlds();
afterEach(worlds.closeAll);

const asked = { policy: { approval: 'always' } } as const;

/** A grow that fails at its last check, and whose undo fails, too. */
const growsInVain = async (world: World) => {
  const handle = await world.request({ instances: 3 });
  await handle.result().catch(() => undefined);
};

/** The first instance owns two thirds of the partitions, the others a sixth each. */
async function makeUneven(world: World): Promise<void> {
  await putInForce(world, [
    [0, 239, 0],
    [240, 299, 1],
    [300, 359, 2],
  ]);
  const violation = await settled(world);
  if (violation !== undefined) throw new Error(`the uneven start failed: ${violation}`);
}

const waitsAndGoesOn: readonly Flow[] = [
  {
    // Away for longer than two tries of an activity look by themselves.
    name: 'grow-while-config-db-is-away',
    wrap: (a) => ({ ...a, commit: slowly(a.commit) }),
    request: { instances: 3 },
    during: async (world, handle) => {
      await runsStep(handle, 'commit');
      world.setAway('ConfigDB', true);
      const tries = async () => (await handle.query(statusQuery)).outage?.tries ?? 0;
      const first = await eventually('it waits', async () => (await tries()) || undefined);
      await eventually('it still waits', async () => (await tries()) > first);
      world.setAway('ConfigDB', false);
      return undefined;
    },
  },
  {
    name: 'grow-that-nobody-approved',
    world: { policy: { approval: 'always', approvalMs: 1_000 } },
    request: { instances: 3, source: 'threshold' },
  },
  {
    name: 'grow-approved-and-refused-meanwhile',
    world: asked,
    request: { instances: 3, source: 'threshold' },
    during: async (world, handle) => {
      await asks(handle);
      await world.allow(2, { min: 1, max: 2 });
      await handle.executeUpdate(approveUpdate, by);
      return undefined;
    },
  },
  {
    // What was approved has changed by then: the question is asked again.
    name: 'grow-approved-twice',
    world: asked,
    before: (world) => world.allow(2, { min: 3, max: 8 }),
    request: { source: 'threshold' },
    during: async (world, handle) => {
      await asks(handle);
      const planId = async () => (await handle.query(statusQuery)).plan?.planId;
      const first = await planId();
      await world.allow(3, { min: 4, max: 8 });
      await handle.executeUpdate(approveUpdate, by);
      await eventually('it plans again', async () => (await planId()) !== first);
      await asks(handle);
      await handle.executeUpdate(approveUpdate, by);
      return undefined;
    },
  },
  {
    name: 'grow-that-lost-a-race',
    wrap: (a) => ({ ...a, commit: slowly(a.commit) }),
    request: { instances: 3 },
    during: async (world, handle) => {
      await runsStep(handle, 'commit');
      await writeRevision(world);
      return undefined;
    },
  },
  {
    name: 'grow-undone-after-races-that-were-all-lost',
    wrap: (a, world) => ({
      ...a,
      commit: async (input) => {
        await writeRevision(await world());
        return a.commit(input);
      },
    }),
    request: { instances: 3 },
  },
];

const otherWays: readonly Flow[] = [
  { name: 'in-place', world: { replicas: 3 }, before: makeUneven, request: { instances: 3 } },
  {
    // The way back was written, and nobody told: what is held is another distribution than wanted.
    name: 'adopt-after-a-failed-undo',
    wrap: (a) => ({
      ...a,
      verify: failingOnce(a.verify),
      announce: failingOnce(a.announce),
      pauseSchedule: async () => undefined,
    }),
    before: growsInVain,
    request: { leftovers: 'accept' },
  },
  {
    name: 'retry-after-a-failed-undo',
    wrap: (a) => ({
      ...a,
      verify: failingOnce(a.verify),
      planBack: failingOnce(a.planBack),
      pauseSchedule: async () => undefined,
    }),
    before: growsInVain,
    request: { leftovers: 'retry' },
  },
  {
    name: 'roll-step-with-another-image',
    request: { source: 'roll', roll: { replicas: 2, image: 'two' } },
  },
  {
    // What instances are started with is what it was before.
    name: 'roll-undone-step-with-another-image',
    wrap: (a) => ({ ...a, scaleUp: failing }),
    request: { source: 'roll', roll: { replicas: 3, image: 'two' } },
  },
  {
    // The spare gets partitions, and the next one is started beside that.
    name: 'grow-into-a-spare',
    world: { policy: { warmSpares: 1 } },
    request: { instances: 3, source: 'forecast' },
  },
  { name: 'unnecessary', request: {} },
  { name: 'refused', request: { instances: 9 } },
];

const givenUp: readonly Flow[] = [
  {
    name: 'grow-aborted-at-prepare',
    wrap: (a) => ({ ...a, prepare: untilCancelled }),
    request: { instances: 3 },
    during: async (_world, handle) => {
      await runsStep(handle, 'prepare: warm up');
      await handle.executeUpdate(abortUpdate, by);
      return undefined;
    },
  },
  {
    name: 'grow-cancelled-at-verify',
    wrap: (a) => ({ ...a, verify: untilCancelled }),
    request: { instances: 3 },
    during: async (world, handle) => {
      await runsStep(handle, 'verify from the log');
      await world.client.workflow.getHandle(handle.workflowId, handle.signaledRunId).cancel();
      return undefined;
    },
  },
  {
    // Of what waits a later evaluation counts, and a person before any; the same id is one request.
    name: 'grow-while-evaluations-are-overtaken',
    wrap: (a) => ({ ...a, prepare: slowly(a.prepare) }),
    request: { instances: 3 },
    during: async (world, handle) => {
      await runsStep(handle, 'prepare: warm up');
      for (const [requestId, source, instances] of [
        ['first', 'threshold', 4],
        ['second', 'forecast', 5],
        ['of-a-person', 'operator', 2],
        ['of-a-person', 'operator', 6],
        ['third', 'balance', 4],
        ['the-same', 'operator', 2],
      ] as const) {
        await world.request({ requestId, source, instances, reason: 'recorded' });
      }
      return undefined;
    },
  },
];

describe.skipIf(process.env['RECORD_HISTORIES'] === undefined)('histories of rarer ways', () => {
  const flows = [...waitsAndGoesOn, ...otherWays, ...givenUp];
  const named = flows.map((flow) => [flow.name, flow] as const);
  it.each(named)('records %s', (_name, flow) => record(worlds, flow));

  it('records autoscale-that-acts', async () => {
    const clientsPerInstance = { upper: 100, lower: 10, target: 60 };
    const w = await worlds.bootstrapped({ policy: { clientsPerInstance } });
    const tick = await w.client.workflow.start('autoscale', {
      workflowId: `autoscale/${w.service}`,
      taskQueue: w.taskQueue,
      args: [{ service: w.service }],
    });
    await tick.result();
    await save(w, 'autoscale-that-acts', tick.workflowId, tick.firstExecutionRunId);
    await w.client.workflow.getHandle(`rebalance/${w.service}`).result();
  });
});
