// The certificate in worlds of fractional weights, where sums that are equal on paper are not in doubles.
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { PlanInput } from '../../../src/core/placement/types.js';
import { fromPartitions } from '../../../src/core/ranges.js';
import { seeded, type Seeded } from '../../support/seeded.js';

const worlds = 3_000;

function fractionalWorld(random: Seeded): PlanInput {
  const partitions = 1 + random.below(7);
  const owners = 1 + random.below(4);
  const staying = 1 + random.below(3);
  const held = Array.from({ length: owners }, (): number[] => []);
  for (let p = 0; p < partitions; p += 1) held[random.below(owners)]?.push(p);
  const isFirst = random.below(5) === 0;
  return {
    partitions,
    instances: Array.from({ length: staying }, (_, i) => String(i)),
    weights: Array.from({ length: partitions }, () => Math.round(random.next() ** 3 * 5e4) / 100),
    tolerance: [0, 0.05, 0.1, 0.3][random.below(4)] ?? 0,
    ...(random.below(3) === 0
      ? { capacity: { '0': Math.round(1e4 * (0.4 + random.next())) / 1e4 } }
      : {}),
    ...(isFirst
      ? {}
      : {
          current: Object.fromEntries(
            held.flatMap((own, i) =>
              own.length > 0 ? [[String(i + (i > 1 ? 7 : 0)), fromPartitions(own)]] : [],
            ),
          ),
        }),
  };
}

describe('the lower bound', () => {
  it.each<PlanInput>([
    {
      partitions: 3,
      instances: ['0', '1'],
      weights: [2.7, 1, 2.4],
      tolerance: 0.1,
      current: { '0': [[0, 0]], '9': [[1, 2]] },
    },
    {
      partitions: 5,
      instances: ['0', '1'],
      weights: [9.08, 425.37, 20.4, 433.28, 4.82],
      tolerance: 0.3,
      capacity: { '1': 2.4555 },
    },
  ])('does not take two arrivals that fit exactly for two that do not (%#)', (input) => {
    const { moved } = planDistribution(input);
    expect(moved.lowerBound).toBeLessThanOrEqual(moved.weight);
  });

  it('is never above what the plan itself moves', () => {
    const random = seeded(1);
    for (let i = 0; i < worlds; i += 1) {
      const input = fractionalWorld(random);
      const { moved } = planDistribution(input);
      expect(moved.lowerBound, JSON.stringify(input)).toBeLessThanOrEqual(moved.weight);
    }
  });
});
