// Owns: from the text of a policy file to a policy: shape, defaults, and a sentence for whatever is
// wrong that names the field, what was found and what is allowed. Never writes anything.

import { parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import {
  defaultTolerance,
  policyDefaults,
  policyFault,
  type Policy,
} from '../core/scaling/policy.js';
import { BadInputError } from '../errors.js';
import { serviceForm } from './service-argument.js';

const dayMs = 24 * 3_600_000;

/** What is allowed is the message of each check. */
const whole = (min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int(allowed).min(min, allowed).max(max, allowed);
};
const share = (allowed: string) => z.number(allowed).min(0, allowed).lt(1, allowed);
const oneOf = <const T extends readonly string[]>(...values: T) =>
  z.enum(values, values.join(' or '));
const ms = (min: number) => whole(min, dayMs).optional();

const service = 'lower-case letters, digits and dashes, beginning with a letter, at most 40';

const schema = z.strictObject({
  service: z.string(service).regex(serviceForm, service),
  partitions: whole(1, 100_000),
  instances: z.strictObject({ min: whole(1, 1_000), max: whole(1, 1_000) }, 'min and max'),
  clientsPerInstance: z.strictObject(
    { upper: whole(1, 10_000_000), lower: whole(0, 10_000_000), target: whole(1, 10_000_000) },
    'upper, lower and target',
  ),
  hysteresis: share('a number from 0 to less than 1').optional(),
  cooldownMs: ms(0),
  cooldownAfterUndoMs: ms(0),
  stepMax: whole(1, 1_000).optional(),
  sampleMaxAgeMs: ms(1_000),
  tolerance: share('a number from 0 to less than 1').optional(),
  maxRangesPerInstance: whole(1, 1_000).optional(),
  balanceBy: oneOf('partitions', 'clients').optional(),
  pace: z
    .strictObject({
      clientsPerWave: whole(1, 100_000).optional(),
      acceptPerSecond: whole(1, 100_000).optional(),
      partitionsPerWave: whole(1, 100_000).optional(),
    })
    .optional(),
  scheduleEveryMs: whole(1_000, dayMs).optional(),
  approval: z
    .union(
      [z.enum(['never', 'always']), z.strictObject({ aboveMovedClients: whole(0, 100_000_000) })],
      'never or always, or { aboveMovedClients: n }',
    )
    .optional(),
  approvalMs: ms(1_000),
  instanceStartMs: ms(1_000),
  prepareMs: ms(1_000),
  notifyMs: ms(1_000),
  handOverStallMs: ms(1_000),
});

/** Parses YAML (or JSON) with defaults filled in. @throws BadInputError for the first thing wrong. */
export function parsePolicy(text: string): Policy {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new BadInputError(`the policy is not YAML: ${broken.message.split('\n')[0] ?? ''}`, {
      field: 'file',
      found: text.split('\n')[0],
      allowed: 'a YAML document',
      cause: broken,
    });
  }
  const value = valueOf(document);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw faultOf(parsed.error.issues[0], value);

  const given = withoutUndefined(parsed.data);
  const balanceBy = given.balanceBy ?? policyDefaults.balanceBy;
  const policy: Policy = {
    ...policyDefaults,
    tolerance: defaultTolerance(balanceBy),
    ...given,
    pace: { ...policyDefaults.pace, ...withoutUndefined(given.pace ?? {}) },
  };
  const fault = policyFault(policy);
  if (fault === undefined) return policy;
  throw badField(fault.field, fault.found, fault.allowed);
}

/** Aliases that multiply beyond bounds are refused by the parser: only here, where they are followed. */
function valueOf(document: Document): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BadInputError(`the policy is not usable YAML: ${why}`, {
      field: 'file',
      found: why,
      allowed: 'a YAML document, its aliases few',
      cause,
    });
  }
}

function faultOf(issue: z.core.$ZodIssue | undefined, value: unknown): BadInputError {
  if (issue === undefined) return new BadInputError('the policy is not valid');
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    const known = path.length === 0 ? Object.keys(schema.shape).join(', ') : fieldsOf(path[0]);
    return badField(field, 'an unknown field', known);
  }
  const found = path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
    value,
  );
  const field = path.length === 0 ? 'file' : path.join('.');
  return badField(
    field,
    found ?? 'nothing',
    path.length === 0 ? 'a mapping of fields' : issue.message,
  );
}

/** The fields of a part of the policy, for whoever misspelt one. */
function fieldsOf(part: string | undefined): string {
  const parts: Record<string, string> = {
    instances: 'min, max',
    clientsPerInstance: 'upper, lower, target',
    pace: 'clientsPerWave, acceptPerSecond, partitionsPerWave',
  };
  return parts[part ?? ''] ?? '';
}

function badField(field: string, found: unknown, allowed: string): BadInputError {
  const shown = typeof found === 'string' ? found : JSON.stringify(found);
  return new BadInputError(`policy: ${field} is ${shown}, allowed is ${allowed}`, {
    field,
    found,
    allowed,
  });
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Optional fields that were not given are absent, so that defaults stand. */
function withoutUndefined<T extends Record<string, unknown>>(value: T): Given<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== undefined),
  ) as Given<T>;
}
