// Owns: the run whose metrics the dashboard shows: a fresh service of one instance that gets its policy's
// two by itself, forty people who chat, and a grow to three. Watched by a Prometheus from the start.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { policyDefaults, type Policy } from '../../src/core/scaling/policy.js';
import { createSwarm } from '../../src/load/swarm.js';
import { applyPolicy } from '../../src/local/apply.js';
import { startCluster, type Addresses, type LocalCluster } from '../../src/local/cluster.js';
import { probePortOf, startPrometheus } from '../../src/local/prometheus.js';
import { followRun, type ClosedRun } from '../../src/local/watch.js';
import { stackHome } from '../../stack/checkout.js';
import { answersOf, type AnsweredPanel } from './panels.js';

const clients = 40;
const messagesPerSecond = 20;
/** Before, between and after the changes, so that lines have a length. */
const quietMs = 12_000;
const stepMs = 1_000;
const partitions = 360;

export interface WatchedRun {
  /** The first distribution, and the grow. */
  readonly runs: readonly ClosedRun[];
  readonly panels: readonly AnsweredPanel[];
}

/** Runs it on backing services that run already, takes a minute, and leaves nothing behind. */
export async function watchedRun(
  addresses: Addresses,
  say: (line: string) => void,
): Promise<WatchedRun> {
  const service = `dashboard-${Math.random().toString(36).slice(2, 8)}`;
  const logDir = join(stackHome, 'dashboard', service);
  mkdirSync(logDir, { recursive: true });
  const prometheus = await startPrometheus(join(logDir, 'prometheus'), say);
  const cluster = await startCluster({ addresses, logDir, taskQueue: `evenkeel-${service}` });
  const fromMs = wholeSecond(Date.now());
  let swarm: ReturnType<typeof createSwarm> | undefined;
  try {
    const [local, worker] = await Promise.all([
      cluster.startService({ service, partitions, replicas: 1 }),
      cluster.startWorker(),
    ]);
    const scrape = (instances: number) => {
      const ports = Array.from({ length: instances }, (_, i) => probePortOf(logDir, service, i));
      prometheus.scrape([
        ...ports.flatMap((port) => port ?? []),
        local.directoryProbePort,
        worker.probePort,
      ]);
    };
    await local.instancesReady(1);
    let sinceMs = Date.now();
    await applyPolicy(cluster, policyOf(service), 'dashboard');
    const first = await followRun(cluster.temporal, service, sinceMs, () => undefined);
    scrape(2);
    const { directoryUrl, directoryKey } = local;
    swarm = createSwarm({ directoryUrl, directoryKey, messagesPerSecond, prefix: 'user' });
    await swarm.resize(clients);
    await sleep(quietMs);
    sinceMs = Date.now();
    await grow(cluster, service);
    // The third is scraped while its partitions come.
    await local.instancesReady(3);
    scrape(3);
    const second = await followRun(cluster.temporal, service, sinceMs, () => undefined);
    await sleep(quietMs);
    const toMs = wholeSecond(Date.now());
    const panels = await answersOf(prometheus.source, service, { fromMs, toMs, stepMs });
    return { runs: [first, second], panels };
  } finally {
    swarm?.stop();
    // A Schedule without a worker would start an evaluation that nobody carries out.
    const schedule = cluster.temporal.schedule.getHandle(`evenkeel/${service}`);
    await schedule.delete().catch(() => undefined);
    await cluster.stop();
    await prometheus.stop();
    rmSync(logDir, { recursive: true, force: true });
  }
}

const wholeSecond = (ms: number): number => Math.floor(ms / stepMs) * stepMs;

/** Two instances at least; forty clients are no reason for more. */
function policyOf(service: string): Policy {
  return {
    ...policyDefaults,
    service,
    partitions,
    instances: { min: 2, max: 4 },
    clientsPerInstance: { upper: 1_000, lower: 0, target: 500 },
    tolerance: 0,
    scheduleEveryMs: 2_000,
  };
}

async function grow({ temporal, taskQueue }: LocalCluster, service: string): Promise<void> {
  const request = { requestId: 'grow', reason: 'the dashboard', source: 'operator', instances: 3 };
  await temporal.workflow.signalWithStart('rebalance', {
    workflowId: `rebalance/${service}`,
    taskQueue,
    args: [{ service }],
    signal: 'requestRebalance',
    signalArgs: [request],
  });
}
