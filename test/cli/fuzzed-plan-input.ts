// Plan inputs that are right, nearly right and absurd, as fast-check makes them. Judges nothing.
import fc from 'fast-check';

/** What JSON cannot write is written as text of its own: 1e999 is read as Infinity. */
const rawText = {
  huge: '1e999',
  tiny: '-1e-320',
  long: '1234567890123456789012345678901234567890',
};
const raw = (name: keyof typeof rawText): string => `@${name}@`;

/** JSON, with the numbers that it has no form for. */
export function textOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /"@(huge|tiny|long)@"/g,
    (_, name: keyof typeof rawText) => rawText[name],
  );
}

export type Json = Record<string, unknown>;

/** A small input that is right. */
export const valid: fc.Arbitrary<Json> = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    instances: fc.uniqueArray(fc.nat({ max: 7 }), { minLength: 1, maxLength: 5 }),
    weighted: fc.boolean(),
    tolerance: fc.constantFrom(undefined, 0, 0.1, 0.999),
    rest: fc.record(
      {
        maxRangesPerInstance: fc.integer({ min: 1, max: 9 }),
        budget: fc.record({ clients: fc.double({ min: 0.1, max: 99, noNaN: true }) }),
        pace: fc.constant({ acceptPerSecond: 100, gapMs: 1000 }),
        capacity: fc.constant({}),
        pinned: fc.constant([]),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ lengths, instances, weighted, tolerance, rest }) => {
    const partitions = lengths.reduce((a, b) => a + b, 0);
    const current: Record<string, [number, number][]> = {};
    let from = 0;
    lengths.forEach((length, i) => {
      current[i] = [[from, from + length - 1]];
      from += length;
    });
    const weights = Array.from({ length: partitions }, (_, p) => (p * 7) % 5);
    return {
      partitions,
      instances: instances.map(String),
      current,
      ...(weighted ? { weights } : {}),
      ...(tolerance === undefined ? {} : { tolerance }),
      ...rest,
    };
  });

const oddNumber = fc.constantFrom<unknown>(
  -1,
  0,
  -0,
  0.5,
  1,
  1.5,
  2 ** 20,
  2 ** 20 + 1,
  2 ** 31,
  Number.MAX_SAFE_INTEGER,
  1e300,
  5e-324,
  raw('huge'),
  raw('tiny'),
  raw('long'),
);
const oddName = fc.constantFrom(
  '',
  '0',
  'unknown-9',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  ' ',
  '-',
  '0\u0000',
  'ä',
  'x'.repeat(300),
);
const oddRange = fc.oneof(
  fc.tuple(oddNumber, oddNumber),
  fc.constantFrom<unknown>([], [1], [2, 1], [0, 0, 0], null, '0-1', { from: 0, to: 1 }),
  fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 60 })),
);
const oddValue = fc.oneof(
  oddNumber,
  oddName,
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, true, [], {}, [[]], [null], 'NaN'),
);
const fields = [
  'partitions',
  'instances',
  'current',
  'weights',
  'tolerance',
  'maxRangesPerInstance',
  'capacity',
  'pinned',
  'budget',
  'pace',
];

/** Own properties even where the key is `__proto__`, as JSON.parse makes them. */
function withKey(value: unknown, key: string, entry: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value ?? {}));
  if (typeof copy !== 'object' || copy === null) return value;
  Object.defineProperty(copy, key, {
    value: entry,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

const objectAt = (input: Json, field: string): unknown => input[field] ?? {};
const listAt = (input: Json, field: string): unknown[] =>
  Array.isArray(input[field]) ? (input[field] as unknown[]) : [];

/** One thing made wrong, or just different. */
export const mutation: fc.Arbitrary<(input: Json) => Json> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...fields), oddValue)
    .map(([field, value]) => (input: Json) => ({ ...input, [field]: value })),
  fc.constantFrom(...fields).map((field) => (input: Json) => {
    const { [field]: _, ...rest } = input;
    return rest;
  }),
  fc
    .tuple(fc.constantFrom('current', 'capacity', 'budget', 'pace'), oddName, oddValue)
    .map(([field, key, value]) => (input: Json) => ({
      ...input,
      [field]: withKey(objectAt(input, field), key, value),
    })),
  fc
    .tuple(fc.constantFrom('0', '1', '9', '__proto__'), fc.array(oddRange, { maxLength: 3 }))
    .map(([name, ranges]) => (input: Json) => ({
      ...input,
      current: withKey(objectAt(input, 'current'), name, ranges),
    })),
  fc.array(oddRange, { maxLength: 4 }).map((pinned) => (input: Json) => ({ ...input, pinned })),
  fc
    .tuple(fc.constantFrom('0', '1', '9', 'constructor'), oddNumber)
    .map(([name, size]) => (input: Json) => ({
      ...input,
      capacity: withKey(objectAt(input, 'capacity'), name, size),
    })),
  fc.tuple(fc.nat({ max: 60 }), oddValue).map(([at, weight]) => (input: Json) => {
    const weights = [...listAt(input, 'weights')];
    weights[at % (weights.length + 1)] = weight;
    return { ...input, weights };
  }),
  fc.oneof(oddName, oddValue).map((name) => (input: Json) => ({
    ...input,
    instances: [...listAt(input, 'instances'), name],
  })),
  fc.constant((input: Json) => ({
    ...input,
    instances: [...listAt(input, 'instances'), ...listAt(input, 'instances')],
  })),
  fc.tuple(fc.constantFrom('__proto__', 'constructor', 'prototype'), oddValue).map(
    ([key, value]) =>
      (input: Json) =>
        withKey(input, key, value) as Json,
  ),
);
