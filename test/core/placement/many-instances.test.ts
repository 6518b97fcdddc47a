// So many ranges that windows nobody may give are set aside: the plan must be as good as in small worlds.
import { expect, test } from 'vitest';
import { planDistribution } from '../../../src/core/placement/plan.js';
import { logNormalWeights } from '../../../bench/random.js';

const partitions = 450_000;
const instances = 4_500;
const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `messaging-${i}`);

test.each([
  // A new instance needs five donors, neighbours share a window, and each window cuts one range.
  { what: 'equal weights', weights: undefined, more: 40, rangesMore: 6 * 40 },
  // Heavy partitions among few are exchanged one by one, which breaks up ranges.
  {
    what: 'log-normal weights',
    weights: logNormalWeights(partitions, 6),
    more: 5,
    rangesMore: 900,
  },
])('$what, $more instances more: balanced and near the bound', ({ weights, more, rangesMore }) => {
  const asked = { partitions, weights, tolerance: 0.1 };
  const { instances: current, ranges } = planDistribution({
    ...asked,
    instances: names(instances),
  });
  const plan = planDistribution({ ...asked, instances: names(instances + more), current });
  expect(plan.balance.maxOverMean).toBeLessThanOrEqual(1.1 + 1e-9);
  expect(plan.balance.minOverMean).toBeGreaterThanOrEqual(0.9 - 1e-9);
  expect(plan.moved.weight / plan.moved.lowerBound).toBeLessThan(1.02);
  expect(plan.ranges.total - ranges.total).toBeLessThanOrEqual(rangesMore);
});
