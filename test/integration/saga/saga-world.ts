// Owns: one service in memory under a real Temporal server: ports, simulated instances, a worker, and
// the questions the tests of the saga ask. Each world has its own service and task queue.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import type { Activities } from '../../../activities/index.js';
import type { RebalanceRequest } from '../../../activities/types.js';
import { createMemoryPlatform } from '../../../src/adapters/memory/platform.js';
import { createMemoryBus } from '../../../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../../../src/adapters/memory/config-db.js';
import { rangesByInstance } from '../../../src/core/distribution.js';
import { formatRanges } from '../../../src/core/ranges.js';
import { policyDefaults, type Policy } from '../../../src/core/scaling/policy.js';
import { openOwnershipView } from '../../../src/logs/ownership-view.js';
import { systemClock } from '../../../src/adapters/system-clock.js';
import { topicSpecs } from '../../../src/logs/topics.js';
import type { MetricsSource } from '../../../src/ports.js';
import { registerSearchAttributes } from '../../../src/search-attributes.js';
import { startWorker, type RunningWorker } from '../../../src/worker.js';
import { requestRebalanceSignal } from '../../../workflows/messages.js';
import { rebalance } from '../../../workflows/rebalance.js';
import { simulateService, type SimulatedOptions } from '../../support/simulated-service.js';

export interface WorldOptions extends Partial<
  Pick<SimulatedOptions, 'clientsPerPartition' | 'mayMove'>
> {
  readonly replicas: number;
  readonly partitions?: number;
  readonly policy?: Partial<Policy>;
}

let bundle: Promise<string> | undefined;

/** From the sources under test, once per test file: bundling takes seconds. */
function bundleOnce(): Promise<string> {
  bundle ??= (async () => {
    const workflowsPath = fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url));
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      logger: new DefaultLogger('ERROR'),
    });
    const path = join(mkdtempSync(join(tmpdir(), 'evenkeel-bundle-')), 'workflow-bundle.js');
    writeFileSync(path, code);
    return path;
  })();
  return bundle;
}

export type World = Awaited<ReturnType<typeof openWorld>>;

export async function openWorld(options: WorldOptions) {
  const service = `saga-${randomUUID().slice(0, 8)}`;
  const taskQueue = service;
  const partitions = options.partitions ?? 360;
  const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
  const bus = createMemoryBus();
  const configDb = createMemoryConfigDb();
  await bus.ensureTopics(topicSpecs(service, partitions));
  const simulated = simulateService({ bus, configDb, service, partitions, ...options });
  const platform = createMemoryPlatform({
    onStart: (_service, instance) => void simulated.start(instance),
    onStop: (_service, instance) => simulated.stop(instance),
  });
  platform.declare(service, { replicas: options.replicas });
  const metrics: MetricsSource = {
    load: async () =>
      (await configDb.reports(service)).map(({ instance, clients }) => ({
        instance,
        clients,
        ageMs: 0,
      })),
  };
  const policy: Policy = {
    ...policyDefaults,
    service,
    partitions,
    instances: { min: 1, max: 8 },
    clientsPerInstance: { upper: 250, lower: 50, target: 150 },
    tolerance: 0,
    cooldownMs: 0,
    instanceStartMs: 5_000,
    prepareMs: 5_000,
    notifyMs: 5_000,
    handOverStallMs: 3_000,
    ...options.policy,
  };
  await configDb.insertPolicy({ service, revision: 1, policy, by: 'test', atMs: Date.now() });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  await registerSearchAttributes(connection.operatorService, 'default');
  const ports = { configDb, bus, platform, metrics, clock: systemClock };
  const workers: RunningWorker[] = [];

  const startOne = async (wrapActivities?: (activities: Activities) => Activities) => {
    const worker = await startWorker({
      temporalAddress: address,
      ports,
      taskQueue,
      workflowBundlePath: await bundleOnce(),
      ...(wrapActivities === undefined ? {} : { wrapActivities }),
    });
    workers.push(worker);
    return worker;
  };
  const request = (said: Partial<RebalanceRequest> = {}) =>
    client.workflow.signalWithStart(rebalance, {
      workflowId: `rebalance/${service}`,
      taskQueue,
      args: [{ service }],
      signal: requestRebalanceSignal,
      signalArgs: [{ requestId: randomUUID(), reason: 'a test asks', source: 'operator', ...said }],
    });

  return {
    service,
    taskQueue,
    partitions,
    bus,
    configDb,
    platform,
    client,
    simulated,
    ports,
    policy,
    startWorker: startOne,
    request,
    /** Requests and waits for the run to close. */
    rebalance: async (said: Partial<RebalanceRequest> = {}) => (await request(said)).result(),
    /** `{0: '[0-179]', …}` by the ownership log. */
    owned: async (): Promise<Record<number, string>> => {
      const view = await openOwnershipView({ bus, service, partitions });
      const ranges = view.ranges().map(([from, to, name]) => {
        const ordinal = name === null ? -1 : Number(name.slice(name.lastIndexOf('-') + 1));
        return [from, to, ordinal] as const;
      });
      await view.close();
      return Object.fromEntries(
        [...rangesByInstance({ ranges })].map(([o, own]) => [o, formatRanges(own)]),
      );
    },
    replicas: async () => (await platform.observe(service)).replicas,
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
