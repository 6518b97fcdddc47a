// Golden texts of a distribution and a plan.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBar, formatDistribution, formatPlan } from '../../../src/core/placement/format.js';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { Ranges } from '../../../src/core/ranges.js';

const current = { 'messaging-0': [[0, 179]], 'messaging-1': [[180, 359]] } as const;
const grow = {
  partitions: 360,
  instances: ['messaging-0', 'messaging-1', 'messaging-2'],
  current,
};

describe('formatDistribution', () => {
  it('prints a table and a bar', () => {
    const { instances } = planDistribution(grow);
    expect(formatDistribution({ partitions: 360, instances }, 60)).toMatchInlineSnapshot(`
      "  instance     partitions    share  ranges
      0 messaging-0         120   33.3 %  [0-119]
      1 messaging-1         120   33.3 %  [180-299]
      2 messaging-2         120   33.3 %  [120-179,300-359]

      000000000000000000002222222222111111111111111111112222222222
      0                                                        359"
    `);
  });

  it('shows what nobody owns, and an instance that owns nothing', () => {
    const instances = { a: [[0, 4]], b: [] } as const;
    expect(formatDistribution({ partitions: 10, instances })).toMatchInlineSnapshot(`
      "  instance  partitions    share  ranges
      0 a                  5   50.0 %  [0-4]
      1 b                  0    0.0 %  []

      00000.....
      0        9"
    `);
  });

  it('cuts a long list of ranges and says how many more there are', () => {
    const many: Ranges = Array.from({ length: 500 }, (_, i) => [3 * i, 3 * i] as const);
    const text = formatDistribution({ partitions: 1500, instances: { '0': many } });
    expect(text).toMatchInlineSnapshot(`
      "  instance  partitions    share  ranges
      0 0                500   33.3 %  [0,3,6,9,12,15,18,21,24,27,30,33,36,… 487 more]

      ................................................................................
      0                                                                           1499"
    `);
  });

  it('is never wider than 80 columns', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,60}-[0-9]{1,9}$/), { minLength: 1 });
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 1_000_000 }), (instances, partitions) => {
        const plan = planDistribution({ partitions, instances });
        const again = planDistribution({
          partitions,
          instances: instances.slice(0, 1),
          current: plan.instances,
        });
        const texts = [
          formatDistribution({ partitions, instances: plan.instances }),
          formatPlan(again, { partitions, current: plan.instances }),
        ];
        for (const line of texts.join('\n').split('\n')) {
          expect(line.length).toBeLessThanOrEqual(80);
        }
      }),
    );
  });
});

describe('formatBar', () => {
  it('gives each column to who owns most of its partitions', () => {
    expect(formatBar({ partitions: 12, instances: { '0': [[0, 6]], '1': [[7, 11]] } }, 4)).toBe(
      '0011',
    );
  });

  it('has one column a partition when there are fewer of them than columns', () => {
    const instances = {
      'm-3': [[0, 1]],
      'm-11': [
        [2, 2],
        [4, 4],
      ],
    } as const;
    expect(formatBar({ partitions: 5, instances })).toBe('33b.b');
  });
});

describe('formatPlan', () => {
  it('prints what it moves, what that proves, and the waves', () => {
    expect(formatPlan(planDistribution(grow), grow)).toMatchInlineSnapshot(`
      "before 0000000000000000000000000000000000000111111111111111111111111111111111111
      after  0000000000000000000000002222222222222111111111111111111111111222222222222
             0                                                                     359

        instance     partitions    share  ranges
      0 messaging-0         120   33.3 %  [0-119]
      1 messaging-1         120   33.3 %  [180-299]
      2 messaging-2         120   33.3 %  [120-179,300-359]

      moved    120 partitions, weight 120; at least 120 within the same limits
      balance  heaviest 1.000 × mean, lightest 1.000 × mean
      ranges   4, at most 2 on one instance
      waves    1
          1    messaging-0 → messaging-2 [120-179]
               messaging-1 → messaging-2 [300-359]"
    `);
  });

  it('with weights shows their shares, what is allowed, and why somebody has more', () => {
    const input = {
      partitions: 6,
      instances: ['messaging-0', 'messaging-1', 'messaging-2'],
      current: { 'messaging-0': [[0, 2]], 'messaging-1': [[3, 5]] },
      weights: [100, 100, 100, 100, 900, 100],
    } as const;
    expect(formatPlan(planDistribution(input), input)).toMatchInlineSnapshot(`
      "before 000111
      after  000212
             0    5

        instance     partitions      weight    share    limit  ranges
      0 messaging-0           3         300   21.4 %   36.7 %  [0-2]
      1 messaging-1           1         900   64.3 %   36.7 %  [4]
      2 messaging-2           2         200   14.3 %   36.7 %  [3,5]

      moved    2 partitions, weight 200; at least 200 within the same limits
      balance  heaviest 1.929 × mean, lightest 0.429 × mean
      uneven   messaging-1 ends with 900, above its limit of 513.3 (mean 466.7,
               tolerance 0.1): partition 4 alone weighs 900.
               messaging-2 is new and ends with 200, and shall reach 420 (mean 466.7,
               tolerance 0.1): what others have too much of cannot be moved there.
               What would help: a tolerance of 0.929 instead of 0.1; or fewer
               instances or a larger capacity for messaging-1, so that its mean is
               higher; or fewer clients on partition 4.
      ranges   4, at most 2 on one instance
      waves    1
          1    messaging-1 → messaging-2 [3] · messaging-1 → messaging-2 [5]"
    `);
  });

  it('shows the limit of each capacity, in 80 columns whatever the names', () => {
    const long = 'a-very-long-service-name-in-a-namespace';
    const input = {
      partitions: 360,
      instances: [`${long}-0`, `${long}-1`],
      weights: Array.from({ length: 360 }, (_, p) => 1e9 + (p % 7)),
      capacity: { [`${long}-1`]: 2 },
    };
    const table = formatPlan(planDistribution(input), input).split('\n').slice(4, 7);
    expect(table.map((line) => line.slice(0, 68))).toEqual([
      '  instance              partitions      weight    share    limit  ra',
      '0 a-very-long-service…         120   1.200e+11   33.3 %   36.7 %  [0',
      '1 a-very-long-service…         240   2.400e+11   66.7 %   73.3 %  [1',
    ]);
  });

  it('says how many rounds a budget leaves', () => {
    const plan = planDistribution({ ...grow, budget: { clients: 40 } });
    expect(formatPlan(plan, grow)).toContain('waves    1, and 2 more rounds after this one');
  });
});
