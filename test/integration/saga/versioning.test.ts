// Worker Deployment Versioning on the real server, with the commands of docs/changing-a-workflow.md: a
// saga ends on the version it began on, while another becomes current.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import { temporal } from '../../../stack/parts/temporal.js';
import { statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { openWorld, type World } from './saga-world.js';

const worlds: World[] = [];

afterEach(async () => {
  for (const opened of worlds.splice(0)) await opened.close();
});

/** The Temporal CLI, as an operator types it. */
async function cli(...args: readonly string[]): Promise<string> {
  const program = await temporal.find(() => undefined);
  const { command } = program.command({ ports: [0, 0, 0], dataDir: '', logFile: '' });
  const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
  const { stdout } = await promisify(execFile)(command, [...args, '--address', address]);
  return stdout;
}

/** A version is known once a worker of it has polled. */
const makeCurrent = (deployment: string, buildId: string) =>
  eventually(`${buildId} is current`, async () => {
    const set = 'worker deployment set-current-version --yes'.split(' ');
    await cli(...set, '--deployment-name', deployment, '--build-id', buildId);
    return true;
  });

/** Worker A is current and has made the first distribution; whatever hands over to revision 2 waits. */
async function worldOnA() {
  const gate = { open: false };
  const ran = new Set<string>();
  const told = (version: string) => (activities: Activities) =>
    Object.fromEntries(
      Object.entries(activities).map(([name, run]) => [
        name,
        (input: never) => {
          ran.add(`${version} ${name}`);
          return (run as (input: never) => Promise<unknown>)(input);
        },
      ]),
    ) as Activities;
  const mayMove = (revision: number) => gate.open || revision !== 2;
  // It stands still while versions change: that is no fault here.
  const policy = { handOverStallMs: 150_000 };
  const w = await openWorld({ replicas: 2, clientsPerPartition: () => 1, mayMove, policy });
  worlds.push(w);
  const name = w.service;
  const start = (buildId: string) => w.startWorker(told(buildId), { name, buildId });
  const a = await start('A');
  await makeCurrent(name, 'A');
  await w.rebalance();
  const handle = await w.request({ instances: 3 });
  await eventually('it hands over', async () => {
    return (await handle.query(statusQuery)).phase === 'hand-over';
  });
  ran.clear();
  return { w, a, name, start, handle, gate, ran };
}

/** Versions whose workers completed workflow tasks of a run, in their order. */
async function versionsOf(w: World, workflowId: string, runId: string): Promise<string[]> {
  const { events } = await w.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: task }) =>
    task?.deploymentVersion?.buildId == null ? [] : [task.deploymentVersion.buildId],
  );
  return [...new Set(builds)];
}

describe('a saga under versioned workers', () => {
  it('ends on the version it began on while the next becomes current; the next saga begins there', async () => {
    const { w, name, start, handle, gate, ran } = await worldOnA();
    await start('B');
    await makeCurrent(name, 'B');
    const tick = await w.client.workflow.start('autoscale', {
      workflowId: `autoscale/${w.service}`,
      taskQueue: w.taskQueue,
      args: [{ service: w.service }],
    });
    await tick.result();
    expect(await versionsOf(w, tick.workflowId, tick.firstExecutionRunId)).toEqual(['B']);
    gate.open = true;
    expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
    expect(await versionsOf(w, handle.workflowId, handle.signaledRunId)).toEqual(['A']);
    expect([...ran].filter((one) => /verify|record/.test(one))).toEqual(['A verify', 'A record']);

    const next = await w.request({ instances: 2 });
    expect((await next.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
    expect(await versionsOf(w, next.workflowId, next.signaledRunId)).toEqual(['B']);
  });

  it('whose version has no workers any more waits, and goes on elsewhere when it is told to', async () => {
    const { w, a, name, start, handle, gate } = await worldOnA();
    await start('B');
    await makeCurrent(name, 'B');
    await a.shutdown();
    gate.open = true;
    const { workflowId, signaledRunId } = handle;
    const auto = ['--versioning-override-behavior', 'auto_upgrade'];
    await cli('workflow', 'update-options', '--workflow-id', workflowId, ...auto);
    expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
    expect(await versionsOf(w, workflowId, signaledRunId)).toEqual(['A', 'B']);
    expect(await w.owned()).toEqual({ 0: '[0-119]', 1: '[180-299]', 2: '[120-179,300-359]' });
  });
});
