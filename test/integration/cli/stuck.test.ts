// A run that no worker can carry on, on the real Temporal server: a worker polls whose workflow throws.
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { Worker, NativeConnection } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { checkTemporal, readTemporal } from '../../../src/cli/doctor/temporal.js';
import { latestRun, requestRebalance } from '../../../src/cli/temporal.js';
import { eventually } from '../../support/eventually.js';

const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';

it('is stuck by the word of status and doctor, although a worker polls', async () => {
  const service = `stuck-${randomUUID().slice(0, 8)}`;
  const client = new Client({ connection: await Connection.connect({ address }) });
  const workflowsPath = fileURLToPath(new URL('./stuck-workflows.ts', import.meta.url));
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, taskQueue: service, workflowsPath });
  const ran = worker.run();
  const request = { requestId: 'r', reason: 'a test', source: 'operator' } as const;
  const handle = await requestRebalance(client, service, request, service);
  try {
    await eventually('the task failed twice', async () => {
      const run = await latestRun(client, service);
      return run?.stuck != null;
    });
    const seen = await readTemporal(client, service, service);
    const findings = checkTemporal(seen, { service, nowMs: Date.now(), everyMs: null });
    const found = findings.find(({ check }) => check === 'rebalance');
    expect(found).toMatchObject({ verdict: 'fault' });
    expect(found?.found).toMatch(/stuck since .*no worker can carry it on: .*a planted bug/);
    expect(found?.mend).toContain(`temporal workflow terminate --workflow-id rebalance/${service}`);
    expect(findings.find(({ check }) => check === 'worker')).toMatchObject({ verdict: 'ok' });
  } finally {
    await handle.terminate('the test is over');
    worker.shutdown();
    await ran;
    await connection.close();
    await client.connection.close();
  }
});
