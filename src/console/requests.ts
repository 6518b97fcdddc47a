// Owns: what the console reads out of requests, and how it says what is wrong with them. Never a route.

import { z } from 'zod';
import { BadInputError } from '../errors.js';
import { consoleNameMaxChars, consoleReasonMaxChars } from './limits.js';
import type { ActionWish, CostWish } from './picture.js';

const tokenMaxChars = 1_024;
const instancesMax = 100_000;

const loginSchema = z.object({ token: z.string().max(tokenMaxChars), by: z.string() });
const wishSchema = z.strictObject({
  service: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  reason: z.string().trim().max(consoleReasonMaxChars).default(''),
  instances: z.int().min(1).max(instancesMax).optional(),
  plan: z.string().min(1).max(200).optional(),
});

const costSchema = wishSchema.pick({ service: true, instances: true });

const allowed: Readonly<Record<string, string>> = {
  token: 'the token that the console printed, or that is in its file',
  by: `a name of 1 to ${consoleNameMaxChars} characters`,
  service: 'the name of a service',
  reason: `at most ${consoleReasonMaxChars} characters`,
  instances: `a whole number from 1 to ${instancesMax}`,
  plan: 'the name of the plan that was read',
};

/** @throws BadInputError; what was sent is not repeated: a token may be in it */
export const readLogin = (body: unknown): { readonly token: string; readonly by: string } =>
  parse(loginSchema, body);

/** @throws BadInputError */
export function readWish(body: unknown): ActionWish {
  const { service, reason, instances, plan } = parse(wishSchema, body);
  return {
    service,
    reason,
    ...(instances === undefined ? {} : { instances }),
    ...(plan === undefined ? {} : { plan }),
  };
}

/** @throws BadInputError */
export function readCostWish(body: unknown): CostWish {
  const { service, instances } = parse(costSchema, body);
  return { service, ...(instances === undefined ? {} : { instances }) };
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const found = schema.safeParse(body);
  if (found.success) return found.data;
  const field = String(found.error.issues[0]?.path[0] ?? 'body');
  const wanted = allowed[field] ?? 'an object with the fields of this request';
  throw new BadInputError(`${field} is missing or wrong: ${wanted}`, { field, allowed: wanted });
}

/** Thrown for whoever has not logged in, or no longer. */
export class NotLoggedInError extends Error {
  readonly statusCode = 401;
  /** Whom a proxy has named, for the form. */
  readonly named: string | undefined;

  constructor(message = 'log in first', named?: string) {
    super(message);
    this.name = 'NotLoggedInError';
    this.named = named;
  }
}

/** Thrown for what another site's page asked for, or a page that is older than the login. */
export class ForeignRequestError extends Error {
  readonly statusCode = 403;

  constructor(message = 'this was not asked for by a page of this console: load it again') {
    super(message);
    this.name = 'ForeignRequestError';
  }
}

/** Thrown when somebody guesses, acts, or looks too often. */
export class TooManyError extends Error {
  readonly statusCode: 429 | 503;

  constructor(message: string, statusCode: 429 | 503 = 429) {
    super(message);
    this.name = 'TooManyError';
    this.statusCode = statusCode;
  }
}
