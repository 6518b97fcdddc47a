// Owns: one service in memory under a real Temporal server: ports, simulated instances, a worker, and
// the questions the tests of the saga ask. Each world has its own service and task queue.

import { randomUUID } from 'node:crypto';
import type { DataConverter } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import { inject } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import type { RebalanceRequest } from '../../../activities/types.js';
import { openMemoryService, type MemoryServiceOptions } from '../../../faults/memory-service.js';
import { registerSearchAttributes } from '../../../src/search-attributes.js';
import { startWorker, type DeploymentVersion, type RunningWorker } from '../../../src/worker.js';
import { requestRebalanceSignal, type RebalanceWorkflow } from '../../../workflows/messages.js';

export interface WorldOptions extends Omit<MemoryServiceOptions, 'service'> {
  /** Of a server that the test starts and stops; the one under all tests when absent. */
  readonly temporalAddress?: string;
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** Opens worlds with a first distribution, and closes them after the test. */
export function createWorlds() {
  const worlds: World[] = [];
  return {
    closeAll: async () => {
      for (const opened of worlds.splice(0)) await opened.close();
    },
    /** `wrap` puts faults into the activities once the first distribution is made. */
    bootstrapped: async (
      options: Partial<WorldOptions> = {},
      wrap?: (activities: Activities) => Activities,
    ): Promise<World> => {
      const w = await openWorld({ replicas: 2, clientsPerPartition: () => 1, ...options });
      worlds.push(w);
      const faults = wrap === undefined ? undefined : armed(wrap);
      await w.startWorker(faults?.wrap);
      await w.rebalance();
      faults?.arm();
      return w;
    },
  };
}

/** Faults that a worker carries from its start, and that begin when they are armed. */
function armed(wrap: (activities: Activities) => Activities) {
  let isArmed = false;
  const choosing = (activities: Activities): Activities => {
    const faulty = wrap(activities);
    const choose =
      (name: keyof Activities) =>
      (...args: unknown[]) => {
        const { [name]: call } = isArmed ? faulty : activities;
        return (call as (...args: unknown[]) => unknown)(...args);
      };
    const names = Object.keys(activities) as (keyof Activities)[];
    return Object.fromEntries(names.map((name) => [name, choose(name)])) as unknown as Activities;
  };
  return { wrap: choosing, arm: () => void (isArmed = true) };
}

export async function openWorld(options: WorldOptions) {
  const service = `saga-${randomUUID().slice(0, 8)}`;
  const taskQueue = service;
  const address = options.temporalAddress ?? process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
  const inMemory = await openMemoryService({ ...options, service });
  const { ports, simulated } = inMemory;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  await registerSearchAttributes(connection.operatorService, 'default');
  const workers: RunningWorker[] = [];

  const startOne = async (
    wrapActivities?: (activities: Activities) => Activities,
    deployment?: DeploymentVersion,
    dataConverter?: DataConverter,
  ) => {
    const worker = await startWorker({
      temporalAddress: address,
      ports,
      taskQueue,
      workflowBundlePath: inject('workflowBundle'),
      deployment,
      ...(dataConverter === undefined ? {} : { dataConverter }),
      ...(wrapActivities === undefined ? {} : { wrapActivities }),
    });
    workers.push(worker);
    return worker;
  };
  const request = (said: Partial<RebalanceRequest> = {}) =>
    client.workflow.signalWithStart<RebalanceWorkflow, [RebalanceRequest]>('rebalance', {
      workflowId: `rebalance/${service}`,
      taskQueue,
      args: [{ service }],
      signal: requestRebalanceSignal,
      signalArgs: [{ requestId: randomUUID(), reason: 'a test asks', source: 'operator', ...said }],
    });

  return {
    ...inMemory,
    taskQueue,
    client,
    startWorker: startOne,
    stopWorkers: async () => {
      for (const worker of workers.splice(0)) await worker.shutdown();
    },
    request,
    /** From now on so many instances are allowed. */
    allow: async (revision: number, instances: { readonly min: number; readonly max: number }) => {
      const policy = { ...inMemory.policy, instances };
      const doc = { service, revision, policy, by: 'ada', atMs: 0 };
      await inMemory.configDb.insertPolicy(doc);
    },
    /** Requests and waits for the run to close. */
    rebalance: async (said: Partial<RebalanceRequest> = {}) => (await request(said)).result(),
    attributes: async (handle: WorkflowHandleWithSignaledRunId) => {
      const { typedSearchAttributes } = await client.workflow
        .getHandle(handle.workflowId, handle.signaledRunId)
        .describe();
      return Object.fromEntries(
        typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
      );
    },
    close: async () => {
      for (const worker of workers) await worker.shutdown();
      await simulated.stopAll();
      await connection.close();
    },
  };
}
