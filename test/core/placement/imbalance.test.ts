// A plan that cannot keep its bounds says who is outside, by how much, why, and what would help; one that
// keeps them says nothing.
import { describe, expect, it } from 'vitest';
import { imbalanceSentences } from '../../../src/core/placement/imbalance-text.js';
import type { Imbalance } from '../../../src/core/placement/imbalance.js';
import { planDistribution } from '../../../src/core/placement/plan.js';
import type { PlanInput } from '../../../src/core/placement/types.js';
import { partitionsOf } from '../../../src/core/ranges.js';
import { tinyWorldOf, type TinyWorld } from './tiny-worlds.js';

const instances = ['m-0', 'm-1', 'm-2'];
const two: PlanInput['current'] = { 'm-0': [[0, 2]], 'm-1': [[3, 5]] };

function imbalanceOf(input: PlanInput): Imbalance {
  const { imbalance } = planDistribution(input);
  if (imbalance === undefined) throw new Error('the plan keeps its bounds');
  return imbalance;
}

describe('a plan names what keeps it from balance', () => {
  it('a partition that alone weighs more than an instance may have', () => {
    const weights = [100, 100, 100, 100, 900, 100];
    const imbalance = imbalanceOf({ partitions: 6, instances, current: two, weights });
    expect(imbalance.neededTolerance).toBe(0.929);
    expect(imbalance.outOfBounds).toMatchObject([
      {
        instance: 'm-1',
        side: 'above',
        weight: 900,
        reason: 'heavy-partition',
        heaviest: { partition: 4, weight: 900 },
      },
      { instance: 'm-2', side: 'below', weight: 200, reason: 'others-above' },
    ]);
    expect(imbalance.outOfBounds[0]?.limit).toBeCloseTo((1.1 * 1400) / 3);
    expect(imbalance.outOfBounds[1]?.limit).toBeCloseTo((0.9 * 1400) / 3);
  });

  it('pinned partitions', () => {
    const current: PlanInput['current'] = { 'm-0': [[0, 8]], 'm-1': [[9, 11]] };
    const imbalance = imbalanceOf({ partitions: 12, instances, current, pinned: [[0, 7]] });
    expect(imbalance.outOfBounds[0]).toMatchObject({
      instance: 'm-0',
      weight: 8,
      limit: 4,
      reason: 'pinned',
      pinned: 8,
    });
    expect(imbalance).not.toHaveProperty('neededTolerance');
    expect(imbalanceSentences(imbalance)).toContain('What would help: fewer pinned partitions.');
  });

  it('tolerance 0 with unequal weights, and the tolerance that would do', () => {
    const weights = [250, 167, 333, 200, 500, 250];
    const input = { partitions: 6, instances, current: two, weights };
    const imbalance = imbalanceOf({ ...input, tolerance: 0 });
    expect(imbalance.outOfBounds.map(({ reason }) => reason)).toEqual(['exact', 'exact']);
    // m-1 gives and keeps 500 of 567; the fullest has 617.
    expect(imbalance.neededTolerance).toBe(0.118);
    expect(planDistribution({ ...input, tolerance: 0.118 })).not.toHaveProperty('imbalance');
  });

  it('partitions so coarse that nothing more helps', () => {
    const imbalance = imbalanceOf({
      partitions: 5,
      instances,
      current: { 'm-0': [[0, 1]], 'm-1': [[2, 2]], 'm-2': [[3, 3]], 'm-3': [[4, 4]] },
      weights: [200, 333, 250, 250, 200],
      tolerance: 0.05,
    });
    expect(imbalance.outOfBounds.map(({ side, reason }) => [side, reason])).toEqual([
      ['above', 'whole-partitions'],
      ['above', 'whole-partitions'],
    ]);
    expect(imbalance.neededTolerance).toBe(0.095);
  });

  it('who gives and is brought below its limit, though nobody is above', () => {
    const imbalance = imbalanceOf({
      partitions: 2,
      instances: ['m-0', 'm-1'],
      current: { 'm-0': [[0, 0]], 'm-1': [[1, 1]] },
      weights: [500, 200],
      tolerance: 0.1,
      capacity: { 'm-1': 2 },
    });
    expect(imbalance.outOfBounds).toMatchObject([
      { instance: 'm-0', side: 'below', had: 500, weight: 200, reason: 'whole-partitions' },
    ]);
    expect(imbalance.outOfBounds[0]?.limit).toBeCloseTo((0.9 * 700) / 3);
    expect(imbalance.neededTolerance).toBe(0.143);
    expect(imbalanceSentences(imbalance)[0]).toMatch(
      /^m-0 had 500 and ends with 200, below its limit of 210 \(mean 233.3, tolerance 0.1\): /,
    );
  });

  it('nothing while rounds are left that bring it about', () => {
    const input: PlanInput = { partitions: 360, instances, current: { 'm-0': [[0, 359]] } };
    const plan = planDistribution({ ...input, budget: { clients: 100 } });
    expect(plan.roundsLeft).toBe(2);
    expect(plan).not.toHaveProperty('imbalance');
  });
});

/** Whether anybody has more than (1 + tolerance) × its mean; of equal weights in whole partitions. */
function isAnyAbove(world: TinyWorld, owned: ReturnType<typeof planDistribution>['instances']) {
  const { partitions, capacity = {}, tolerance } = world;
  const isUniform = world.weights === undefined || new Set(world.weights).size === 1;
  const weights = isUniform ? Array.from({ length: partitions }, () => 1) : (world.weights ?? []);
  const sizes = world.instances.map((name) => capacity[name] ?? 1);
  const size = sizes.reduce((a, b) => a + b, 0);
  const total = weights.reduce((a, b) => a + b, 0);
  return world.instances.some((name, i) => {
    const mean = (total * (sizes[i] as number)) / size;
    const most = mean * (1 + tolerance);
    const limit = isUniform ? Math.max(Math.floor(most + 1e-9), Math.ceil(mean - 1e-9)) : most;
    const slack = tolerance === 0 && !isUniform ? 0.001 * mean : 1e-9 * total;
    const has = [...partitionsOf(owned[name] ?? [])].reduce(
      (sum, p) => sum + (weights[p] as number),
      0,
    );
    return has > limit + slack;
  });
}

it('in 800 tiny worlds it is said exactly where somebody is above its limit', () => {
  let said = 0;
  for (let seed = 1; seed <= 800; seed += 1) {
    const world = tinyWorldOf(seed, { partitions: 8, instances: 4 });
    const { imbalance, instances: owned } = planDistribution(world);
    const above = imbalance?.outOfBounds.filter(({ side }) => side === 'above') ?? [];
    expect(above.length > 0, `seed ${seed}`).toBe(isAnyAbove(world, owned));
    if (imbalance === undefined) continue;
    said += 1;
    for (const sentence of imbalanceSentences(imbalance))
      expect(sentence).toMatch(/^[^ ].*[^ ]\.$/);
  }
  expect(said).toBeGreaterThan(100);
});
