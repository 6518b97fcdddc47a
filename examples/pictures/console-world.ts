// Owns: a service for whoever looks at the console: three real processes with people who chat on them, a
// worker, and a console before it, on backing services that run already. Grows slowly enough to be watched.

import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startConsole } from '../../src/cli/console/start.js';
import { createContext } from '../../src/cli/context.js';
import { completePolicy, type Policy } from '../../src/core/scaling/policy.js';
import { createSwarm, type Swarm } from '../../src/load/swarm.js';
import { applyPolicy } from '../../src/local/apply.js';
import { startCluster, type Addresses, type LocalCluster } from '../../src/local/cluster.js';
import { followRun } from '../../src/local/watch.js';
import { stackHome } from '../../stack/checkout.js';

const clients = 120;
const messagesPerSecond = 20;
const partitions = 360;

export interface ConsoleWorld {
  readonly service: string;
  readonly cluster: LocalCluster;
  readonly swarm: Swarm;
  readonly token: string;
  readonly url: string;
  /** The policy as it is, with these changes in force. */
  apply(changed: Partial<Policy>): Promise<void>;
  /** Ends the console alone; the answer starts one at the same port. */
  loseConsole(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Resolves when two instances serve everybody. Leaves nothing behind when it is closed. */
export async function openConsoleWorld(
  addresses: Addresses,
  { service, paced }: { readonly service: string; readonly paced: Policy['pace'] },
): Promise<ConsoleWorld> {
  const logDir = join(stackHome, 'console', service);
  mkdirSync(logDir, { recursive: true });
  const cluster = await startCluster({ addresses, logDir, taskQueue: `evenkeel-${service}` });
  const closers: (() => Promise<void>)[] = [
    async () => {
      // A Schedule without a worker would start an evaluation that nobody carries out.
      const schedule = cluster.temporal.schedule.getHandle(`evenkeel/${service}`);
      await schedule.delete().catch(() => undefined);
      await cluster.stop();
      rmSync(logDir, { recursive: true, force: true });
    },
  ];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const [local] = await Promise.all([
      cluster.startService({ service, partitions, replicas: 2 }),
      cluster.startWorker(),
    ]);
    await local.instancesReady(2);
    const apply = async (changed: Partial<Policy>) => {
      const policy = completePolicy({
        service,
        partitions,
        instances: { min: 2, max: 4 },
        clientsPerInstance: { upper: 100, lower: 20, target: 60 },
        pace: paced,
        scheduleEveryMs: 2_000,
        cooldownMs: 600_000,
        ...changed,
      });
      await applyPolicy(cluster, policy, 'ada');
    };
    const sinceMs = Date.now();
    await apply({});
    await followRun(cluster.temporal, service, sinceMs, () => undefined);
    const { directoryUrl, directoryKey } = local;
    const swarm = createSwarm({ directoryUrl, directoryKey, messagesPerSecond, prefix: 'user' });
    closers.push(async () => swarm.stop());
    await swarm.resize(clients);

    const token = randomBytes(24).toString('base64url');
    const start = async (port: number) => {
      const context = createContext({ options: {}, env: cluster.env });
      const running = await startConsole(context, {
        ...{ port, host: '127.0.0.1', token: () => token, taskQueue: cluster.taskQueue },
        ...{ origin: undefined, personHeader: undefined, namespace: 'default' },
        temporalUiUrl: addresses['TEMPORAL_UI_URL'],
      });
      const end = async () => {
        await running.close();
        await context.close();
      };
      return { port: running.port, end };
    };
    let running = await start(0);
    closers.push(() => running.end());
    return {
      ...{ service, cluster, swarm, token, apply, close },
      url: `http://127.0.0.1:${running.port}`,
      loseConsole: async () => {
        const { port } = running;
        await running.end();
        return async () => void (running = await start(port));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
