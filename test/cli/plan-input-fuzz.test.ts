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
import { mutation, textOf, valid, type Json } from './fuzzed-plan-input.js';

const numRuns = Number(process.env['EVENKEEL_FUZZ_RUNS'] ?? 600);
const timeoutMs = 180_000 + numRuns * 60;

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
