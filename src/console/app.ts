// The console's server: the page, logging in, the stream of figures, and the few things that a button may
// ask for. Owns the HTTP contract between page and server; what is true, and what an action does, is
// handed in. Never listens by itself, and writes no request anywhere.

import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { BadInputError } from '../errors.js';
import type { Clock } from '../ports.js';
import { arrivalDefaults, limitConnections, serverOptions, type ArrivalLimits } from './arrival.js';
import type { Asset } from './assets.js';
import type { Feed } from './feed.js';
import {
  cookieOf,
  isLoopbackHost,
  isOwnChange,
  isOwnLook,
  loginIn,
  securityHeaders,
} from './guards.js';
import { createGuesses, whenceOf } from './guesses.js';
import * as limits from './limits.js';
import { consoleMetrics } from './metrics.js';
import { namedBy } from './named.js';
import {
  actionNames,
  type ActionAnswer,
  type ActionName,
  type ActionWish,
  type CostAnswer,
  type CostWish,
} from './picture.js';
import {
  ForeignRequestError,
  NotLoggedInError,
  readCostWish,
  readLogin,
  readWish,
  TooManyError,
} from './requests.js';
import type { Person, Sessions } from './sessions.js';
import { createStreams } from './streams.js';

export interface ConsoleOptions {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly sessions: Sessions;
  readonly feed: Feed;
  readonly services: () => Promise<readonly string[]>;
  /** Rejects with an error whose message is for people. */
  readonly act: (name: ActionName, wish: ActionWish, by: string) => Promise<ActionAnswer>;
  /** What `force` would cost now. Rejects as `act` does. */
  readonly cost: (wish: CostWish, by: string) => Promise<CostAnswer>;
  readonly clock: Clock;
  readonly registry: Registry;
  /** Where browsers reach it, when that is not its own address: `https://console.example.org`. */
  readonly origin?: string | undefined;
  /** It can only be reached on this machine, by a name of this machine. */
  readonly isLocal: boolean;
  /** The header with which a proxy names whoever it has let in. */
  readonly personHeader?: string | undefined;
  readonly arrival?: ArrivalLimits;
}

const minuteMs = 60_000;
const hashed = /^\/assets\//;

/** The routes; not listening yet. */
export async function consoleApp(options: ConsoleOptions): Promise<FastifyInstance> {
  const { assets, sessions, feed, clock, origin, personHeader } = options;
  const { arrival = arrivalDefaults } = options;
  const app = fastify({
    ...serverOptions(arrival),
    logger: false,
    bodyLimit: limits.consoleBodyMaxBytes,
    forceCloseConnections: true,
  });
  limitConnections(app.server, arrival);
  const streams = createStreams();
  const metrics = consoleMetrics(options.registry, {
    viewers: () => streams.size(),
    agesMs: () => feed.agesMs(),
  });
  app.addHook('preClose', async () => {
    feed.close();
    streams.close();
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(securityHeaders).header('cache-control', 'no-store');
    if (options.isLocal && origin === undefined && !isLoopbackHost(request.headers.host))
      throw new ForeignRequestError('this console is reached as localhost or 127.0.0.1');
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    // What is counted by the minute is free again after one.
    if (status === 429) void reply.header('retry-after', String(minuteMs / 1_000));
    if (status === 503) void reply.header('retry-after', '5');
    const message = status === 500 ? 'the console could not answer' : messageOf(error);
    const who = error instanceof NotLoggedInError ? { named: error.named } : {};
    return reply.code(status).send({ ok: false, text: message, ...who });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ ok: false, text: 'there is nothing here' }),
  );
  await app.register(rateLimit, { global: false });
  const limitWith = (limit: ReturnType<typeof app.createRateLimit>, text: string) => {
    return async (request: FastifyRequest) => {
      const found = await limit(request);
      if (!found.isAllowed && found.isExceeded) throw new TooManyError(text);
    };
  };
  const guesses = createGuesses();
  const acting = limitWith(
    app.createRateLimit({
      max: limits.consoleActionsPerMinuteMax,
      timeWindow: minuteMs,
      keyGenerator: (request) => loginIn(request.headers, origin) ?? 'proxy',
    }),
    'too many actions: wait a minute',
  );
  const costing = limitWith(
    app.createRateLimit({
      max: limits.consoleCostsPerMinuteMax,
      timeWindow: minuteMs,
      keyGenerator: (request) => loginIn(request.headers, origin) ?? 'proxy',
    }),
    'too many questions: wait a minute',
  );
  let costsNow = 0;

  const cookie = ({ headers: { host } }: FastifyRequest, login: string, maxAgeMs: number) =>
    cookieOf(login, { maxAgeMs, host, origin });
  const named = ({ raw }: FastifyRequest) => namedBy(raw, personHeader);
  const personOf = (request: FastifyRequest): Person => {
    const login = loginIn(request.headers, origin);
    const found = login === undefined ? null : sessions.find(login, clock.wallMs());
    const by = named(request);
    if (found === null) throw new NotLoggedInError(undefined, by);
    return by === undefined ? found : { ...found, by };
  };
  const look = (request: FastifyRequest): Person => {
    if (!isOwnLook(request.headers)) throw new ForeignRequestError();
    return personOf(request);
  };
  const change = (request: FastifyRequest): Person => {
    if (!isOwnChange(request.headers, origin)) throw new ForeignRequestError();
    const person = personOf(request);
    const csrf = request.headers['x-evenkeel-csrf'];
    if (typeof csrf !== 'string' || !sessions.isCsrf(person.login, csrf))
      throw new ForeignRequestError();
    return person;
  };
  const me = async ({ by, login }: Person) => ({
    by,
    csrf: sessions.csrfOf(login),
    services: await options.services(),
    named: personHeader !== undefined,
  });

  for (const [path, asset] of assets)
    app.get(path, (request, reply) => send(request, reply, asset));

  app.get('/api/me', async (request) => me(look(request)));

  app.post('/api/login', async (request, reply) => {
    if (!isOwnChange(request.headers, origin)) throw new ForeignRequestError();
    const { token, by } = readLogin(request.body);
    const who = named(request);
    const [whence, nowMs] = [whenceOf(request.ip, who), clock.wallMs()];
    // Also the right one: otherwise every guess would be answered.
    if (!guesses.mayTry(whence, nowMs))
      throw new TooManyError('too many wrong tokens: wait a minute');
    if (!sessions.isToken(token)) {
      metrics.loggedIn(false);
      guesses.wasWrong(whence, nowMs);
      throw new NotLoggedInError('this is not the token of this console');
    }
    const person = sessions.logIn(token, who ?? by, nowMs);
    if (person === null) throw new NotLoggedInError();
    metrics.loggedIn(true);
    void reply.header('set-cookie', cookie(request, person.login, limits.consoleLoginMs));
    return me(person);
  });

  app.post('/api/logout', async (request, reply) => {
    sessions.logOut(change(request).login);
    void reply.header('set-cookie', cookie(request, '', 0));
    return { ok: true };
  });

  app.get<{ Querystring: { service?: string } }>('/api/events', async (request, reply) => {
    const { login } = look(request);
    const { service = '' } = request.query;
    if (!(await options.services()).includes(service)) {
      throw new BadInputError('no such service is known', { field: 'service' });
    }
    let leave: () => void = () => undefined;
    const viewer = streams.open({
      response: reply.raw,
      headers: securityHeaders,
      login,
      isValid: () => sessions.find(login, clock.wallMs()) !== null,
      onEnd: () => leave(),
    });
    reply.hijack();
    leave = feed.watch(service, viewer);
  });

  app.post('/api/cost', async (request) => {
    const { by } = change(request);
    await costing(request);
    const wish = readCostWish(request.body);
    if (costsNow >= limits.consoleCostsAtOnceMax)
      throw new TooManyError('other plans are being made: try again', 503);
    costsNow += 1;
    try {
      return await options.cost(wish, by);
    } finally {
      costsNow -= 1;
    }
  });

  for (const name of actionNames) {
    app.post(`/api/actions/${name}`, async (request, reply) => {
      const { by } = change(request);
      await acting(request);
      const wish = readWish(request.body);
      const answer = await options.act(name, wish, by);
      metrics.acted(name, answer.ok);
      feed.hurry(wish.service);
      return reply.code(answer.ok ? 200 : 409).send(answer);
    });
  }
  return app;
}

function send(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const lasting = hashed.test(request.url);
  void reply
    .header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('etag', asset.etag)
    .header('vary', 'accept-encoding')
    .type(asset.type);
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send();
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding']))) return reply.send(asset.body);
  return reply.header('content-encoding', 'gzip').send(asset.gzipped);
}

function statusOf(error: unknown): number {
  if (error instanceof BadInputError) return 400;
  const { statusCode } = error as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : 500;
}

/** First line: client libraries put stacks behind it. */
const messageOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'the console could not answer';
