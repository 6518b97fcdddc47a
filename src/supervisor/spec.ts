// Owns: what the supervisor accepts from outside: the declaration of a service and the bodies of
// its API, checked at the door. Never runs anything.

import { z } from 'zod';
import { BadInputError } from '../errors.js';
import { instancesMax } from './limits.js';

const serviceName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower case letters, digits and dashes, starting with a letter');

const image = z.string().min(1).max(1_024);
const version = z.string().min(1).max(128);
const epoch = z.number().int().min(0);

const serviceSpec = z.object({
  /** Program and arguments of one instance; run without a shell. */
  command: z.string().min(1).max(4_096),
  args: z.array(z.string().max(4_096)).max(64).default([]),
  /** What `{image}` in command and args stands for: where this version of the program lies. */
  image: image.optional(),
  /** Added to every instance's environment; the supervisor's own variables win. */
  env: z.record(z.string(), z.string().max(16_384)).default({}),
  /** P of the service, told to every instance. */
  partitions: z.number().int().min(1).max(20_000),
  /** Instances to start with; an existing service keeps its number. */
  replicas: z.number().int().min(0).max(instancesMax).default(0),
  /** From SIGTERM to SIGKILL. */
  terminationGraceMs: z.number().int().min(0).max(600_000).optional(),
});

/** A service as its instances are started. */
export type ServiceSpec = z.output<typeof serviceSpec>;

const scaleRequest = z.object({
  replicas: z.number().int().min(0).max(instancesMax),
  epoch,
  version,
});
export type ScaleRequest = z.output<typeof scaleRequest>;

const templateRequest = z.union([
  z.object({ epoch, image }),
  z.object({ epoch, template: version }),
]);
export type TemplateRequest = z.output<typeof templateRequest>;

const restartRequest = z.object({ uid: z.string().min(1).max(128), epoch });

const killRequest = z.object({
  signal: z.enum(['SIGKILL', 'SIGTERM', 'SIGSTOP', 'SIGCONT']),
});

/** `[{"service":"messaging",…spec}]`: services declared in a file at start. */
const declarations = z.array(serviceSpec.extend({ service: serviceName }));

export const parseServiceName = (value: unknown) => parse(serviceName, value, 'service');
export const parseServiceSpec = (value: unknown) => parse(serviceSpec, value, 'body');
export const parseScaleRequest = (value: unknown) => parse(scaleRequest, value, 'body');
export const parseTemplateRequest = (value: unknown) => parse(templateRequest, value, 'body');
export const parseRestartRequest = (value: unknown) => parse(restartRequest, value, 'body');
export const parseKillRequest = (value: unknown) => parse(killRequest, value, 'body');
export const parseDeclarations = (value: unknown) => parse(declarations, value, 'services');

/** The value as its type says, or a BadInputError for the first thing that is wrong. */
function parse<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).map(String);
  const field = path.length === 0 ? name : path.join('.');
  const found = (issue?.path ?? []).reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  throw new BadInputError(`${field}: ${issue?.message ?? 'not valid'}`, {
    field,
    found: found === undefined ? 'nothing' : found,
    ...(issue === undefined ? {} : { allowed: issue.message }),
  });
}
