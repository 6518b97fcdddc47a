// Less movement by annealing: partitions go or change places at random, steps that move more or leave
// somebody outside its bounds are taken too, as long as they cost less than a threshold that falls to
// nearly nothing (threshold accepting, Dueck and Scheuer 1990). For what needs many exchanges at once, each
// of which alone is none. The random numbers are from a fixed seed and the steps are counted, so the same
// assignment has the same answer, whatever the machine.
import { transfer, type OwnerTable } from './owner-table.js';

/** More partitions or instances than this the steps there are do not stir. */
const annealedPartitionsMax = 1_024;
const annealedInstancesMax = 32;
/** Steps of one run: at most some 8 ms on one core of a server. */
const stepsPerPartition = 500;
const stepsMax = 200_000;
/** What a step takes. */
const comparisonsPerStep = 4;
/** The threshold at the end, in means. */
const cold = 3e-5;

export interface Run {
  /** The threshold at the beginning, in means: the higher, the less is left of where it starts. */
  readonly heat: number;
  /** What a unit of weight outside of the bounds costs, in units of weight moved. */
  readonly penalty: number;
  /** Not 0. */
  readonly seed: number;
}

export interface Goal {
  /** Only what moves less than this is an answer, */
  readonly below: number;
  /** and what moves no more than this is good enough. */
  readonly target: number;
}

/** Changes the assignment to one between low and high that meets the goal; whether it found one. */
export function anneal(a: OwnerTable, { heat, penalty, seed }: Run, goal: Goal): boolean {
  const { low, high, epsilon } = a;
  const items = a.held.flat().sort((p, q) => p - q);
  const [count, n] = [items.length, a.weight.length];
  if (count < 2 || n < 2 || count > annealedPartitionsMax || n > annealedInstancesMax) return false;
  const weight = Float64Array.from(items, a.weightAt);
  const home = Int32Array.from(items, (p) =>
    (a.home[p] as number) < n ? (a.home[p] as number) : -1,
  );
  const owner = Int32Array.from(items, (p) => a.owner[p] as number);
  const load = Float64Array.from(a.weight);
  const outside = (i: number, now: number): number =>
    Math.max(0, now - (high[i] as number)) + Math.max(0, (low[i] as number) - now);
  const random = xorshift(seed);
  let moved = a.moved;
  let beyond = load.reduce((sum, now, i) => sum + outside(i, now), 0);
  let best: Int32Array | undefined;
  let bestMoved = goal.below;

  const mean = weight.reduce((x, y) => x + y, 0) / n;
  const steps = Math.min(stepsMax, stepsPerPartition * count);
  let threshold = heat * mean;
  const fall = (cold / heat) ** (1 / steps);
  let stepped = 0;
  for (; stepped < steps && bestMoved > goal.target; stepped += 1, threshold *= fall) {
    const p = random() % count;
    const [i, one, by] = [owner[p] as number, weight[p] as number, home[p] as number];
    // Half of the time for another partition, and often home.
    const kind = random() & 3;
    const q = kind < 2 ? random() % count : -1;
    const j = q >= 0 ? (owner[q] as number) : kind === 2 && by >= 0 ? by : random() % n;
    if (i === j) continue;
    const other = q >= 0 ? (weight[q] as number) : 0;
    let more = by === i ? one : by === j ? -one : 0;
    if (q >= 0) more += home[q] === j ? other : home[q] === i ? -other : 0;
    const [here, there] = [load[i] as number, load[j] as number];
    const [hereThen, thereThen] = [here - one + other, there + one - other];
    const farther =
      outside(i, hereThen) + outside(j, thereThen) - outside(i, here) - outside(j, there);
    if (more + penalty * farther > threshold) continue;
    owner[p] = j;
    if (q >= 0) owner[q] = i;
    load[i] = hereThen;
    load[j] = thereThen;
    moved += more;
    beyond += farther;
    if (moved >= bestMoved - epsilon || beyond > epsilon) continue;
    if (load.some((now, k) => outside(k, now) > epsilon)) continue;
    [best, bestMoved] = [owner.slice(), moved];
  }
  a.effort.comparisons += comparisonsPerStep * stepped;
  if (best === undefined) return false;
  for (const [at, p] of items.entries()) {
    const to = best[at] as number;
    if (to !== a.owner[p]) transfer(a, [p, to]);
  }
  return true;
}

/** Marsaglia 2003: whole numbers from 0 below 2 to the 32nd. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
