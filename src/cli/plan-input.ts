// Reads what `plan --input` names: bounded bytes, JSON, and the shape of protocol.md §7. What the
// values mean together is checked by the planner. Never computes a plan.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import {
  instancesAllowed,
  instancesMax,
  partitionsMax,
  positiveAllowed,
  rangesAllowed,
  toleranceAllowed,
} from '../core/placement/check.js';
import type { PlanInput } from '../core/placement/types.js';
import { BadInputError } from '../errors.js';
import { firstRepeatedKey } from './json-keys.js';
import { firstNonJson } from './json-place.js';

/** A million weights of 17 digits are 19 MB, the ranges of a fragmented million as much again. */
export const planInputMaxBytes = 64 * 1024 * 1024;

/** Deeper in lists and objects no field of a plan is. */
const namedDepthMax = 8;
const jsonValue =
  'a JSON value: a number, text in double quotes, a list, an object, true, false or null';

const whole = (what: string, low: number, high: number): z.ZodNumber => {
  const error = `${what} from ${low} to ${high}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
};
const partition = whole('a partition', 0, partitionsMax - 1);
const range = z.tuple([partition, partition], { error: 'a range [from,to], both inclusive' });
const ranges = z
  .array(range, { error: 'a list of ranges [from,to]' })
  .max(partitionsMax, { error: `a list of at most ${partitionsMax} ranges` });
const number = (allowed: string): z.ZodNumber => z.number({ error: allowed });
const positive = number(positiveAllowed);

const shape = z.object(
  {
    partitions: whole('a whole number', 1, partitionsMax),
    instances: z
      .array(z.string({ error: 'an instance name (text)' }), { error: 'a list of instance names' })
      .max(instancesMax, { error: instancesAllowed }),
    current: z
      .record(z.string(), ranges, { error: 'an object of ranges by instance name' })
      .optional(),
    unowned: ranges.optional(),
    weights: z
      .array(number('a number of at least 0'), { error: 'a list of P numbers' })
      .max(partitionsMax, { error: `a list of at most ${partitionsMax} numbers` })
      .optional(),
    tolerance: number(toleranceAllowed).optional(),
    maxRangesPerInstance: number(rangesAllowed).optional(),
    capacity: z
      .record(z.string(), positive, { error: 'an object of numbers by instance name' })
      .optional(),
    pinned: ranges.optional(),
    budget: z.object({ clients: positive }, { error: 'an object {"clients":n}' }).optional(),
    pace: z
      .object(
        { acceptPerSecond: positive, gapMs: positive },
        { error: 'an object {"acceptPerSecond":n,"gapMs":n}' },
      )
      .optional(),
  },
  { error: 'one JSON object' },
);

/**
 * Parses the text of an input. @throws BadInputError naming the field, what was found and allowed.
 * `ignored` hears of fields that nobody here reads: the contract allows them, but a person may have
 * mistyped one.
 */
export function parsePlanInput(
  text: string,
  ignored: (fields: readonly string[]) => void = () => undefined,
): PlanInput {
  // Some editors begin a file with a mark of its encoding, which is no JSON.
  const json = parseJson(text.replace(/^\uFEFF/, ''));
  refuseProtoKeys(json);
  refuseRepeatedKeys(text);
  const parsed = shape.safeParse(json);
  if (parsed.success) {
    const unread = Object.keys(json as object).filter((field) => !(field in shape.shape));
    if (unread.length > 0) ignored(unread);
    return withoutSilentGaps(parsed.data);
  }
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const field = fieldName(path);
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], json);
  const allowed = issue?.message ?? 'the shape of protocol.md §7';
  throw new BadInputError(`${field} must be ${allowed}`, { field, found: asJson(found), allowed });
}

/** JSON has no word for a number that is too large to be one. */
function asJson(found: unknown): unknown {
  if (typeof found === 'string') return JSON.stringify(found); // "12" is no number
  if (typeof found !== 'number' || Number.isFinite(found)) return found ?? null;
  return found > 0 ? 'a number that is too large' : 'a number that is too far below 0';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadInputError(...notJson(text, cause));
  }
}

/** What JSON.parse says names no field, and a place only for some mistakes. */
function notJson(text: string, cause: unknown): ConstructorParameters<typeof BadInputError> {
  const place = firstNonJson(text);
  if (place === undefined) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const detail = { field: 'input', found: text.slice(0, 80), allowed: 'one JSON object', cause };
    return [`the input is not JSON: ${why}`, detail];
  }
  const { path, isValue, line, column } = place;
  const inside = path.length > 0 && path.length <= namedDepthMax ? fieldName(path) : undefined;
  const field = isValue ? inside : undefined;
  const found = place.found === '' ? 'the end of the text' : place.found.slice(0, 40);
  const near = field === undefined && inside !== undefined ? `, behind ${inside}` : '';
  const allowed = field === undefined ? 'one JSON object' : jsonValue;
  return [
    `${field ?? 'the input'} is not JSON: ${found} at line ${line}, column ${column}${near}`,
    { field: field ?? 'input', found, allowed, cause },
  ];
}

/** Reads a file, or standard input for `-`. @throws BadInputError when it cannot be read or is too big. */
export async function readPlanInput(
  file: string,
  stdin: Readable = process.stdin,
): Promise<string> {
  const stream = file === '-' ? stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const part = Buffer.from(chunk as Uint8Array);
      bytes += part.length;
      if (bytes > planInputMaxBytes) {
        throw new BadInputError(`the input is larger than ${planInputMaxBytes} bytes`, {
          field: 'input',
          found: `more than ${planInputMaxBytes} bytes`,
          allowed: `at most ${planInputMaxBytes} bytes`,
        });
      }
      chunks.push(part);
    }
  } catch (cause) {
    if (cause instanceof BadInputError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BadInputError(`cannot read the input: ${why}`, {
      field: 'input',
      found: file,
      allowed: 'a readable file, or - for standard input',
      cause,
    });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A file that says who owns what says it of every partition; an empty one says "nobody owns any". */
function withoutSilentGaps(input: PlanInput): PlanInput {
  const ownsSome = Object.keys(input.current ?? {}).length > 0;
  return ownsSome ? { ...input, unowned: input.unowned ?? [] } : input;
}

function refuseRepeatedKeys(text: string): void {
  const key = firstRepeatedKey(text);
  if (key === undefined) return;
  const named = JSON.stringify(key);
  throw new BadInputError(
    `the input names ${named} twice in one object; only the last would count`,
    {
      field: 'input',
      found: `${named} twice`,
      allowed: 'each instance and each field once',
    },
  );
}

/** `current.1[0][1]` */
function fieldName(path: readonly PropertyKey[]): string {
  const name = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('');
  return name === '' ? 'input' : name.replace(/^\./, '');
}

/** A key that JavaScript does not treat as a plain one would be dropped in silence. */
function refuseProtoKeys(json: unknown): void {
  if (typeof json !== 'object' || json === null) return;
  for (const field of ['current', 'capacity'] as const) {
    const value = (json as Record<string, unknown>)[field];
    if (typeof value !== 'object' || value === null) continue;
    if (!Object.hasOwn(value, '__proto__')) continue;
    throw new BadInputError(`${field} has a key that is no instance name`, {
      field,
      found: '__proto__',
      allowed: 'instance names',
    });
  }
}
