// The session directory: chooses the Messaging instance when a session for a user is created, and
// signs the token with which every instance recognises it. Owns the HTTP contract; what is true comes
// from the ownership log through Routing.

import { createHash, timingSafeEqual } from 'node:crypto';
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { partitionOf } from '../core/murmur2.js';
import { instanceName, type OwnedRange } from '../core/records.js';
import { WaitingList, type WaitingListLimits } from '../core/waiting-list.js';
import { later as laterDefault } from '../instance/later.js';
import * as limits from '../limits.js';
import type { Clock, Later } from '../ports.js';
import {
  explain,
  pathOf,
  readQuestion,
  statusOf,
  takeJson,
  TooManyError,
  UnauthorizedError,
} from './requests.js';
import { HeldQuestions, type HeldLimits } from './held-questions.js';
import type { Route, Routing } from './routing.js';
import { newSessionId } from '../server/session-ids.js';
import type { SignToken } from '../server/tokens.js';

export interface DirectoryOptions {
  readonly service: string;
  readonly partitions: number;
  /** What callers send as `Authorization: Bearer`. */
  readonly key: string;
  readonly routing: Routing;
  readonly sign: SignToken;
  readonly clock: Clock;
  readonly registry: Registry;
  /** How fast sessions are handed out; by default what src/limits.ts says. */
  readonly pace?: WaitingListLimits;
  /** How long, and how many, questions are held; by default what src/limits.ts says. */
  readonly held?: HeldLimits;
  readonly later?: Later;
}

const paceDefault: WaitingListLimits = {
  perSecond: limits.sessionsPerSecondMax,
  burst: limits.sessionsBurstMax,
  waitMaxMs: limits.sessionsWaitMaxMs,
  keepMs: limits.sessionsPlaceKeptMs,
};

const heldDefault: HeldLimits = { heldMs: limits.sessionsHeldMs, heldMax: limits.sessionsHeldMax };

/** Seconds after which a client asks again when nobody came to hold its partition while it waited. */
const retryAfterSeconds = 1;
/** Changes of a storm of records are looked at together. */
const lookAgainAfterMs = 5;

/** The routes; not listening yet. */
export async function directoryApp(options: DirectoryOptions): Promise<FastifyInstance> {
  const { service, partitions, routing, clock, registry } = options;
  const answers = new Counter({
    name: 'evenkeel_directory_answers_total',
    help: 'Answers of the session directory, by status.',
    labelNames: ['status'] as const,
    registers: [registry],
  });
  const app = fastify({
    logger: false,
    bodyLimit: limits.directoryBodyMaxBytes,
    forceCloseConnections: true,
  });
  takeJson(app);
  app.addHook('onResponse', async (_request, reply) => {
    answers.inc({ status: reply.statusCode });
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = statusOf(error);
    return reply.code(status).send({ error: explain(error, status) });
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ error: { message: `there is no ${request.method} ${pathOf(request)}` } }),
  );

  await app.register(rateLimit, { global: false });
  // The plugin's own hook runs once a request; these are asked by hand, one after the other.
  const guesses = app.createRateLimit({ max: limits.guessesPerSecondMax, timeWindow: 1_000 });
  const questions = app.createRateLimit({
    max: limits.distributionsPerSecondMax,
    timeWindow: 1_000,
  });
  const byUser = app.createRateLimit({
    max: limits.sessionsPerUserMax,
    timeWindow: 10_000,
    keyGenerator: (request) =>
      JSON.stringify((request.body as { user?: unknown } | null)?.user ?? ''),
  });
  const limitWith =
    (limit: typeof byUser) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const found = await limit(request);
      if (found.isAllowed || !found.isExceeded) return;
      void reply.header('retry-after', String(found.ttlInSeconds));
      throw new TooManyError();
    };
  const isKey = keyCheck(options.key);
  const guessed = limitWith(guesses);
  /** Callers with the key, a BFF with all clients behind one address, are not limited by address. */
  const authorize = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (isKey(request.headers.authorization)) return;
    await guessed(request, reply);
    throw new UnauthorizedError();
  };
  const waiting = new WaitingList(options.pace ?? paceDefault);
  new Gauge({
    name: 'evenkeel_directory_waiting',
    help: 'Clients that were told to come back in their turn.',
    registers: [registry],
    collect() {
      this.set(waiting.size());
    },
  });

  const later = options.later ?? laterDefault;
  const held = new HeldQuestions<Route>(options.held ?? heldDefault, later);
  let looking: (() => void) | undefined;
  routing.onChange(() => {
    if (held.size() === 0) return;
    looking ??= later(() => {
      looking = undefined;
      held.lookAgain();
    }, lookAgainAfterMs);
  });
  app.addHook('preClose', async () => {
    looking?.();
    held.close();
  });
  new Gauge({
    name: 'evenkeel_directory_held',
    help: 'Questions that are held until somebody live holds their partition.',
    registers: [registry],
    collect() {
      this.set(held.size());
    },
  });

  app.post(
    '/v1/sessions',
    { onRequest: [authorize], preHandler: [limitWith(byUser)] },
    async (request, reply) => {
      const { user, client, unreachable } = readQuestion(request.body);
      const partition = partitionOf(user, partitions);
      const sinceMs = clock.monotonicMs();
      const doubt = unreachable === null ? undefined : { url: unreachable, sinceMs };
      // The directory reads the log, so it knows the moment better than any client that tries again.
      const route = await held.answer(
        () => routing.routeOf(partition, doubt),
        (gone) => void reply.raw.once('close', gone),
      );
      if (route === null) {
        return reply
          .code(503)
          .header('retry-after', String(retryAfterSeconds))
          .send({ error: { message: `no live instance holds partition ${partition} just now` } });
      }
      // In the order of coming, before the expensive part: who was told to come back is served then.
      const waitMs = waiting.ask(JSON.stringify([user, client]), clock.monotonicMs());
      if (waitMs > 0) {
        return reply
          .code(503)
          .header('retry-after', String(Math.ceil(waitMs / 1_000)))
          .send({ error: { message: 'many clients come back at once; yours has its turn then' } });
      }
      const nowMs = clock.wallMs();
      const session = newSessionId(nowMs);
      const { token, expiresAtMs } = await options.sign(
        { service, user, client, session, partition },
        nowMs,
      );
      const { instance, url, revision } = route;
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ session, user, client, partition, instance, url, token, revision, expiresAtMs });
    },
  );

  app.get(
    '/v1/distribution',
    { onRequest: [authorize, limitWith(questions)] },
    async (_request, reply) => {
      const distribution = routing.distribution();
      if (distribution === null) {
        return reply
          .code(503)
          .header('retry-after', String(retryAfterSeconds))
          .send({ error: { message: 'the service has no distribution yet' } });
      }
      const { revision, ranges } = distribution;
      return { service, revision, partitions, instances: byInstance(service, ranges) };
    },
  );
  return app;
}

/** Compares digests, so that neither the length nor the first difference shows in the time taken. */
function keyCheck(key: string): (header: string | undefined) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const right = digest(key);
  return (header) => {
    const found = /^bearer +(.+)$/i.exec(header ?? '')?.[1];
    return found !== undefined && timingSafeEqual(digest(found), right);
  };
}

function byInstance(
  service: string,
  ranges: readonly OwnedRange[],
): Record<string, [number, number][]> {
  const instances: Record<string, [number, number][]> = {};
  const byOrdinal = [...ranges].sort((a, b) => a[2] - b[2] || a[0] - b[0]);
  for (const [from, to, ordinal] of byOrdinal) {
    (instances[instanceName(service, ordinal)] ??= []).push([from, to]);
  }
  return instances;
}
