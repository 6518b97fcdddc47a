// Probes and metrics of a server, on a port of their own, open inside the cluster only. Owns the
// three questions that Kubernetes asks; never their answers.

import fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { listenOn } from './listen.js';

/** Each answers `true`, or why not. */
export interface ProbeAnswers {
  readonly startup: () => true | string;
  readonly live: () => true | string;
  readonly ready: () => true | string;
}

export interface Probes {
  readonly port: number;
  close(): Promise<void>;
}

/** Throws BadInputError when the port is taken. That it answers at all shows a live event loop. */
export async function startProbes(options: {
  readonly port: number;
  readonly host?: string | undefined;
  readonly answers: ProbeAnswers;
  readonly registry: Registry;
}): Promise<Probes> {
  const app = probesApp(options.answers, options.registry);
  const port = await listenOn(app, options);
  return { port, close: () => app.close() };
}

/** The routes alone, for tests. */
export function probesApp(answers: ProbeAnswers, registry: Registry): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  for (const [name, answer] of Object.entries(answers) as [
    keyof ProbeAnswers,
    () => true | string,
  ][]) {
    app.get(`/healthz/${name}`, (_request, reply) => {
      const is = answer();
      return reply
        .code(is === true ? 200 : 503)
        .send(is === true ? { ok: true } : { ok: false, why: is });
    });
  }
  app.get('/metrics', async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics());
  });
  return app;
}
