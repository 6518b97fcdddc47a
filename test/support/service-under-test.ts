// Owns: one whole service for an integration test, on the stack of the environment: supervisor,
// instances, session directory, policy, Schedule and worker as real processes, under names of its own.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { actualOwnership } from '../../src/local/evidence.js';
import type { Ranges } from '../../src/core/ranges.js';
import type { RebalanceRequest } from '../../activities/types.js';
import { policyDefaults, type Policy } from '../../src/core/scaling/policy.js';
import { applyPolicy } from '../../src/local/apply.js';
import { startCluster, type ClusterOptions, type LocalCluster } from '../../src/local/cluster.js';
import { createSwarm, type Swarm } from '../../src/load/swarm.js';
import type { InstanceProgram, LocalService } from '../../src/local/service.js';
import type { LocalWorker } from '../../src/local/worker.js';
import { followRun, type ClosedRun } from '../../src/local/watch.js';
import { stackHome } from '../../stack/checkout.js';

/** Nothing makes the Schedule act but a missing distribution; rebalances are asked for. */
const quietPolicy = {
  ...policyDefaults,
  partitions: 360,
  instances: { min: 1, max: 5 },
  clientsPerInstance: { upper: 100_000, lower: 0, target: 50_000 },
  tolerance: 0,
  scheduleEveryMs: 2_000,
  instanceStartMs: 60_000,
} as const satisfies Omit<Policy, 'service'>;

export interface ServiceUnderTest<Cluster extends LocalCluster = LocalCluster> {
  readonly name: string;
  readonly cluster: Cluster;
  readonly service: LocalService;
  /** Undefined when the test brings its own. */
  readonly worker: LocalWorker | undefined;
  /**
   * Asks for a rebalance as an operator does; resolves when the request is with Temporal, to the id of the
   * run that took it: a new one, or the one that was under way.
   */
  ask(request: Partial<RebalanceRequest>): Promise<string>;
  /** Follows a run to its end: the one of that id, or the one that started after that time (wall clock, ms). */
  follow(which: string | number): Promise<ClosedRun>;
  /** By the ownership log. */
  ownership(): Promise<Readonly<Record<string, Ranges>>>;
  stop(): Promise<void>;
}

/**
 * Starts everything and waits until the Schedule has written the first distribution. `worker` false:
 * the test starts a worker on `cluster.taskQueue` itself and calls `bootstrapped` afterwards.
 */
export function startServiceUnderTest(
  options: ServiceUnderTestOptions<LocalCluster>,
): Promise<ServiceUnderTest> {
  return startServiceOn(startCluster, options);
}

export interface ServiceUnderTestOptions<Cluster> {
  readonly name: string;
  readonly instances: number;
  readonly policy?: Partial<Policy>;
  /** Other backing services than those of the environment, and what secures them. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** What an instance is; default: the Messaging of this checkout. */
  readonly program?: InstanceProgram;
  /** Called instead of starting a worker process. */
  readonly startWorker?: (cluster: Cluster) => Promise<void>;
}

/** The same on a cluster of another kind. */
export async function startServiceOn<Cluster extends LocalCluster>(
  start: (options: ClusterOptions) => Promise<Cluster>,
  options: ServiceUnderTestOptions<Cluster>,
): Promise<ServiceUnderTest<Cluster>> {
  const name = `${options.name}-${Math.random().toString(36).slice(2, 8)}`;
  const logDir = join(stackHome, 'test', name);
  mkdirSync(logDir, { recursive: true });
  const addresses = { ...addressesOf(process.env), ...options.addresses };
  const cluster = await start({ addresses, logDir, taskQueue: `evenkeel-${name}` });
  const stop = async () => {
    // A Schedule without a worker would start an evaluation that nobody carries out.
    await cluster.temporal.schedule
      .getHandle(`evenkeel/${name}`)
      .delete()
      .catch(() => undefined);
    await cluster.stop();
  };
  try {
    const policy: Policy = { ...quietPolicy, ...options.policy, service: name };
    const [service, worker] = await Promise.all([
      cluster.startService({
        service: name,
        partitions: policy.partitions,
        replicas: options.instances,
        ...(options.program === undefined ? {} : { program: options.program }),
      }),
      options.startWorker === undefined
        ? cluster.startWorker()
        : options.startWorker(cluster).then(() => undefined),
    ]);
    await service.instancesReady(options.instances);
    const sinceMs = Date.now();
    await applyPolicy(cluster, policy, 'test');
    const follow = (which: string | number) =>
      followRun(cluster.temporal, name, which, () => undefined);
    await follow(sinceMs);
    return {
      name,
      cluster,
      service,
      worker,
      follow,
      ask: (request) => ask(cluster, name, request),
      ownership: () => actualOwnership(cluster.bus, name, policy.partitions),
      stop: async () => {
        await stop();
        rmSync(logDir, { recursive: true, force: true }); // Logs of a failed start stay.
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** So many connected clients of it, which write to each other. */
export async function crowdOf(
  { service }: Pick<ServiceUnderTest, 'service'>,
  clients: number,
  messagesPerSecond = 50,
  onMove: (user: string) => void = () => undefined,
): Promise<Swarm> {
  const { directoryUrl, directoryKey } = service;
  const where = { directoryUrl, directoryKey, messagesPerSecond, prefix: 'user', onMove };
  const swarm = createSwarm(where);
  await swarm.resize(clients);
  return swarm;
}

async function ask(
  { temporal, taskQueue }: LocalCluster,
  service: string,
  request: Partial<RebalanceRequest>,
): Promise<string> {
  const handle = await temporal.workflow.signalWithStart('rebalance', {
    workflowId: `rebalance/${service}`,
    taskQueue,
    args: [{ service }],
    signal: 'requestRebalance',
    signalArgs: [
      { requestId: `test-${Date.now()}`, reason: 'a test', source: 'operator', ...request },
    ],
  });
  return handle.signaledRunId;
}

/** The addresses of the stack under the tests. */
export function addressesOf(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const names = ['TEMPORAL_ADDRESS', 'TEMPORAL_UI_URL', 'KAFKA_BROKERS', 'MONGODB_URI'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
