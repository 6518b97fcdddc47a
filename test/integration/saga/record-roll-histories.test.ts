// Records the histories of rolls that test/replay replays: see record-histories.test.ts.

import { afterEach, describe, it } from 'vitest';
import type { RebalanceRequest } from '../../../activities/types.js';
import { save } from './recording.js';
import { createWorlds } from './saga-world.js';
import { startShortHistoryServer } from './short-histories.js';

const { bootstrapped, closeAll } = createWorlds();
afterEach(closeAll);

describe.skipIf(process.env['RECORD_HISTORIES'] === undefined)(
  'histories of rolls for replay',
  () => {
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

    it('records the first two runs of a roll that continued as new', async () => {
      const server = await startShortHistoryServer();
      try {
        const { temporalAddress } = server;
        const rolled = await bootstrapped({ replicas: 2, temporalAddress });
        const handle = await rolled.client.workflow.start('roll', {
          workflowId: `roll/${rolled.service}`,
          taskQueue: rolled.taskQueue,
          args: [{ service: rolled.service, image: 'two', watchMs: 100, reason: 'recorded' }],
        });
        await handle.result();
        const { workflowId, firstExecutionRunId } = handle;
        await save(rolled, 'roll-handed-on', workflowId, firstExecutionRunId);
        const first = rolled.client.workflow.getHandle(workflowId, firstExecutionRunId);
        const { events } = await first.fetchHistory();
        const last = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
        await save(rolled, 'roll-taken-over', workflowId, last?.newExecutionRunId ?? '');
        await closeAll();
      } finally {
        await server.stop();
      }
    });
  },
);
