// Worlds in which single exchanges end 2 to 8 % above the optimum: many are needed at once. What is
// allowed is the optimum that the mixed-integer program proved, and 1 %.
import { describe, expect, it } from 'vitest';
import { planDistribution } from '../../../../src/core/placement/plan.js';
import { worldOf } from '../worlds.js';

const worlds = [
  { seed: 17, partitions: 120, instances: 6, optimum: 11_266 },
  { seed: 40, partitions: 120, instances: 6, optimum: 9_570.1 },
  { seed: 14, partitions: 400, instances: 8, optimum: 13_842.2 },
  { seed: 30, partitions: 400, instances: 8, optimum: 14_687 },
];

describe('a plan where many exchanges are needed at once', () => {
  for (const { seed, partitions, instances, optimum } of worlds) {
    const { name, input } = worldOf(seed, { partitions, instances }, 'zipf');
    it(`is within 1 % of the optimum, and the same each time: ${name}`, () => {
      const plan = planDistribution(input);
      expect(plan.moved.weight).toBeLessThanOrEqual(1.01 * optimum);
      expect(planDistribution(input).instances).toEqual(plan.instances);
      const again = planDistribution({ ...input, current: plan.instances });
      expect(again.moved.partitions).toBe(0);
    });
  }
});
