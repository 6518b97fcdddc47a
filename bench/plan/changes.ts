// Owns: many random changes of one kind, planned by us alone: how far plans are from the bound, in the
// median and in the worst case. Compares nobody.
import { planDistribution } from '../../src/core/placement/plan.js';
import type { Ranges } from '../../src/core/ranges.js';
import { logNormalWeights, randomOf, zipfWeights, type Random } from '../random.js';
import type { BenchCase } from '../report.js';
import { median } from '../timing.js';
import { ratio } from './measures.js';
import { nameOf } from './owners.js';

export interface Changes {
  readonly weights: 'equal' | 'log-normal' | 'zipf';
  readonly tolerance: number;
  readonly changes: number;
  readonly partitions: number;
  readonly instancesMax: number;
  readonly seed: number;
}

/** Changes before the one that is measured, so that it starts from ranges as they are in life. */
const changesBeforeMax = 2;
/** Most instances that one change adds or removes, as a share of all. */
const stepShare = 0.25;

export function changesCase(of: Changes): BenchCase {
  const ratios: number[] = [];
  const times: number[] = [];
  let [worstOverMean, ranges, rangesMax, instances] = [0, 0, 0, 0];
  for (let k = 0; k < of.changes; k += 1) {
    const { plan, ms, count } = oneChange(of, randomOf(of.seed * 1_000_003 + k));
    ratios.push(ratio(plan.moved.weight, plan.moved.lowerBound));
    times.push(ms);
    worstOverMean = Math.max(worstOverMean, plan.balance.maxOverMean);
    rangesMax = Math.max(rangesMax, plan.ranges.maxPerInstance);
    ranges += plan.ranges.total;
    instances += count;
  }
  ratios.sort((a, b) => a - b);
  const { weights, ...params } = of;
  return {
    name: `changes, ${weights}`,
    params: { ...params, weights },
    ours: {
      ms: median(times),
      movedOverBound: median(ratios),
      p99OverBound: ratios[Math.ceil(0.99 * ratios.length) - 1],
      worstOverBound: ratios.at(-1),
      maxOverMean: worstOverMean,
      rangesPerInstance: ranges / instances,
      rangesMax,
    },
    peers: [],
  };
}

function oneChange(of: Changes, random: Random) {
  const { partitions, tolerance, instancesMax } = of;
  const weights = weightsOf(of, Math.floor(random() * 2 ** 32));
  const asked = { partitions, tolerance, ...(weights === undefined ? {} : { weights }) };
  const names = (n: number): string[] => Array.from({ length: n }, (_, i) => nameOf(i));
  let count = 2 + Math.floor(random() * (instancesMax - 1));
  let current: Readonly<Record<string, Ranges>> = planDistribution({
    ...asked,
    instances: names(count),
  }).instances;
  for (let left = Math.floor(random() * (changesBeforeMax + 1)); ; left -= 1) {
    const step = 1 + Math.floor(random() * stepShare * count);
    const wanted = random() < 0.5 ? count + step : count - step;
    count = wanted < 1 ? count + step : wanted > instancesMax ? Math.max(1, count - step) : wanted;
    const startedMs = performance.now();
    const plan = planDistribution({ ...asked, instances: names(count), current });
    const ms = performance.now() - startedMs;
    if (left === 0) return { plan, ms, count };
    current = plan.instances;
  }
}

function weightsOf({ weights, partitions }: Changes, seed: number): Float64Array | undefined {
  if (weights === 'equal') return undefined;
  return weights === 'zipf' ? zipfWeights(partitions, seed) : logNormalWeights(partitions, seed);
}
