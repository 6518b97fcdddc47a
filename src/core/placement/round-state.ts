// What is owned between two rounds, and how much is still to be done from there: the measure by which a
// round counts. Chooses no round.
import { countOf } from '../ranges.js';
import { boundsOf } from './bounds.js';
import { deal } from './deal.js';
import { weightOf, type Dealing, type Situation } from './situation.js';

/** What is owned now, and what shall be done from there in all rounds together. */
export interface RoundState {
  readonly situation: Situation;
  readonly dealing: Dealing;
  /** Falls with every round, the first of them that differs; see {@link owedIn}. */
  readonly owed: readonly number[];
}

/** How far outside the bounds instances are when all rounds have been taken. */
interface End {
  /** The highest level that is above a bound; 0 when none is. */
  readonly peak: number;
  /** What is missing below bounds, in means. */
  readonly missing: number;
}

/** Levels are equal within this. */
const epsilon = 1e-9;

/**
 * What one plan without a budget would do. Where that leaves somebody who owns something below its lower
 * bound, a round may just have begun to fill it, and nothing tells it from one that was below before: then
 * it counts as new, if that fills it and brings nobody higher.
 */
export function stateOf(situation: Situation): RoundState {
  const dealing = deal(situation);
  const plain = { situation, dealing, owed: owedIn(situation, dealing) };
  if (situation.tolerance === 0) return plain;
  const end = endOf(situation, dealing);
  if (end.missing <= epsilon) return plain;
  const inRounds = { ...situation, inRounds: true };
  const filled = deal(inRounds);
  const then = endOf(situation, filled);
  const isBetter = then.missing < end.missing - epsilon && then.peak <= end.peak + epsilon;
  if (!isBetter) return plain;
  return { situation: inRounds, dealing: filled, owed: owedIn(situation, filled) };
}

/**
 * Partitions without an owner that stays; weight, then partitions, that are still to move; then the highest
 * level above a bound, all weight above bounds and all below. There are finitely many values of it.
 */
function owedIn(s: Situation, { dealt }: Dealing): readonly number[] {
  const { mean, upper, lower } = boundsOf(s);
  const over = upper.map((most, i) => Math.max(0, (s.weights[i] as number) - most));
  const moves = dealt.filter(({ donor, receiver }) => donor >= 0 && donor !== receiver);
  return [
    s.counts.slice(s.staying).reduce((a, b) => a + b, countOf(s.unowned)),
    moves.reduce((sum, { from, to }) => sum + s.load.of(from, to), 0),
    moves.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    over.reduce((most, one, i) => Math.max(most, one / Math.max(mean[i] as number, epsilon)), 0),
    over.reduce((a, b) => a + b, 0),
    lower.reduce((sum, least, i) => sum + Math.max(0, least - (s.weights[i] as number)), 0),
  ];
}

/** Whether less is still to be done. */
export function isLess(owed: readonly number[], than: readonly number[]): boolean {
  for (const [rank, value] of owed.entries()) {
    const other = than[rank] as number;
    if (Math.abs(value - other) > epsilon * Math.max(1, other)) return value < other;
  }
  return false;
}

/** Nobody is to be disconnected any more, and nothing is without an owner. */
export function isDone({ dealing }: RoundState): boolean {
  return dealing.dealt.every(({ donor, receiver }) => donor === receiver);
}

function endOf(s: Situation, dealing: Dealing): End {
  const { mean, upper, lower } = boundsOf(s);
  const after = dealing.kept.map((ranges) => weightOf(s.load, ranges));
  for (const { from, to, receiver } of dealing.dealt) {
    after[receiver] = (after[receiver] as number) + s.load.of(from, to);
  }
  let peak = 0;
  let missing = 0;
  for (const [i, share] of mean.entries()) {
    const weight = after[i] as number;
    if (share === 0) continue;
    if (weight > (upper[i] as number) * (1 + epsilon)) peak = Math.max(peak, weight / share);
    missing += Math.max(0, (lower[i] as number) - weight) / share;
  }
  return { peak, missing };
}
