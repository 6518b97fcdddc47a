// Owns: the worker's probes and metrics on a port of their own (protocol.md §1). Never open outside
// of the cluster, and never says more than a state.

import { fastify } from 'fastify';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

export type WorkerState =
  'INITIALIZED' | 'RUNNING' | 'STOPPED' | 'STOPPING' | 'DRAINING' | 'DRAINED' | 'FAILED';

/** Startup: the worker exists. Live: it has not failed. Ready: it takes tasks. */
export async function startWorkerProbes(
  port: number,
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
  const server = fastify();
  const probe = (path: string, good: () => boolean) =>
    server.get(path, async (_request, reply) =>
      reply.code(good() ? 200 : 503).send({ state: state() }),
    );
  probe('/healthz/startup', () => true);
  probe('/healthz/live', () => state() !== 'FAILED');
  probe('/healthz/ready', () => state() === 'RUNNING');
  server.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  const url = await server.listen({ port, host: '0.0.0.0' });
  return { url: url.replace('0.0.0.0', '127.0.0.1'), close: () => server.close() };
}
