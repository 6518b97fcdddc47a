// Walks of random scale events for the planner: a service grows and shrinks, the highest ordinal
// leaves first, and what its plans did is measured at every hundredth event. Owns no clock: the
// caller brings the seed, and the same seed is the same walk.
import { planDistribution } from '../../../src/core/placement/plan.js';
import { countOf, type Ranges } from '../../../src/core/ranges.js';
import { seeded } from '../../support/seeded.js';

export interface WalkInput {
  readonly seed: number;
  readonly events: number;
  readonly partitions: number;
  readonly tolerance: number;
  /** Fewest and most instances; the walk begins with the fewest. */
  readonly instances: readonly [fewest: number, most: number];
  /** Most instances that one event adds or removes. */
  readonly stepMax: number;
  readonly weights: 'equal' | 'log-normal' | 'zipf';
  /** A sample is taken at every so manieth event. */
  readonly sampleEvery: number;
}

export interface WalkSample {
  readonly event: number;
  readonly instances: number;
  readonly meanRanges: number;
  readonly maxRanges: number;
  readonly maxOverMean: number;
  readonly minOverMean: number;
}

export interface WalkResult {
  readonly moved: number;
  readonly bound: number;
  readonly samples: readonly WalkSample[];
}

/** Weights of P partitions, in an order that the seed shuffles. */
export function weightsOf(
  kind: WalkInput['weights'],
  partitions: number,
  seed: number,
): readonly number[] | undefined {
  if (kind === 'equal') return undefined;
  const source = seeded(seed);
  const random = (): number => source.next();
  if (kind === 'log-normal') {
    return Array.from({ length: partitions }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - random()));
      return 10 * Math.exp(radius * Math.cos(2 * Math.PI * random()));
    });
  }
  const weights = Array.from({ length: partitions }, (_, rank) => 10_000 / (rank + 1));
  for (let i = partitions - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [weights[i], weights[j]] = [weights[j] as number, weights[i] as number];
  }
  return weights;
}

/** Plays a walk from a first distribution on. */
export function walk(input: WalkInput): WalkResult {
  const { seed, events, partitions, tolerance, sampleEvery, stepMax } = input;
  const [fewest, most] = input.instances;
  const source = seeded(seed);
  const random = (): number => source.next();
  const weights = weightsOf(input.weights, partitions, seed);
  const names = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));
  const ask = { partitions, weights, tolerance };
  let n = fewest;
  let current: Readonly<Record<string, Ranges>> = planDistribution({
    ...ask,
    instances: names(n),
  }).instances;
  let [moved, bound] = [0, 0];
  const samples: WalkSample[] = [];
  for (let event = 1; event <= events; event += 1) {
    const step = 1 + Math.floor(random() * stepMax);
    const up = n + step > most ? false : n - step < fewest ? true : random() < 0.5;
    n = Math.max(fewest, Math.min(most, up ? n + step : n - step));
    const plan = planDistribution({ ...ask, instances: names(n), current });
    current = plan.instances;
    moved += plan.moved.weight;
    bound += plan.moved.lowerBound;
    if (Object.values(current).reduce((sum, own) => sum + countOf(own), 0) !== partitions) {
      throw new Error(`event ${event} of seed ${seed} does not own each partition once`);
    }
    if (event % sampleEvery !== 0) continue;
    samples.push({
      event,
      instances: n,
      meanRanges: plan.ranges.total / n,
      maxRanges: plan.ranges.maxPerInstance,
      ...plan.balance,
    });
  }
  return { moved, bound, samples };
}
