// Records the histories of runs that more than one request came to, or one that is odd: see
// record-histories.test.ts.

import { RawValue } from '@temporalio/common';
import { afterEach, describe, it } from 'vitest';
import { requestRebalanceSignal, statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import {
  failing,
  failingOnce,
  lose,
  record,
  runsStep,
  save,
  slowly,
  type Flow,
} from './recording.js';
import { createWorlds, openWorld, type World } from './saga-world.js';
import { startShortHistoryServer } from './short-histories.js';

const worlds = createWorlds();
afterEach(worlds.closeAll);

const reason = 'recorded';

const flows: readonly Flow[] = [
  {
    name: 'grow-failed-undo-while-others-wait',
    world: { replicas: 3 },
    wrap: (a) => ({
      ...a,
      verify: failingOnce(a.verify),
      planBack: failingOnce(a.planBack),
      record: failingOnce(a.record, 'slowly'),
    }),
    request: { instances: 4 },
    during: async (world, handle) => {
      const records = async () => (await handle.query(statusQuery)).phase === 'record';
      await eventually('it records', records);
      await world.request({ requestId: 'later', instances: 2, reason });
      const drain = [`${world.service}-1`];
      await world.request({ requestId: 'leave', source: 'leave', drain, reason });
      return undefined;
    },
  },
  {
    // Four, two, and four again: the first of them is pointless, because the last word counts.
    name: 'grow-while-a-person-changes-their-mind',
    wrap: (a) => ({ ...a, prepare: slowly(a.prepare) }),
    request: { instances: 3 },
    during: async (world, handle) => {
      await runsStep(handle, 'prepare: warm up');
      for (const [requestId, instances] of [
        ['four', 4],
        ['two', 2],
        ['four-again', 4],
      ] as const) {
        await world.request({ requestId, instances, by: 'ada', reason });
      }
      return undefined;
    },
  },
  {
    // Late words of two processes of one name that were there before the present one: each is another.
    name: 'grow-undone-while-two-of-a-name-are-told-lost',
    wrap: (a) => ({
      ...a,
      prepare: slowly(a.prepare),
      verify: failing,
      cancelPrepare: slowly(a.cancelPrepare),
    }),
    request: { instances: 3 },
    during: async (world, handle) => {
      const lost = (incarnation: string) =>
        world.request({
          ...{ requestId: incarnation, reason, source: 'instance-lost' },
          lost: [{ instance: `${world.service}-1`, incarnation }],
        });
      await runsStep(handle, 'prepare: warm up');
      await lost('the-first');
      await runsStep(handle, 'undo: cancel the warm-up');
      await lost('the-second');
      return undefined;
    },
  },
  {
    // What was lost is seen to before the run closes, and its saga records who was not begun.
    name: 'grow-cancelled-before-its-first-task',
    world: { replicas: 3 },
    before: (world) => world.stopWorkers(),
    request: { instances: 4 },
    during: async (world, handle) => {
      await world.request({ requestId: 'lost', reason, ...(await lose(world, 1)) });
      await world.client.workflow.getHandle(handle.workflowId, handle.signaledRunId).cancel();
      await world.startWorker();
      return undefined;
    },
  },
  {
    name: 'grow-while-unreadable-signals-come',
    wrap: (a) => ({ ...a, prepare: slowly(a.prepare) }),
    request: { instances: 3 },
    during: async (_world, handle) => {
      await runsStep(handle, 'prepare: warm up');
      const metadata = { encoding: Buffer.from('binary/unknown') };
      const payload = RawValue.fromPayload({ metadata, data: Buffer.from('abc') });
      await handle.signal(requestRebalanceSignal.name, payload);
      return undefined;
    },
  },
];

describe.skipIf(process.env['RECORD_HISTORIES'] === undefined)('histories of queues', () => {
  const named = flows.map((flow) => [flow.name, flow] as const);
  it.each(named)('records %s', (_name, flow) => record(worlds, flow));

  it('records started-for-another-service', async () => {
    const w = await worlds.bootstrapped();
    const handle = await w.client.workflow.signalWithStart('rebalance', {
      workflowId: `rebalance/${w.service}`,
      taskQueue: w.taskQueue,
      args: [{ service: 'other' }],
      signal: requestRebalanceSignal,
      signalArgs: [{ requestId: 'grow', reason, source: 'operator', instances: 3 }],
    });
    await handle.result();
    await save(w, 'started-for-another-service', handle.workflowId, handle.signaledRunId);
  });

  it('records started-with-what-nobody-can-read', async () => {
    const w = await worlds.bootstrapped();
    const metadata = { encoding: Buffer.from('binary/encrypted') };
    const sealed = RawValue.fromPayload({ metadata, data: Buffer.from('abc') });
    const handle = await w.client.workflow.signalWithStart('rebalance', {
      workflowId: `rebalance/${w.service}`,
      taskQueue: w.taskQueue,
      args: [sealed, sealed],
      signal: requestRebalanceSignal,
      signalArgs: [{ requestId: 'grow', reason, source: 'operator', instances: 3 }],
    });
    await handle.result();
    await save(w, 'started-with-what-nobody-can-read', handle.workflowId, handle.signaledRunId);
  });
});

describe.skipIf(process.env['RECORD_HISTORIES'] === undefined)('histories that got long', () => {
  /** On a server that calls a history long after one saga. */
  const recording = async (during: (w: World) => Promise<void>) => {
    const server = await startShortHistoryServer();
    const { temporalAddress } = server;
    const w = await openWorld({ replicas: 2, clientsPerPartition: () => 1, temporalAddress });
    try {
      const first = await w.startWorker();
      await w.rebalance();
      await first.shutdown();
      await during(w);
    } finally {
      await w.close();
      await server.stop();
    }
  };

  it('records undone-then-continued, and continued-after-an-undo', () =>
    recording(async (w) => {
      await w.startWorker((a) => ({ ...a, verify: failingOnce(slowly(a.verify)) }));
      const handle = await w.request({ instances: 3, reason });
      await w.request({ instances: 1, requestId: 'later', reason });
      await handle.result().catch(() => undefined);
      await save(w, 'undone-then-continued', handle.workflowId, handle.signaledRunId);
      const { runId } = await w.client.workflow.getHandle(handle.workflowId).describe();
      await save(w, 'continued-after-an-undo', handle.workflowId, runId);
    }));

  it('records long-while-more-wait-than-one-argument-holds', () =>
    recording(async (w) => {
      await w.startWorker((a) => ({ ...a, prepare: slowly(a.prepare) }));
      const handle = await w.request({ instances: 3, reason });
      await runsStep(handle, 'prepare: warm up');
      // Drains of nobody: each a wish of its own, long, and refused at once.
      for (let i = 0; i < 4; i += 1) {
        const drain = Array.from({ length: 6 }, (_, k) => `${w.service}-${100 + i * 10 + k}`);
        const long = 'before the match '.repeat(16);
        await w.request({ requestId: `wait-${i}`, by: 'ada', reason: long, drain });
      }
      await handle.result();
      const name = 'long-while-more-wait-than-one-argument-holds';
      await save(w, name, handle.workflowId, handle.signaledRunId);
    }));
});
