// Probes and metrics of a server, on a port of their own, open inside the cluster only. Owns the
// three questions that Kubernetes asks; never their answers.

import type { Registry } from 'prom-client';
import { closeProbeServer, jsonAnswer, probeServer, type ProbeRoutes } from '../probe-server.js';
import { listenHttp } from './listen.js';

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
  const server = probeServer(routesOf(options.answers, options.registry));
  const port = await listenHttp(server, options);
  return { port, close: () => closeProbeServer(server) };
}

function routesOf(answers: ProbeAnswers, registry: Registry): ProbeRoutes {
  const probe = (answer: () => true | string) => () => {
    const is = answer();
    return is === true ? jsonAnswer(200, { ok: true }) : jsonAnswer(503, { ok: false, why: is });
  };
  return {
    '/healthz/startup': probe(answers.startup),
    '/healthz/live': probe(answers.live),
    '/healthz/ready': probe(answers.ready),
    '/metrics': async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  };
}
