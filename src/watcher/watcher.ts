// Owns: the watches of all services that have a policy, started when one is seen for the first time.
// What cannot be watched now (Kafka away, no policy) is tried again; nothing here ends the worker.

import { randomUUID } from 'node:crypto';
import type { Policy } from '../core/scaling/policy.js';
import { watchServicesEveryMs } from './limits.js';
import type { Bus, Clock, ConfigDb } from '../ports.js';
import { watchService, type ServiceWatch, type WatcherRequest } from './watch-service.js';

export type { WatcherRequest } from './watch-service.js';

export interface WatcherOptions {
  readonly bus: Bus;
  readonly configDb: Pick<ConfigDb, 'services' | 'latestPolicy' | 'latestCheckpoint' | 'reports'>;
  readonly clock: Clock;
  readonly request: (service: string, request: WatcherRequest) => Promise<void>;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface Watcher {
  close(): Promise<void>;
}

export function startWatcher(options: WatcherOptions): Watcher {
  const { configDb, log } = options;
  const self = randomUUID();
  /** Null while one is being opened. */
  const watches = new Map<string, ServiceWatch | null>();
  let closed = false;

  const open = async (service: string): Promise<void> => {
    watches.set(service, null);
    try {
      const policy = (await configDb.latestPolicy(service))?.policy as Policy | undefined;
      if (policy === undefined) return void watches.delete(service);
      const watch = await watchService({
        ...options,
        ...{ service, self, partitions: policy.partitions },
        request: (request) => options.request(service, request),
        log: (event, detail) => log(event, { service, ...detail }),
        onLost: () => void drop(service),
      });
      watches.set(service, watch);
      if (closed) await watch.close();
    } catch (error) {
      watches.delete(service);
      log('not-watched', { service, error: String(error) });
    }
  };
  const drop = async (service: string): Promise<void> => {
    const watch = watches.get(service);
    watches.delete(service);
    await watch?.close();
  };
  const look = async (): Promise<void> => {
    const services = await configDb.services();
    if (closed) return;
    for (const service of services) if (!watches.has(service)) void open(service);
  };
  const lookQuietly = (): void => void look().catch(() => undefined); // It knows those it has.
  const timer = setInterval(lookQuietly, watchServicesEveryMs);
  lookQuietly();
  return {
    close: async () => {
      closed = true;
      clearInterval(timer);
      await Promise.all([...watches.keys()].map(drop));
    },
  };
}
