// Owns: the control plane of one process: the worker, the watcher that asks for what silent instances held,
// and the metrics of the Schedules, in the order of starting and ending. Never reads the environment and
// opens no adapter.

import type { Client } from '@temporalio/client';
import { systemClock } from './adapters/system-clock.js';
import { requestRebalance } from './cli/temporal.js';
import { defaultTaskQueue } from './schedule.js';
import { registerSearchAttributes } from './search-attributes.js';
import { startWatcher } from './watcher/watcher.js';
import { startWorker, type RunningWorker, type WorkerOptions } from './worker.js';
import { scheduleMetrics } from './worker-schedules.js';

/** Who says something, what, and the rest. */
export type ControlPlaneLog = (
  from: 'temporal' | 'schedules' | 'watcher',
  event: string,
  detail: Readonly<Record<string, unknown>>,
) => void;

export interface ControlPlaneOptions extends Omit<WorkerOptions, 'log' | 'metrics'> {
  /** Used until the worker has a connection of its own. */
  readonly temporal: Client;
  readonly log: ControlPlaneLog;
}

/** Throws UnreachableError when Temporal does not answer. `shutdown` ends all of it. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<RunningWorker> {
  const { temporal, log, taskQueue = defaultTaskQueue, ...workerOptions } = options;
  const { configDb, bus } = options.ports;
  const { namespace } = temporal.options;
  await registerSearchAttributes(temporal.connection.operatorService, namespace);
  let running: RunningWorker | undefined;
  const schedules = scheduleMetrics({
    client: () => running?.client() ?? temporal,
    services: () => configDb.services(),
    log: (event, detail) => log('schedules', event, detail),
  });
  const worker = (running = await startWorker({
    ...workerOptions,
    namespace,
    taskQueue,
    log: (event, detail) => log('temporal', event, detail),
    metrics: schedules.register,
  }));
  const watcher = startWatcher({
    ...{ bus, configDb, clock: systemClock },
    request: async (service, request) => {
      await requestRebalance(worker.client(), service, request, taskQueue);
    },
    log: (event, detail) => log('watcher', event, detail),
  });
  return {
    run: worker.run,
    client: () => worker.client(),
    probeUrl: worker.probeUrl,
    shutdown: async () => {
      schedules.close();
      await watcher.close();
      await worker.shutdown();
    },
  };
}
