// Records the histories that test/replay replays. Run it after a change of the workflows, with
//   RECORD_HISTORIES=1 npx vitest run --project integration record-histories
// and keep the old files where their runs may still be alive: they must replay, too.

import { writeFileSync } from 'node:fs';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from './saga-world.js';

let w: World | undefined;

afterEach(async () => {
  await w?.close();
  w = undefined;
});

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

  it('records a grow that fails at notify and is undone', async () => {
    w = await openWorld({ replicas: 2, clientsPerPartition: () => 1 });
    const plain = await w.startWorker();
    await w.rebalance();
    await plain.shutdown();
    await w.startWorker((activities) => ({
      ...activities,
      notify: async () => {
        throw ApplicationFailure.nonRetryable('notify was made to fail', 'Injected');
      },
    }));
    const handle = await w.request({ instances: 3, source: 'threshold', reason: 'recorded' });
    await expect(handle.result()).rejects.toThrow();
    await save(w, 'grow-undone-at-notify', handle.workflowId, handle.signaledRunId);
  });
});
