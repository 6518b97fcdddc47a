// Owns: the worker's probes and metrics on a port of their own (protocol.md §1). Never open outside
// of the cluster, and never says more than a state.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { BadInputError } from './errors.js';
import { closeProbeServer, jsonAnswer, probeServer } from './probe-server.js';

export type WorkerState =
  'INITIALIZED' | 'RUNNING' | 'STOPPED' | 'STOPPING' | 'DRAINING' | 'DRAINED' | 'FAILED';

/** Nobody else's business unless it is said to be. */
const defaultHost = '127.0.0.1';

/** `port` 0 takes a free one. Throws BadInputError when it cannot listen there. Startup: the worker exists. Live: it has not failed. Ready: it takes tasks. */
export async function startWorkerProbes(
  where: {
    readonly port: number;
    readonly host?: string | undefined;
    /** Adds metrics to those of the worker itself. */
    readonly metrics?: ((registry: Registry) => void) | undefined;
  },
  state: () => WorkerState,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'evenkeel_worker_running',
    help: '1 while the worker takes tasks',
    registers: [registry],
    collect() {
      this.set(state() === 'RUNNING' ? 1 : 0);
    },
  });
  where.metrics?.(registry);
  const probe = (good: () => boolean) => () => jsonAnswer(good() ? 200 : 503, { state: state() });
  const server = probeServer({
    '/healthz/startup': probe(() => true),
    '/healthz/live': probe(() => state() !== 'FAILED'),
    '/healthz/ready': probe(() => state() === 'RUNNING'),
    '/metrics': async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  });
  const { port, host = defaultHost } = where;
  try {
    server.listen({ port, host });
    await once(server, 'listening'); // Rejects with the error that there is instead.
  } catch (error) {
    throw cannotListen(port, host, error as NodeJS.ErrnoException);
  }
  const { address, family, port: taken } = server.address() as AddressInfo;
  const shown = family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `http://${shown.replace('0.0.0.0', '127.0.0.1')}:${taken}`,
    close: () => closeProbeServer(server),
  };
}

function cannotListen(port: number, host: string, error: NodeJS.ErrnoException): BadInputError {
  if (error.code === 'EADDRINUSE') {
    return new BadInputError(`--probe-port ${port} is taken by another program`, {
      field: '--probe-port',
      found: port,
      allowed: 'a free port, or 0 to take any',
      cause: error,
    });
  }
  return new BadInputError(`probes cannot listen on ${host}:${port}: ${error.message}`, {
    field: error.code === 'EACCES' ? '--probe-port' : 'EVENKEEL_HOST',
    found: `${host}:${port}`,
    allowed: 'an address of this machine and a port that this user may open',
    cause: error,
  });
}
