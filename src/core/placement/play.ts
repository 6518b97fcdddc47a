// Rounds that each leave less to do than the one before, as far as they lead.
import { namedRanges, ownedAfter } from './deal.js';
import { checkPlanInput } from './check.js';
import type { Round } from './round.js';
import { choicesOf } from './round-choices.js';
import { isDone, isLess, stateOf, type RoundState } from './round-state.js';
import { situationOf, type Dealing, type Effort, type Situation } from './situation.js';
import type { PlanInput } from './types.js';

/** What stays the same from round to round. */
export interface Game {
  readonly input: PlanInput;
  /** The budget. */
  readonly clients: number;
  /** So many rounds are played at most. */
  readonly playedMax: number;
  /** What all plans of all rounds have cost so far. */
  readonly effort: Effort;
}

/** One round of a plan, and what it leaves. */
export interface Step {
  readonly of: { readonly situation: Situation; readonly dealing: Dealing };
  readonly round: Round;
  readonly after: RoundState;
}

export interface Played {
  readonly steps: readonly Step[];
  /** `stuck`: something is still to be done and no round leaves less of it. `unknown`: not played that far. */
  readonly end: 'done' | 'stuck' | 'unknown';
}

/** Comparisons in all rounds that are played, and ways out that are looked for: some 0.1 s on one core of a
 * server. What has been found by then is the answer. The plan that is under way is finished. */
export const comparisonsMax = 3_000_000;
/** So many parts of a plan are looked at for a round that leaves less to do, of few partitions; of more, */
const choicesOfFewMax = 64;
const fewPartitionsMax = 64;
/** so many. */
const choicesOfManyMax = 4;

/**
 * Each the best first round, unless planning again from what it leaves has no less to do, as in a circle:
 * then the first other part of the same plan that does.
 */
export function playFrom(game: Game, start: RoundState): Played {
  const steps: Step[] = [];
  let state = start;
  while (!isDone(state)) {
    const isEnough = steps.length === game.playedMax || (steps.length > 0 && isSpent(game));
    if (isEnough) return { steps, end: 'unknown' };
    const step = fallingStep(game, state, steps.length === 0);
    if (step === undefined) return { steps, end: isSpent(game) ? 'unknown' : 'stuck' };
    steps.push(step);
    state = step.after;
  }
  return { steps, end: 'done' };
}

export function isSpent({ effort }: Game): boolean {
  return effort.comparisons >= comparisonsMax;
}

function fallingStep(game: Game, state: RoundState, isFirst: boolean): Step | undefined {
  // The answer itself is looked for a little longer than what only counts the rounds after it.
  let least = isFirst ? choicesOfManyMax : 1;
  for (const step of stepsOf(game, state)) {
    if (isLess(step.after.owed, state.owed)) return step;
    least -= 1;
    if (least <= 0 && isSpent(game)) return undefined;
  }
  return undefined;
}

/** Every round that is looked at from here, the best first. */
export function* stepsOf({ input, clients, effort }: Game, of: Step['of']): Generator<Step> {
  const { situation, dealing } = of;
  const { unowned: _, ...rest } = input;
  let left = situation.partitions <= fewPartitionsMax ? choicesOfFewMax : choicesOfManyMax;
  for (const round of choicesOf(situation, dealing.dealt, clients)) {
    if (left === 0) return;
    left -= 1;
    const current = namedRanges(situation, ownedAfter(situation, dealing, round));
    const after = stateOf(situationOf(checkPlanInput({ ...rest, current }), effort));
    yield { of: { situation, dealing }, round, after };
  }
}
