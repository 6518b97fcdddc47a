// What the session directory reads out of requests, and how it says what is wrong with them. Owns the
// wording; never a route.

import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { BadInputError } from '../errors.js';
import { urlMaxChars } from '../limits.js';
import { idAllowed, isId } from '../server/frames.js';

/** Bodies are JSON, also when nothing is said of their type, or what plain `curl -d` says. */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, parse);
  // Fastify asks this one for whatever has no parser, a body without a type among it.
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body: string, done) => {
    const found = request.headers['content-type'];
    if (found === undefined) void parse(request, body, done);
    else done(new ContentTypeError(found));
  });
}

/** Thrown when a body says that it is something else than JSON. */
class ContentTypeError extends Error {
  readonly statusCode = 415;
  readonly found: string;

  constructor(found: string) {
    super('the body must be JSON');
    this.name = 'ContentTypeError';
    this.found = found;
  }
}

/** Thrown when the caller does not have the directory key. */
export class UnauthorizedError extends Error {
  readonly statusCode = 401;

  constructor() {
    super('the Authorization header must be "Bearer" and the directory key');
    this.name = 'UnauthorizedError';
  }
}

/** Thrown when an address guesses, or a user asks, too often; answered with `Retry-After`. */
export class TooManyError extends Error {
  readonly statusCode = 429;

  constructor() {
    super('too many requests; ask again later');
    this.name = 'TooManyError';
  }
}

export interface Question {
  readonly user: string;
  readonly client: string;
  /** Where the last answer led to nobody. A hint: what is none is ignored. */
  readonly unreachable: string | null;
}

export function readQuestion(body: unknown): Question {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadInputError('the body must be a JSON object', {
      field: 'body',
      found: body ?? 'nothing',
      allowed: '{"user":"alice","client":"phone"}',
    });
  }
  const { user, client = 'default', unreachable } = body as Readonly<Record<string, unknown>>;
  const isUrl = typeof unreachable === 'string' && unreachable.length <= urlMaxChars;
  return {
    user: readId('user', user),
    client: readId('client', client),
    unreachable: isUrl ? unreachable : null,
  };
}

function readId(field: string, value: unknown): string {
  if (isId(value)) return value;
  throw new BadInputError(`${field} must be a string of ${idAllowed}`, {
    field,
    found: value ?? 'nothing',
    allowed: idAllowed,
  });
}

export function statusOf(error: FastifyError): number {
  if (error instanceof BadInputError) return 400;
  return error.statusCode ?? 500;
}

export function explain(error: FastifyError, status: number): object {
  if (error instanceof BadInputError) {
    const { field, found, allowed, message } = error;
    return { field, found, allowed, message };
  }
  if (error instanceof ContentTypeError) {
    const { found, message } = error;
    return { field: 'content-type', found, allowed: 'content-type: application/json', message };
  }
  // What went wrong inside is nobody's business outside.
  if (status >= 500) return { message: 'the directory could not answer' };
  return { ...(status === 429 || status === 401 ? {} : { field: 'body' }), message: error.message };
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
