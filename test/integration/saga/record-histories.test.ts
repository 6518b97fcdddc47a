// Records the histories that test/replay replays. Run it after a change of the workflows, with
//   RECORD_HISTORIES=1 npx vitest run --project integration record-histories
// and keep the old files where their runs may still be alive: they must replay, too.

import { writeFileSync } from 'node:fs';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterEach, describe, expect, it } from 'vitest';
import { heartbeat, sleep } from '@temporalio/activity';
import type { Activities } from '../../../activities/index.js';
import type { RebalanceRequest } from '../../../activities/types.js';
import {
  abortUpdate,
  approveUpdate,
  rejectUpdate,
  statusQuery,
} from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { resetAfter } from './resetting.js';
import { createWorlds, openWorld, type World, type WorldOptions } from './saga-world.js';
import { startShortHistoryServer } from './short-histories.js';

const { bootstrapped, closeAll } = createWorlds();
let w: World | undefined;

afterEach(async () => {
  await w?.close();
  w = undefined;
  await closeAll();
});

type Handle = Awaited<ReturnType<World['request']>>;

/** One flow: from a first distribution through requests; the run of the last one is recorded. */
interface Flow {
  readonly name: string;
  readonly world?: Partial<WorldOptions>;
  readonly wrap?: (activities: Activities) => Activities;
  readonly before?: (world: World) => Promise<unknown>;
  readonly request: Partial<RebalanceRequest>;
  /** Resolves with another run that is to be recorded, where there is one. */
  readonly during?: (world: World, handle: Handle) => Promise<string | undefined>;
}

const by = { args: [{ by: 'ada', reason: 'recorded' }] as [{ by: string; reason: string }] };
const asks = (handle: Handle) =>
  eventually('it asks', async () => (await handle.query(statusQuery)).awaitsApproval);
const failing = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('made to fail', 'Injected');
};
/** The first call fails for good, or takes so long that requests can come meanwhile. */
function failingOnce<In, Out>(real: (input: In) => Promise<Out>, how: 'before' | 'slowly') {
  let calls = 0;
  return async (input: In): Promise<Out> => {
    calls += 1;
    if (calls === 1 && how === 'before') return failing();
    if (calls === 1) await sleep(1_500);
    return real(input);
  };
}
/** The first call takes so long that somebody can speak meanwhile; it ends when it is cancelled. */
const slowly = <In, Out>(real: (input: In) => Promise<Out>) => {
  let calls = 0;
  return async (input: In): Promise<Out> => {
    calls += 1;
    if (calls > 1) return real(input);
    for (let beats = 0; beats < 30; beats += 1) {
      heartbeat();
      await sleep(100);
    }
    return real(input);
  };
};
const runsStep = (handle: Handle, title: string) =>
  eventually(title, async () =>
    (await handle.query(statusQuery)).steps.some(
      (step) => step.state === 'running' && step.title === title,
    ),
  );
const untilCancelled = async () => {
  for (;;) {
    heartbeat();
    await sleep(50);
  }
};

/** Loses an instance by its ordinal; it does not come back. */
async function lose(world: World, ordinal: number): Promise<Partial<RebalanceRequest>> {
  const instance = `${world.service}-${ordinal}`;
  const incarnation = await world.crash(instance, 'down');
  return { source: 'instance-lost', lost: [{ instance, incarnation }] };
}

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
    name: 'grow-failed-undo-while-others-wait',
    world: { replicas: 3 },
    wrap: (a) => ({
      ...a,
      verify: failingOnce(a.verify, 'before'),
      planBack: failingOnce(a.planBack, 'before'),
      record: failingOnce(a.record, 'slowly'),
    }),
    request: { instances: 4 },
    during: async (world, handle) => {
      const records = async () => (await handle.query(statusQuery)).phase === 'record';
      await eventually('it records', records);
      await world.request({ requestId: 'later', instances: 2, reason: 'recorded' });
      const drain = [`${world.service}-1`];
      await world.request({ requestId: 'leave', source: 'leave', drain, reason: 'recorded' });
      return undefined;
    },
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

async function save(world: World, name: string, workflowId: string, runId: string): Promise<void> {
  const history = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const path = new URL(`../../replay/histories/${name}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(JSON.parse(historyToJSON(history)), scrub, 2)}\n`);
}

/** What only says on which machine it was recorded. */
function scrub(key: string, value: unknown): unknown {
  if (key === 'identity') return 'recorder';
  if (key === 'name' && typeof value === 'string' && value.includes('@')) return 'sticky';
  return key === 'stackTrace' || key === 'stickyAttributes' ? undefined : value;
}

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

  it.each(flows)('records $name', async ({ name, world, wrap, before, request, during }) => {
    const flow = await bootstrapped(world ?? {}, wrap);
    await before?.(flow);
    const lost = request.source === 'instance-lost' ? await lose(flow, 1) : {};
    const drain = request.drain?.map((end) => `${flow.service}${end}`);
    const named = drain === undefined ? {} : { drain };
    const handle = await flow.request({ reason: 'recorded', ...request, ...lost, ...named });
    const another = await during?.(flow, handle);
    await handle.result().catch(() => undefined);
    await save(flow, name, handle.workflowId, another ?? handle.signaledRunId);
  });

  it.each([
    ['roll', 60_000, () => true],
    ['roll-undone', 1_000, ({ template }: { template: string }) => template === 'template-1'],
  ] as const)('records %s, and one of its steps', async (name, instanceStartMs, autoReady) => {
    const policy = { instanceStartMs };
    const rolled = await bootstrapped({ replicas: 2, policy, autoReady });
    const handle = await rolled.client.workflow.start('roll', {
      workflowId: `roll/${rolled.service}`,
      taskQueue: rolled.taskQueue,
      args: [{ service: rolled.service, image: 'two', watchMs: 100, reason: 'recorded' }],
    });
    await handle.result().catch(() => undefined);
    await save(rolled, name, handle.workflowId, handle.firstExecutionRunId);
    const steps = (await rolled.configDb.rebalances(rolled.service, 20)).filter(({ body }) => {
      const { request } = body as { request?: RebalanceRequest };
      return name === 'roll' ? request?.roll?.to !== undefined : request?.roll?.replicas === 3;
    });
    const runId = steps.at(-1)?.runId ?? '';
    await save(rolled, `${name}-step`, `rebalance/${rolled.service}`, runId);
  });

  it('records a run that continues as new after an undo, and the one that goes on', async () => {
    const server = await startShortHistoryServer();
    const { temporalAddress } = server;
    try {
      w = await openWorld({ replicas: 2, clientsPerPartition: () => 1, temporalAddress });
      const first = await w.startWorker();
      await w.rebalance();
      await first.shutdown();
      await w.startWorker((a) => ({ ...a, verify: failingOnce(slowly(a.verify), 'before') }));
      const handle = await w.request({ instances: 3, reason: 'recorded' });
      await w.request({ instances: 1, requestId: 'later', reason: 'recorded' });
      await handle.result().catch(() => undefined);
      await save(w, 'undone-then-continued', handle.workflowId, handle.signaledRunId);
      const { runId } = await w.client.workflow.getHandle(handle.workflowId).describe();
      await save(w, 'continued-after-an-undo', handle.workflowId, runId);
    } finally {
      await w?.close();
      w = undefined;
      await server.stop();
    }
  });
});
