// Whatever is asked of the planner, as text or as values: it answers with a plan that tiles, or says in
// one sentence which field is wrong. EVENKEEL_FUZZ_RUNS=200000 tries so many inputs of each kind.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlanInput } from '../../src/cli/plan-input.js';
import { timedPlan } from '../../src/cli/plan.js';
import { PlanInputError } from '../../src/core/placement/check.js';
import { planDistribution } from '../../src/core/placement/plan.js';
import type { Plan, PlanInput } from '../../src/core/placement/types.js';
import { BadInputError } from '../../src/errors.js';

const numRuns = Number(process.env['EVENKEEL_FUZZ_RUNS'] ?? 1000);
const timeoutMs = 30_000 + numRuns * 10;

/** What JSON cannot write is written as text of its own: 1e999 is read as Infinity. */
const rawText = {
  huge: '1e999',
  tiny: '-1e-320',
  long: '1234567890123456789012345678901234567890',
};
const raw = (name: keyof typeof rawText): string => `@${name}@`;

function textOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /"@(huge|tiny|long)@"/g,
    (_, name: keyof typeof rawText) => rawText[name],
  );
}

/** Says "refused" or "planned"; anything else is a failure of the property. */
function judge(text: string): 'refused' | 'planned' {
  let input: PlanInput;
  let plan: Plan;
  try {
    input = parsePlanInput(text);
    plan = timedPlan(input).plan;
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    expect(error.field).toBeTruthy();
    expect(error.allowed).toBeTruthy();
    expect(error.message).toMatch(/^\S.{3,}/);
    return 'refused';
  }
  expectTiles(input, plan);
  return 'planned';
}

function expectTiles({ partitions, instances, budget }: PlanInput, plan: Plan): void {
  const owned = new Uint8Array(partitions);
  for (const [name, ranges] of Object.entries(plan.instances)) {
    // Only a budget lets somebody who leaves keep anything.
    expect(instances.includes(name) || budget !== undefined, name).toBe(true);
    for (const [from, to] of ranges) {
      for (let p = from; p <= to; p += 1) owned[p] = (owned[p] as number) + 1;
    }
  }
  expect(owned.every((times) => times === 1)).toBe(true);
  for (const number of [plan.moved.weight, plan.moved.lowerBound, plan.balance.maxOverMean]) {
    expect(Number.isFinite(number) && number >= 0).toBe(true);
  }
}

type Json = Record<string, unknown>;

/** A small input that is right. */
const valid: fc.Arbitrary<Json> = fc
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
const mutation: fc.Arbitrary<(input: Json) => Json> = fc.oneof(
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

describe('a fuzzed plan input', () => {
  it(
    'that is nearly right is planned so that it tiles, or refused by the name of a field',
    () => {
      const seen = { planned: 0, refused: 0 };
      fc.assert(
        fc.property(
          valid,
          fc.array(mutation, { minLength: 0, maxLength: 3 }),
          (input, mutations) => {
            const text = textOf(mutations.reduce((now, mutate) => mutate(now), input));
            seen[judge(text)] += 1;
          },
        ),
        { numRuns: 3 * numRuns },
      );
      // Both must happen often, or the inputs are not near the edge.
      expect(seen.planned).toBeGreaterThan(numRuns / 10);
      expect(seen.refused).toBeGreaterThan(numRuns / 10);
    },
    timeoutMs,
  );

  it(
    'of any JSON, or no JSON at all, is refused by name',
    () => {
      fc.assert(
        fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constant('')), (text) => {
          expect(judge(text)).toBe('refused');
        }),
        { numRuns },
      );
    },
    timeoutMs,
  );

  it(
    'of values, where numbers can also be none, is planned so that it tiles, or refused by name',
    () => {
      const number = fc.oneof(
        fc.constantFrom(NaN, Infinity, -Infinity, -1, -0, 0, 0.5, 1e-300, 5e-324, 1e15, 1e300),
        fc.double(),
      );
      const change: fc.Arbitrary<(input: Json) => Json> = fc
        .tuple(
          fc.constantFrom('partitions', 'tolerance', 'weights', 'capacity', 'budget', 'pace'),
          number,
          fc.nat({ max: 60 }),
        )
        .map(([field, odd, at]) => (input: Json) => {
          const instances = input['instances'] as string[];
          const partitions = input['partitions'] as number;
          if (field === 'weights') {
            const weights = Array.from({ length: Math.min(60, partitions) }, (_, p) => p % 4);
            weights[at % (weights.length + 1)] = odd;
            return { ...input, weights };
          }
          if (field === 'capacity') {
            return { ...input, capacity: { [instances[at % instances.length] as string]: odd } };
          }
          if (field === 'budget') return { ...input, budget: { clients: odd } };
          if (field === 'pace') return { ...input, pace: { acceptPerSecond: odd, gapMs: 1000 } };
          return { ...input, [field]: odd };
        });
      const inputs = fc
        .tuple(valid, fc.array(change, { minLength: 1, maxLength: 2 }))
        .map(
          ([input, changes]) =>
            changes.reduce((now, one) => one(now), input) as unknown as PlanInput,
        );
      let planned = 0;
      fc.assert(
        fc.property(inputs, (input) => {
          let plan: Plan;
          try {
            plan = planDistribution(input);
          } catch (error) {
            if (!(error instanceof PlanInputError)) throw error;
            expect(error.field).toBeTruthy();
            return;
          }
          planned += 1;
          expectTiles(input, plan);
        }),
        { numRuns: 3 * numRuns },
      );
      expect(planned).toBeGreaterThan(numRuns / 10);
    },
    timeoutMs,
  );

  const deep = 200_000;
  const absurd: readonly (readonly [string, string])[] = [
    ['nesting without end', '['.repeat(deep)],
    ['nesting of lists', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['nesting of objects', `${'{"current":'.repeat(deep)}1${'}'.repeat(deep)}`],
    [
      'nesting inside a field',
      `{"partitions":1,"instances":["0"],"current":{"0":${'['.repeat(deep)}${']'.repeat(deep)}}}`,
    ],
    ['a name of a million letters', `{"partitions":1,"instances":["${'x'.repeat(1e6)}"]}`],
    ['a number of a million digits', `{"partitions":${'9'.repeat(1e6)},"instances":["0"]}`],
    [
      'a hundred thousand instances',
      textOf({ partitions: 1, instances: Array.from({ length: 1e5 }, (_, i) => String(i)) }),
    ],
    [
      'ten thousand prototypes',
      `{"partitions":1,"instances":["0"],"current":{${'"__proto__":[[0,0]],'.repeat(10_000)}"0":[[0,0]]}}`,
    ],
  ];
  it.each(absurd)('of %s is refused by name', (_, text) => {
    expect(judge(text)).toBe('refused');
  });

  it('changes no prototype, whatever its keys are', () => {
    const text =
      '{"partitions":2,"instances":["0"],"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"budget":{"clients":5,"__proto__":{"polluted":1}}}';
    judge(text);
    expect(({} as Json)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
