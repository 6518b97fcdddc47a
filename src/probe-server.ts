// Owns: answering a few GET requests, for probes and metrics. Node's own server on purpose: whoever embeds
// the instance library would get a web framework's forty packages for four answers. Never listens by itself.

import { createServer, type Server, type ServerResponse } from 'node:http';

export interface ProbeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** By path, without query. */
export type ProbeRoutes = Readonly<Record<string, () => ProbeAnswer | Promise<ProbeAnswer>>>;

/** Whoever sends its request slower than this is cut off. */
const requestWithinMs = 10_000;

export function jsonAnswer(status: number, body: object): ProbeAnswer {
  const contentType = 'application/json; charset=utf-8';
  return { status, contentType, body: JSON.stringify(body) };
}

/** 404 for another path or method, 500 when an answer throws. */
export function probeServer(routes: ProbeRoutes): Server {
  const known = new Map(Object.entries(routes));
  return createServer({ requestTimeout: requestWithinMs }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    void answerOf(isRead ? known.get(path) : undefined).then((answer) => write(response, answer));
  });
}

/** Those who wait for an answer are cut off, too: a probe asks again. */
export function closeProbeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answerOf(route: ProbeRoutes[string] | undefined): Promise<ProbeAnswer> {
  if (route === undefined) return jsonAnswer(404, { error: { message: 'there is nothing here' } });
  try {
    return await route();
  } catch {
    return jsonAnswer(500, { error: { message: 'this cannot be answered now' } });
  }
}

function write(response: ServerResponse, { status, contentType, body }: ProbeAnswer): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': length });
  response.end(body); // Node leaves the body out for HEAD.
}
