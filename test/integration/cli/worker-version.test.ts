// Worker Versioning as doctor sees it, on the real server: a worker of a deployment polls, and takes
// nothing before a version of that deployment is current; then another version is, of which none polls.
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkTemporal, readTemporal } from '../../../src/cli/doctor/temporal.js';
import { eventually } from '../../support/eventually.js';

const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
const name = `versions-${randomUUID().slice(0, 8)}`;
/** A worker that has ended stays among those who poll for a minute and a half. */
const notHeardOfMs = 130_000;
let client: Client;
let connection: NativeConnection;
const running: { worker: Worker; ran: Promise<void> }[] = [];

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address }) });
  connection = await NativeConnection.connect({ address });
});
afterAll(async () => {
  for (const one of running) await stop(one);
  await connection.close();
  await client.connection.close();
});

async function start(buildId: string) {
  const worker = await Worker.create({
    connection,
    taskQueue: name,
    workflowsPath: fileURLToPath(new URL('./stuck-workflows.ts', import.meta.url)),
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName: name, buildId },
      defaultVersioningBehavior: 'PINNED',
    },
  });
  const one = { worker, ran: worker.run() };
  running.push(one);
  return one;
}

async function stop({ worker, ran }: (typeof running)[number]): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await ran;
}

/** What doctor's mending line does. */
const makeCurrent = (buildId: string) =>
  eventually(`${buildId} is current`, async () => {
    await client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: client.options.namespace,
      deploymentName: name,
      buildId,
      identity: 'test',
    });
    return true;
  });

async function found() {
  const seen = await readTemporal(client, name, name);
  const findings = checkTemporal(seen, { service: name, nowMs: Date.now(), everyMs: null });
  return findings.find(({ check }) => check === 'worker-version');
}

/** The server takes a moment to show what it was told. */
const eventuallyFound = (verdict: string, said: RegExp, withinMs?: number) =>
  eventually(
    `doctor says ${said.source}`,
    async () => {
      const finding = await found();
      return finding?.verdict === verdict && said.test(finding.found);
    },
    withinMs,
  );

it('names a deployment without a current version, and the command that mends it', async () => {
  await start('A');
  await eventuallyFound('fault', /no version of deployment versions-.* is current/);
  const mend = (await found())?.mend ?? '';
  expect(mend).toContain(`--deployment-name ${name}`);
  expect(mend).toContain('--build-id A');
});

it('has nothing to say once the version is current', async () => {
  await makeCurrent('A');
  await eventuallyFound('ok', /version A of deployment versions-.* is current/);
});

// An ended worker stays among the pollers for a minute and a half.
const long = process.env['EVENKEEL_WORKER_VERSIONS'] !== undefined;
it.skipIf(!long)('names a current version of which no worker polls', async () => {
  const b = await start('B');
  await makeCurrent('B');
  await eventuallyFound('ok', /version B .* is current/);
  await stop(b);
  await eventuallyFound(
    'fault',
    /version B .* is current, and no worker of it polls; these poll: A/,
    notHeardOfMs,
  );
});
