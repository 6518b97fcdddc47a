// `evenkeel plan`: files and standard input, JSON and text, and what it says about wrong input.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/placement/types.js';
import { main } from '../../src/cli/main.js';
import { timedPlan } from '../../src/cli/plan.js';
import { parsePlanInput, planInputMaxBytes, readPlanInput } from '../../src/cli/plan-input.js';
import { BadInputError } from '../../src/errors.js';

const grow = {
  partitions: 360,
  instances: ['0', '1', '2'],
  current: { '0': [[0, 179]], '1': [[180, 359]] },
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evenkeel-plan-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(input: unknown, ...argv: string[]) {
  const file = join(folder, 'input.json');
  await writeFile(file, typeof input === 'string' ? input : JSON.stringify(input));
  const written = { out: '', err: '' };
  const io = {
    out: (text: string) => void (written.out += text),
    err: (text: string) => void (written.err += text),
    env: {},
  };
  const code = await main(['plan', '--input', file, ...argv], io);
  return { code, ...written };
}

describe('evenkeel plan', () => {
  it('prints one JSON object in the form of the protocol', async () => {
    const { code, out, err } = await run(grow, '--json');
    expect(code).toBe(0);
    expect(err).toBe('');
    const { elapsedMs, ...plan } = JSON.parse(out) as { elapsedMs: number };
    expect(elapsedMs).toBeGreaterThan(0);
    expect(plan).toEqual({
      instances: {
        '0': [[0, 119]],
        '1': [[180, 299]],
        '2': [
          [120, 179],
          [300, 359],
        ],
      },
      moved: { partitions: 120, weight: 120, lowerBound: 120 },
      balance: { maxOverMean: 1, minOverMean: 1 },
      ranges: { total: 4, maxPerInstance: 2 },
      roundsLeft: 0,
      waves: [
        [
          { from: 120, to: 179, donor: '0', receiver: '2' },
          { from: 300, to: 359, donor: '1', receiver: '2' },
        ],
      ],
    });
  });

  it('prints a table and bars for people', async () => {
    const { code, out } = await run(grow);
    expect(code).toBe(0);
    expect(out).toContain('[120-179,300-359]');
    expect(out).toMatch(/planned in [\d.]+ ms\n$/);
  });

  it('says who ends above its limit, and why, in both', async () => {
    const heavy = { ...grow, weights: Array.from({ length: 360 }, (_, p) => (p === 7 ? 900 : 1)) };
    const { code, out } = await run(heavy);
    expect(code).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      '0 ends with 900, above its limit of 461.6 (mean 419.7, tolerance 0.1): partition 7 alone weighs 900.',
    );
    const { imbalance } = JSON.parse((await run(heavy, '--json')).out) as Plan;
    expect(imbalance?.outOfBounds[0]).toMatchObject({ instance: '0', reason: 'heavy-partition' });
    expect(JSON.parse((await run(grow, '--json')).out)).not.toHaveProperty('imbalance');
  });

  it('ignores fields that it does not know, and says so where a person reads it', async () => {
    const { code, out, err } = await run({ ...grow, tolerence: 0.2 }, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('moved.partitions', 120);
    expect(err).toBe('ignored, not a field of a plan: tolerence\n');
  });

  it('deals partitions that nobody owns when the input says so, and moves nobody for them', async () => {
    const lost = { ...grow, instances: ['1', '2'], current: { '1': [[180, 359]] } };
    const { code, out } = await run({ ...lost, unowned: [[0, 179]] }, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      instances: { '1': [[180, 359]], '2': [[0, 179]] },
      moved: { partitions: 0, weight: 0, lowerBound: 0 },
    });
    expect((await run({ ...lost, current: {} }, '--json')).code).toBe(0);
  });

  const wrong: readonly (readonly [string, string, unknown])[] = [
    ['text that is not JSON', 'input', '{"partitions":'],
    ['a list', 'input', []],
    ['no partitions', 'partitions', { instances: ['0'] }],
    ['half a partition', 'partitions', { ...grow, partitions: 1.5 }],
    ['instances that are numbers', 'instances[1]', { ...grow, instances: ['0', 1] }],
    ['a range of one number', 'current.1[0]', { ...grow, current: { '1': [[3]] } }],
    ['an end that is text', 'current.1[0][1]', { ...grow, current: { '1': [[180, 'x']] } }],
    ['an end out of range', 'current.1[0][1]', { ...grow, current: { '1': [[180, 360]] } }],
    ['an owner twice', 'current.1', { ...grow, current: { '0': [[0, 9]], '1': [[9, 9]] } }],
    ['a gap', 'current', { ...grow, current: { '0': [[0, 179]], '1': [[181, 359]] } }],
    [
      'a gap that is not all named',
      'current',
      { ...grow, current: { '0': [[9, 359]] }, unowned: [[0, 3]] },
    ],
    ['an owner of what is said to be unowned', 'unowned', { ...grow, unowned: [[0, 3]] }],
    [
      'an instance named twice',
      'input',
      '{"partitions":9,"instances":["0"],"current":{"0":[[0,3]],"\\u0030":[[4,8]]}}',
    ],
    ['a weight that is text', 'weights[1]', { ...grow, weights: [1, 'x'] }],
    ['too few weights', 'weights', { ...grow, weights: [1, 2] }],
    [
      'a name that JavaScript treats specially',
      'current',
      '{"partitions":2,"instances":["0"],"current":{"__proto__":[[0,1]]}}',
    ],
    ['a budget that is a number', 'budget', { ...grow, budget: 3 }],
  ];
  it.each(wrong)('exits 2 and names the field for %s', async (_, field, input) => {
    const { code, out, err } = await run(input, '--json');
    expect(code).toBe(2);
    expect(err).toBe('');
    const { error } = JSON.parse(out) as { error: Record<string, string> };
    expect(error['field']).toBe(field);
    expect(error['message']).toBeTruthy();
    expect(error['found']).toBeTruthy();
    expect(error['allowed']).toBeTruthy();
  });

  const worded: readonly (readonly [string, string, unknown])[] = [
    [
      'a number that JSON has not',
      'weights[1] is not JSON: NaN at line 2, column 14',
      '{"partitions":3,"instances":["0"],\n"weights":[1,NaN,1]}',
    ],
    [
      'a text that breaks off',
      'the input is not JSON: the end of the text at line 1, column 33, behind instances[0]',
      '{"partitions":3,"instances":["0"',
    ],
    [
      'too many partitions',
      'partitions must be a whole number from 1 to 1048576',
      { ...grow, partitions: 2_000_000 },
    ],
    [
      'no partitions',
      'partitions must be a whole number from 1 to 1048576',
      { ...grow, partitions: 0 },
    ],
    [
      'a partition below 0',
      'current.0[0][0] must be a partition from 0 to 1048575',
      { ...grow, current: { '0': [[-1, 4]] } },
    ],
    ['no instances', 'instances must be a list of 1 to 10000 names', { ...grow, instances: [] }],
    [
      'too many instances',
      'instances must be a list of 1 to 10000 names',
      { ...grow, instances: Array.from({ length: 10_001 }, (_, i) => `${i}`) },
    ],
    [
      'a pin on what nobody owns',
      'pinned must be partitions of instances that stay',
      { ...grow, current: { '0': [[1, 359]] }, unowned: [[0, 0]], pinned: [[0, 3]] },
    ],
    [
      'a tolerance that is text',
      'tolerance must be a number from 0 to below 1',
      { ...grow, tolerance: '0.1' },
    ],
    [
      'a budget that is text',
      'budget.clients must be a number above 0',
      { ...grow, budget: { clients: '50' } },
    ],
    [
      'a budget of ranges that is text',
      'maxRangesPerInstance must be a whole number from 1 to 1048576',
      { ...grow, maxRangesPerInstance: 'few' },
    ],
    [
      'a capacity that is text',
      'capacity.0 must be a number above 0',
      { ...grow, capacity: { '0': 'big' } },
    ],
  ];
  it.each(worded)('says in one sentence what is wrong with %s', async (_, message, input) => {
    const { code, out } = await run(input, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { message } });
  });

  it('says that a number is too large, for which JSON has no word, and that "12" is none', async () => {
    const text = await run({ ...grow, partitions: '12' }, '--json');
    expect(JSON.parse(text.out)).toMatchObject({ error: { found: '"12"' } });
    const huge = '{"partitions":9,"instances":["0"],"tolerance":1e999}';
    const { code, out } = await run(huge, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: {
        field: 'tolerance',
        found: 'a number that is too large',
        allowed: 'a number from 0 to below 1',
      },
    });
  });

  it('exits 2 when no input is named, or the file is not there', async () => {
    const written = { out: '', err: '' };
    const io = {
      out: (text: string) => void (written.out += text),
      err: (text: string) => void (written.err += text),
      env: {},
    };
    expect(await main(['plan'], io)).toBe(2);
    expect(written.err).toContain('plan needs --input FILE');
    expect(await main(['plan', '--input', join(folder, 'nowhere.json')], io)).toBe(2);
    expect(written.err).toContain('cannot read the input');
    expect(written.out).toBe('');
  });
});

describe('parsePlanInput and the planner', () => {
  it('refuse any nonsense with a named field, never with another error', () => {
    const field = fc.oneof(fc.jsonValue(), fc.integer({ min: -2, max: 8 }), fc.constant(undefined));
    const anything = fc.record({
      partitions: fc.oneof(fc.integer({ min: 1, max: 8 }), field),
      instances: fc.oneof(fc.constant(['0', '1']), field),
      current: fc.oneof(
        fc.dictionary(
          fc.constantFrom('0', '1', '7', ''),
          fc.array(fc.array(fc.integer({ min: -1, max: 8 }))),
        ),
        field,
      ),
      weights: fc.oneof(fc.constant(undefined), fc.array(fc.integer({ min: -1, max: 5 })), field),
      tolerance: field,
      maxRangesPerInstance: field,
      capacity: field,
      pinned: field,
      budget: field,
      pace: field,
    });
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), (input) => {
        try {
          timedPlan(parsePlanInput(JSON.stringify(input)));
        } catch (error) {
          expect(error).toBeInstanceOf(BadInputError);
          expect((error as BadInputError).field).toBeTruthy();
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('readPlanInput', () => {
  it('reads standard input for -', async () => {
    const stdin = Readable.from([
      Buffer.from('{"partitions":1,'),
      Buffer.from('"instances":["0"]}'),
    ]);
    expect(parsePlanInput(await readPlanInput('-', stdin))).toEqual({
      partitions: 1,
      instances: ['0'],
    });
  });

  it('stops reading at its limit', async () => {
    let chunks = 0;
    async function* endless() {
      for (;;) {
        chunks += 1;
        yield Buffer.alloc(1024 * 1024);
      }
    }
    await expect(readPlanInput('-', Readable.from(endless()))).rejects.toThrow(BadInputError);
    expect(chunks).toBeLessThan(planInputMaxBytes / (1024 * 1024) + 100);
  });
});
