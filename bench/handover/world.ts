// Owns: the service that hand-overs are measured on: a stack of its own (or that of the environment),
// supervisor, worker, directory and instances as real processes, and a policy that never acts by
// itself. Never measures.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodeOf, latestRun, requestRebalance } from '../../src/cli/temporal.js';
import { policyDefaults, type Policy } from '../../src/core/scaling/policy.js';
import { applyPolicy } from '../../src/local/apply.js';
import { actualOwnership } from '../../src/local/evidence.js';
import { startCluster, type LocalCluster } from '../../src/local/cluster.js';
import type { LocalService } from '../../src/local/service.js';
import type { LocalWorker } from '../../src/local/worker.js';
import { followRun } from '../../src/local/watch.js';
import { scheduleIdOf, triggerSchedule } from '../../src/schedule.js';
import { stackHome } from '../../stack/checkout.js';
import { startStack, type RunningStack } from '../../stack/start.js';

export const partitions = 360;
const instancesMax = 8;
const pollMs = 200;

/** Thresholds that are never met; the Schedule only writes the first distribution, when it is told. */
export const quietPolicy = {
  ...policyDefaults,
  partitions,
  instances: { min: 1, max: instancesMax },
  clientsPerInstance: { upper: 1_000_000, lower: 0, target: 500_000 },
  tolerance: 0,
  scheduleEveryMs: 3_600_000,
  instanceStartMs: 60_000,
} as const satisfies Omit<Policy, 'service'>;

export interface World {
  readonly name: string;
  readonly cluster: LocalCluster;
  readonly service: LocalService;
  /** The one that was started first. */
  readonly worker: LocalWorker;
  /** Its parts can be paused and killed, unless the environment brought them. */
  readonly stack: RunningStack;
  /** Forces a rebalance and follows it to its end; returns its revision. Throws unless it is done. */
  rebalance(instances: number): Promise<number>;
  /** Waits until all run and no saga does, and gives those their share who lost theirs to a saga. */
  wholeAgain(instances: number): Promise<void>;
  /** Addresses of all instances seen so far, those that have gone included. */
  urls(): Promise<readonly string[]>;
  /** Latest incarnation of an instance, by its own report. */
  incarnationOf(instance: string): Promise<string>;
  stop(): Promise<void>;
}

export interface WorldWish {
  readonly name?: string;
  /** Logs of our programs. */
  readonly logDir?: string;
  /** Data and logs of the backing services, which stay; removed at the end when absent. */
  readonly stackDir?: string;
  /** What is different from a policy that never acts. */
  readonly policy?: Partial<Policy>;
}

/** Starts everything with so many instances, each with its share of the partitions. */
export async function startWorld(
  instances: number,
  say: (line: string) => void,
  wish: WorldWish = {},
): Promise<World> {
  const name = wish.name ?? `bench-${randomUUID().slice(0, 8)}`;
  const running: { stack?: RunningStack; cluster?: LocalCluster } = {};
  const seenUrls = new Set<string>();
  const stop = async (): Promise<void> => {
    // A Schedule without a worker would start an evaluation that nobody carries out.
    const schedule = running.cluster?.temporal.schedule.getHandle(scheduleIdOf(name));
    await schedule?.delete().catch(() => undefined);
    await running.cluster?.stop();
    await running.stack?.stop();
  };
  try {
    const { stackDir: dataDir, logDir = join(stackHome, 'bench', name) } = wish;
    const where = dataDir === undefined ? {} : { dataDir };
    const stack = await startStack({ onProgress: say, lasting: true, ...where });
    running.stack = stack;
    const cluster = await startCluster({
      addresses: stack.env,
      logDir,
      taskQueue: `evenkeel-${name}`,
    });
    running.cluster = cluster;
    const [service, worker] = await Promise.all([
      cluster.startService({ service: name, partitions, replicas: instances }),
      cluster.startWorker(),
    ]);
    await service.instancesReady(instances);
    const sinceMs = Date.now();
    await applyPolicy(cluster, { ...quietPolicy, ...wish.policy, service: name }, 'bench');
    await triggerSchedule(cluster.temporal, name);
    const follow = (which: string | number) =>
      followRun(cluster.temporal, name, which, () => undefined);
    await follow(sinceMs);
    say(`${instances} instances of ${name} serve ${partitions} partitions`);

    const urls = async (): Promise<readonly string[]> => {
      const { instances: present } = await cluster.platform.observe(name);
      for (const { url } of present) seenUrls.add(url);
      return [...seenUrls];
    };
    const rebalance = async (wanted: number): Promise<number> => {
      const request = { requestId: randomUUID(), reason: 'a benchmark' };
      const asked = { ...request, source: 'operator', by: 'bench', instances: wanted } as const;
      const run = await requestRebalance(cluster.temporal, name, asked, cluster.taskQueue);
      const { status, outcome } = await follow(run.signaledRunId);
      if (outcome === undefined || exitCodeOf(outcome.outcome) !== 0) {
        throw new Error(`the rebalance ended ${status}: ${outcome?.text ?? 'without a word'}`);
      }
      await urls();
      return (await cluster.configDb.latestDistribution(name))?.revision ?? 0;
    };
    return {
      name,
      cluster,
      service,
      worker,
      stack,
      urls,
      rebalance,
      wholeAgain: async (wanted) => {
        await service.instancesReady(wanted);
        while ((await latestRun(cluster.temporal, name))?.state === 'RUNNING') await sleep(pollMs);
        const owners = Object.keys(await actualOwnership(cluster.bus, name, partitions));
        // A lost instance comes back empty, and stays so until the next decision: here there is none.
        const { replicas } = await cluster.platform.observe(name);
        if (owners.length !== wanted || replicas !== wanted) await rebalance(wanted);
      },
      incarnationOf: async (instance) => {
        const reports = await cluster.configDb.reports(name);
        const own = reports.filter((report) => report.instance === instance);
        const latest = own.sort((a, b) => b.atMs - a.atMs)[0];
        if (latest === undefined) throw new Error(`${instance} has not reported`);
        return latest.incarnation;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
