// Which round is next under a budget, and how many follow: a round counts only if planning again from
// what it leaves has less left to do. So rounds end. Every round is planned from what is owned then;
// nothing is remembered from one to the next. Of many partitions that would take too long: the best
// first round is taken as it comes there.
import { countOf } from '../ranges.js';
import { boundsOf } from './bounds.js';
import { checkPlanInput } from './check.js';
import { deal, isByCount, namedRanges, ownedAfter } from './deal.js';
import { limitRound, type Round } from './round.js';
import { situationOf, weightOf, type Dealing, type Dealt, type Situation } from './situation.js';
import type { PlanInput } from './types.js';

interface Planned {
  readonly situation: Situation;
  readonly dealing: Dealing;
  readonly round: Round;
}

type Way = Pick<Planned, 'situation' | 'dealing'>;

/** What is owned now, and what is left to do from there. */
interface State extends Way {
  /** Falls with every round, the first of them that differs; see {@link owedIn}. */
  readonly owed: readonly number[];
  /** The highest level that all rounds together shall leave. */
  readonly goal: number;
}

interface Step {
  readonly way: Way;
  readonly round: Round;
  readonly after: State;
}

/** Levels and weights are equal within this. */
const epsilon = 1e-9;
/** Looked at for one round. */
const choicesMax = 64;
/** Of more partitions a round is planned once, and those that follow are counted by weight. */
const playedPartitionsMax = 64;

function isSmall({ partitions }: Situation): boolean {
  return partitions <= playedPartitionsMax;
}

export function planRound(input: PlanInput): Planned {
  const clients = input.budget?.clients;
  const situation = situationOf(checkPlanInput(input));
  if (clients === undefined || isByCount(situation) || !isSmall(situation)) {
    const dealing = deal(situation);
    return { situation, dealing, round: limitRound(situation, dealing.dealt, clients) };
  }
  const state = stateOf(input);
  const step = nextRound(input, state, clients);
  if (step === undefined) {
    const nothing = { now: [], later: state.dealing.dealt, roundsLeft: 0 };
    return { situation: state.situation, dealing: state.dealing, round: nothing };
  }
  const roundsLeft = roundsAfter(input, step, clients);
  return { ...step.way, round: { ...step.round, roundsLeft } };
}

/**
 * What one plan without a budget would do; where that is nothing, an instance that a round only began
 * to fill is filled up.
 */
function stateOf(input: PlanInput): State {
  const { budget, ...atOnce } = input;
  const situation = situationOf(checkPlanInput(atOnce));
  const dealing = deal(situation);
  const owed = owedIn(situation, dealing);
  const state = { situation, dealing, owed, goal: goalOf(situation, dealing) };
  if (budget === undefined || !isNothing(dealing)) return state;
  const inRounds = { ...situation, inRounds: true };
  const filling = deal(inRounds);
  const isFilling = !isNothing(filling) && goalOf(situation, filling) <= state.goal + epsilon;
  return isFilling ? { ...state, situation: inRounds, dealing: filling } : state;
}

/**
 * Partitions without an owner that stays; weight and partitions that one plan would still move; then
 * the highest level above a bound, all weight above bounds and all below. What instances that leave
 * have never grows, and of all the rest there are finitely many values: rounds end.
 */
function owedIn(s: Situation, dealing: Dealing): readonly number[] {
  const moved = dealing.dealt.filter(({ donor, receiver }) => donor !== receiver);
  const homeless = s.counts.slice(s.staying).reduce((a, b) => a + b, countOf(s.unowned));
  const { mean, upper, lower } = boundsOf(s);
  const over = upper.map((most, i) => Math.max(0, (s.weights[i] as number) - most));
  return [
    homeless,
    moved.reduce((sum, { from, to }) => sum + s.load.of(from, to), 0),
    moved.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    over.reduce((most, excess, i) => Math.max(most, excess / (mean[i] as number)), 0),
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

/** The highest level over the bound after all of a dealing. */
function goalOf(s: Situation, dealing: Dealing): number {
  const { mean, upper } = boundsOf(s);
  const after = dealing.kept.map((ranges) => weightOf(s.load, ranges));
  for (const { from, to, receiver } of dealing.dealt) {
    after[receiver] = (after[receiver] as number) + s.load.of(from, to);
  }
  return mean.reduce(
    (most, share, i) => Math.max(most, Math.max(after[i] as number, upper[i] as number) / share),
    0,
  );
}

function isNothing({ dealt }: Dealing): boolean {
  return dealt.every(({ donor, receiver }) => donor === receiver);
}

/**
 * The best first round, unless it leads to a worse end, or to none: then another part of the same moves.
 * Undefined: nothing is left to do that is worth it.
 */
function nextRound(input: PlanInput, state: State, clients: number): Step | undefined {
  if (isNothing(state.dealing)) return undefined;
  let best: Step | undefined;
  let tried = 0;
  for (const { way, round } of choices(state, clients)) {
    if (tried === choicesMax) break;
    tried += 1;
    const after = stateAfter(input, way, round);
    if (!isLess(after.owed, state.owed)) continue;
    if (after.goal <= state.goal + epsilon) return { way, round, after };
    if (best === undefined || after.goal < best.after.goal - epsilon) best = { way, round, after };
  }
  return best;
}

/** The best first round; what one donor gives, those that leave first; each partition alone. */
function* choices(state: State, clients: number): Generator<Pick<Step, 'way' | 'round'>> {
  for (const round of partsOf(state, clients)) yield { way: state, round };
}

function* partsOf({ situation: s, dealing }: Way, clients: number): Generator<Round> {
  const { dealt } = dealing;
  yield limitRound(s, dealt, clients);
  const isFree = ({ donor, receiver }: Dealt): boolean => donor < 0 || donor === receiver;
  const only = (isChosen: (piece: Dealt) => boolean): Round => {
    const rest = dealt.filter((piece) => !isFree(piece) && !isChosen(piece));
    const round = limitRound(
      s,
      dealt.filter((piece) => isFree(piece) || isChosen(piece)),
      clients,
    );
    return { ...round, later: [...round.later, ...rest] };
  };
  const donors = [...new Set(dealt.filter((piece) => !isFree(piece)).map(({ donor }) => donor))];
  for (const donor of donors.sort((a, b) => b - a)) yield only((piece) => piece.donor === donor);
  for (const piece of dealt) {
    if (isFree(piece)) continue;
    for (let p = piece.from; p <= piece.to; p += 1) {
      const others = dealt.filter((one) => one !== piece && !isFree(one));
      const split = [
        { ...piece, to: p - 1 },
        { ...piece, from: p + 1 },
      ].filter(({ from, to }) => from <= to);
      const now = [...dealt.filter(isFree), { ...piece, from: p, to: p }];
      now.sort((a, b) => a.from - b.from);
      yield { now, later: [...others, ...split], roundsLeft: 0 };
    }
  }
}

function stateAfter(input: PlanInput, { situation, dealing }: Way, round: Round): State {
  const current = namedRanges(situation, ownedAfter(situation, dealing, round));
  const { unowned: _, ...rest } = input;
  return stateOf({ ...rest, current });
}

/** Played to their end: each has less left to do than the one before, so there is one. */
function roundsAfter(input: PlanInput, first: Step, clients: number): number {
  let rounds = 0;
  let step = nextRound(input, first.after, clients);
  while (step !== undefined) {
    rounds += 1;
    step = nextRound(input, step.after, clients);
  }
  return rounds;
}
