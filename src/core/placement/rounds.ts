// What one round under a budget does, and how many follow. A round counts only if planning again from what
// it leaves has less left to do, so rounds end. Every round is planned from what is owned then,
// and nothing is remembered from one to the next; so the rounds that follow are counted by playing them with
// the same planner, up to a bound. Beyond it they are counted by weight.
import { countOf } from '../ranges.js';
import { boundsOf } from './bounds.js';
import { checkPlanInput, type Checked } from './check.js';
import { deal, isByCount, namedRanges, ownedAfter } from './deal.js';
import { limitRound, type Round } from './round.js';
import { choicesOf } from './round-choices.js';
import { situationOf, weightOf, type Dealing, type Situation } from './situation.js';
import type { PlanInput } from './types.js';

export interface Planned {
  readonly situation: Situation;
  readonly dealing: Dealing;
  readonly round: Round;
}

/** What is owned now, and what shall be done from there in all rounds together. */
interface State {
  readonly situation: Situation;
  readonly dealing: Dealing;
  /** Falls with every round, the first of them that differs; see {@link owedIn}. */
  readonly owed: readonly number[];
}

interface Step {
  readonly round: Round;
  readonly after: State;
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
/** So many rounds are played to count them, with up to so many partitions: each takes as long as a plan. */
const playedMax = 16;
const playedPartitionsMax = 128;
/** So many parts of a plan are looked at for a round that leaves less to do, of few partitions; of more, */
const choicesOfFewMax = 64;
const fewPartitionsMax = 64;
/** so many. */
const choicesOfManyMax = 4;

export function planRound(checked: Checked): Planned {
  const { input } = checked;
  const situation = situationOf(checked);
  const clients = input.budget?.clients;
  // Equal weights without a tolerance fill every round: limitRound counts them exactly.
  if (clients === undefined || isByCount(situation)) {
    const dealing = deal(situation);
    return { situation, dealing, round: limitRound(situation, dealing.dealt, clients) };
  }
  const state = stateOf(situation);
  const step = nextRound(input, state, clients);
  const { dealing } = state;
  if (step === undefined) {
    const round = { now: [], later: dealing.dealt, roundsLeft: 0 };
    return { situation: state.situation, dealing, round };
  }
  const most = input.partitions <= playedPartitionsMax ? playedMax : 0;
  const roundsLeft = roundsAfter(input, step.after, clients, most);
  return { situation: state.situation, dealing, round: { ...step.round, roundsLeft } };
}

/**
 * The best first round, unless planning again from what it leaves has no less to do, as in a circle: then
 * the first other part of the same plan that does. Undefined: no part of it does, and nothing is done.
 */
function nextRound(input: PlanInput, state: State, clients: number): Step | undefined {
  const { situation, dealing } = state;
  if (dealing.dealt.every(({ donor, receiver }) => donor === receiver)) return undefined;
  const areFew = situation.partitions <= fewPartitionsMax;
  let left = areFew ? choicesOfFewMax : choicesOfManyMax;
  for (const round of choicesOf(situation, dealing.dealt, clients)) {
    if (left === 0) return undefined;
    left -= 1;
    const { unowned: _, ...rest } = input;
    const current = namedRanges(situation, ownedAfter(situation, dealing, round));
    const after = stateOf(situationOf(checkPlanInput({ ...rest, current })));
    if (isLess(after.owed, state.owed)) return { round, after };
  }
  return undefined;
}

/** Played to their end; beyond `most` by weight. */
function roundsAfter(input: PlanInput, first: State, clients: number, most: number): number {
  let state = first;
  for (let rounds = 0; rounds < most; rounds += 1) {
    const step = nextRound(input, state, clients);
    if (step === undefined) return rounds;
    state = step.after;
  }
  const rest = limitRound(state.situation, state.dealing.dealt, clients);
  return most + (rest.now.length === 0 ? 0 : 1 + rest.roundsLeft);
}

/**
 * What one plan without a budget would do. Where that leaves somebody who owns something below its lower
 * bound, a round may just have begun to fill it, and nothing tells it from one that was below before: then
 * it counts as new, if that fills it and brings nobody higher.
 */
function stateOf(situation: Situation): State {
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

function isLess(owed: readonly number[], than: readonly number[]): boolean {
  for (const [rank, value] of owed.entries()) {
    const other = than[rank] as number;
    if (Math.abs(value - other) > epsilon * Math.max(1, other)) return value < other;
  }
  return false;
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
