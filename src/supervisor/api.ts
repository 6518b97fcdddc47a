// Owns: the supervisor's HTTP API on 127.0.0.1: routes, the bearer token, status codes. Whoever has
// the token may start programs, so nothing is answered without it but the probes.

import { createHash, timingSafeEqual } from 'node:crypto';
import { fastify, type FastifyInstance } from 'fastify';
import { BadInputError } from '../errors.js';
import { bodyMaxBytes } from './limits.js';
import {
  parseKillRequest,
  parseRestartRequest,
  parseScaleRequest,
  parseServiceName,
  parseServiceSpec,
  parseTemplateRequest,
} from './spec.js';
import { NoSuchServiceError, type Supervisor } from './supervisor.js';

interface ServiceParams {
  Params: { service: string };
}

/**
 * Routes (JSON): `GET /v1/services` · `PUT|GET /v1/services/:service` → view ·
 * `POST …/scale` → 200 view, 409 view (conflict), 412 `{epoch}` (superseded) ·
 * `POST …/template` → 200 view, 409 `{why}` (refused), 412 `{epoch}` ·
 * `POST …/instances/:name/restart` → 202, 410 (another process runs), 412 `{epoch}` ·
 * `POST …/instances/:name/kill` → 202 · `GET …/processes/:uid` → `{ended}` · `GET /healthz/{startup,live,ready}`.
 * Errors: `{"error":{field?,found?,allowed?,message}}` with 400, 401, 404 or 500.
 */
export function createApi(supervisor: Supervisor, token: string): FastifyInstance {
  const api = fastify({ bodyLimit: bodyMaxBytes, logger: false });

  for (const probe of ['startup', 'live', 'ready']) {
    api.get(`/healthz/${probe}`, async () => ({ ok: true }));
  }

  api.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/healthz/')) return;
    if (isAuthorized(request.headers.authorization, token)) return;
    await reply.code(401).send({ error: { message: 'a valid bearer token is needed' } });
  });

  api.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof BadInputError) {
      const { field, found, allowed, message } = error;
      const status = error instanceof NoSuchServiceError ? 404 : 400;
      return reply.code(status).send({ error: { field, found, allowed, message } });
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const message = status < 500 && error instanceof Error ? error.message : 'internal error';
    return reply.code(status).send({ error: { message } });
  });

  api.get('/v1/services', async () => ({ services: supervisor.names() }));

  api.put<ServiceParams>('/v1/services/:service', async (request) => {
    const name = parseServiceName(request.params.service);
    return supervisor.declare(name, parseServiceSpec(request.body)).view();
  });

  api.get<ServiceParams>('/v1/services/:service', async (request) =>
    supervisor.service(request.params.service).view(),
  );

  api.post<ServiceParams>('/v1/services/:service/scale', async (request, reply) => {
    const result = supervisor
      .service(request.params.service)
      .scale(parseScaleRequest(request.body));
    switch (result.kind) {
      case 'scaled':
        return result.view;
      case 'conflict':
        return reply.code(409).send(result.view);
      case 'superseded':
        return reply.code(412).send({ epoch: result.epoch });
    }
  });

  api.post<ServiceParams>('/v1/services/:service/template', async (request, reply) => {
    const service = supervisor.service(request.params.service);
    const result = service.setTemplate(parseTemplateRequest(request.body));
    switch (result.kind) {
      case 'set':
        return result.view;
      case 'refused':
        return reply.code(409).send({ why: result.why });
      case 'superseded':
        return reply.code(412).send({ epoch: result.epoch });
    }
  });

  api.post<{ Params: { service: string; name: string } }>(
    '/v1/services/:service/instances/:name/restart',
    async (request, reply) => {
      const { service, name } = request.params;
      const which = parseRestartRequest(request.body);
      const result = supervisor.service(service).restart(name, which);
      switch (result.kind) {
        case 'restarting':
          return reply.code(202).send({});
        case 'gone':
          return reply.code(410).send({});
        case 'superseded':
          return reply.code(412).send({ epoch: result.epoch });
      }
    },
  );

  api.post<{ Params: { service: string; name: string } }>(
    '/v1/services/:service/instances/:name/kill',
    async (request, reply) => {
      const { service, name } = request.params;
      const { signal } = parseKillRequest(request.body);
      const life = supervisor.service(service).process(name);
      if (life === undefined) {
        throw new BadInputError(`${name} does not run`, { field: 'name', found: name });
      }
      life.signal(signal);
      return reply.code(202).send({ uid: life.uid });
    },
  );

  api.get<{ Params: { service: string; uid: string } }>(
    '/v1/services/:service/processes/:uid',
    async (request) => ({ ended: supervisor.hasEnded(request.params.uid) }),
  );

  return api;
}

/** Compares digests, so that the time it takes says nothing about the token. */
function isAuthorized(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
