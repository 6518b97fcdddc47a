// Owns: from the text of a policy file to a policy: shape, defaults, and a sentence for whatever is
// wrong that names the field, what was found and what is allowed. Never writes anything.

import { parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import {
  completePolicy,
  policyFault,
  type Policy,
  type StoredPolicy,
} from '../core/scaling/policy.js';
import { shorten } from '../core/bytes.js';
import { BadInputError } from '../errors.js';
import { checkGiven } from '../given.js';
import { nearest } from './nearest.js';
import { fieldsAt } from './policy/json-schema.js';
import { policySchema } from './policy/schema.js';

/** Fifty windows of each kind take a tenth of it; a parser takes minutes for some megabytes. */
const policyMaxChars = 256 * 1024;
/** Of what was found, in a sentence. */
const foundShownChars = 200;

/** Parses YAML (or JSON) with defaults filled in. @throws BadInputError for the first thing wrong. */
export function parsePolicy(text: string): Policy {
  const isText = (found: unknown) => typeof found === 'string';
  const wanted = { allowed: 'the text of a policy, YAML or JSON', fits: isText };
  checkGiven('parsePolicy', { text }, { text: wanted });
  if (text.length > policyMaxChars) {
    throw new BadInputError(`the policy has ${text.length} characters`, {
      field: 'file',
      found: `${text.length} characters`,
      allowed: `at most ${policyMaxChars} characters`,
    });
  }
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
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) throw faultOf(parsed.error.issues, value);

  const policy = completePolicy(parsed.data as StoredPolicy);
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

/** A field that nobody knows first: what else is wrong may come from it. */
function faultOf(issues: readonly z.core.$ZodIssue[], value: unknown): BadInputError {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) return new BadInputError('the policy is not valid');
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    const known = fieldsAt(path);
    const meant = nearest(unknown, known);
    const allowed = meant === undefined ? '' : `${meant}, which is the nearest of `;
    return badField([...path, unknown].join('.'), 'an unknown field', allowed + known.join(', '));
  }
  const found = path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
    value,
  );
  const field = path.length === 0 ? 'file' : path.join('.');
  return badField(field, found ?? 'nothing', isMapping(issue) ? mappingOf(path) : issue.message);
}

const isMapping = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_type' && issue.expected === 'object';

const mappingOf = (path: readonly string[]): string =>
  path.length === 0 ? 'a mapping of fields' : `a mapping of ${fieldsAt(path).join(', ')}`;

/** A text that looks like a number is told from one, and a number that JSON has not is named. */
function shownOf(found: unknown): string {
  if (typeof found === 'number') return String(found);
  if (typeof found === 'string' && (found.trim() === '' || !Number.isNaN(Number(found)))) {
    return `the text ${JSON.stringify(found)}`;
  }
  return shorten(typeof found === 'string' ? found : JSON.stringify(found), foundShownChars);
}

function badField(field: string, found: unknown, allowed: string): BadInputError {
  const shown = shownOf(found);
  return new BadInputError(`policy: ${field} is ${shown}, allowed is ${allowed}`, {
    field,
    found: shown,
    allowed,
  });
}
