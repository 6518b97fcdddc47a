// Owns: what is measured about every distribution, ours and the peers', by the same code and from
// nothing but the owners before and after. Never asks a planner about itself.
import type { Owners } from './owners.js';

/** A change of the number of instances, 0..n-1 before and after, and what a balanced answer is. */
export interface Change {
  readonly partitions: number;
  readonly instancesBefore: number;
  readonly instancesAfter: number;
  /** One each when absent. */
  readonly weights?: Float64Array | undefined;
  readonly tolerance: number;
}

export interface Balance {
  readonly maxOverMean: number;
  readonly minOverMean: number;
  /** Mean over the instances. */
  readonly rangesPerInstance: number;
  readonly rangesMax: number;
}

/** Weight that has another owner than before. Partitions nobody owned are not moved. */
export function movedWeight(before: Owners, after: Owners, weights?: Float64Array): number {
  let moved = 0;
  for (let p = 0; p < after.length; p += 1) {
    const owner = before[p] as number;
    if (owner >= 0 && owner !== after[p]) moved += weights?.[p] ?? 1;
  }
  return moved;
}

export function balanceOf(owners: Owners, instances: number, weights?: Float64Array): Balance {
  const load = loads(owners, instances, weights);
  const ranges = new Float64Array(instances);
  owners.forEach((owner, p) => {
    if (p === 0 || owners[p - 1] !== owner) ranges[owner] = (ranges[owner] ?? 0) + 1;
  });
  const mean = sum(load) / instances;
  return {
    maxOverMean: largest(load) / mean,
    minOverMean: load.reduce((a, b) => Math.min(a, b), Infinity) / mean,
    rangesPerInstance: sum(ranges) / instances,
    rangesMax: largest(ranges),
  };
}

/**
 * Weight that every balanced answer must move. By count (equal weights, tolerance 0) it is the
 * minimum: whoever has most keeps the larger share, and everything beyond the shares moves.
 * Otherwise: whoever is above (1 + tolerance) × mean, or leaves, loses the difference; and an
 * instance that had nothing ends with at least (1 - tolerance) × mean, all of it moved. The larger
 * of the two; no answer within the tolerance moves less.
 */
export function boundOf(change: Change, before: Owners): number {
  const { instancesBefore, instancesAfter, weights, tolerance } = change;
  const all = Math.max(instancesBefore, instancesAfter);
  const load = loads(before, all, weights);
  const staying = [...load.subarray(0, instancesAfter)];
  const leaving = sum(load.subarray(instancesAfter));
  const total = sum(load);
  if (weights === undefined && tolerance === 0) {
    const share = Math.floor(change.partitions / instancesAfter);
    const larger = change.partitions % instancesAfter;
    const most = staying.sort((a, b) => b - a);
    return leaving + sum(most.map((n, i) => Math.max(0, n - share - (i < larger ? 1 : 0))));
  }
  const whole = weights === undefined ? Math.ceil : (x: number) => x;
  const mean = total / instancesAfter;
  const [upper, lower] = [mean * (1 + tolerance), mean * (1 - tolerance)];
  const lost = sum(staying.map((weight) => whole(Math.max(0, weight - upper - rounding * mean))));
  const gained = sum(staying.map((weight) => (weight === 0 ? whole(lower - rounding * mean) : 0)));
  return Math.max(leaving + lost, gained);
}

/** Sums of doubles in another order differ by less. */
const rounding = 1e-9;

/** 1 where nothing had to move and nothing did. */
export function ratio(moved: number, bound: number): number {
  return bound === 0 ? (moved === 0 ? 1 : Infinity) : moved / bound;
}

function loads(owners: Owners, instances: number, weights?: Float64Array): Float64Array {
  const load = new Float64Array(instances);
  owners.forEach((owner, p) => {
    if (owner >= 0) load[owner] = (load[owner] ?? 0) + (weights?.[p] ?? 1);
  });
  return load;
}

function sum(numbers: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < numbers.length; i += 1) total += numbers[i] as number;
  return total;
}

function largest(numbers: Float64Array): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}
