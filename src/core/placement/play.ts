// Rounds that each leave less to do than the one before, as far as they lead.
import { namedRanges, ownedAfter } from './deal.js';
import { checkPlanInput } from './check.js';
import type { Round } from './round.js';
import { choicesOf } from './round-choices.js';
import { isDone, isLess, stateOf, type RoundState } from './round-state.js';
import { situationOf, type Dealing, type Situation } from './situation.js';
import type { PlanInput } from './types.js';

/** What stays the same from round to round. */
export interface Game {
  readonly input: PlanInput;
  /** The budget. */
  readonly clients: number;
  /** So many rounds are played at most. */
  readonly playedMax: number;
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
    if (steps.length === game.playedMax) return { steps, end: 'unknown' };
    const step = fallingStep(game, state);
    if (step === undefined) return { steps, end: 'stuck' };
    steps.push(step);
    state = step.after;
  }
  return { steps, end: 'done' };
}

function fallingStep(game: Game, state: RoundState): Step | undefined {
  for (const step of stepsOf(game, state)) if (isLess(step.after.owed, state.owed)) return step;
  return undefined;
}

/** Every round that is looked at from here, the best first. */
export function* stepsOf({ input, clients }: Game, of: Step['of']): Generator<Step> {
  const { situation, dealing } = of;
  const { unowned: _, ...rest } = input;
  let left = situation.partitions <= fewPartitionsMax ? choicesOfFewMax : choicesOfManyMax;
  for (const round of choicesOf(situation, dealing.dealt, clients)) {
    if (left === 0) return;
    left -= 1;
    const current = namedRanges(situation, ownedAfter(situation, dealing, round));
    const after = stateOf(situationOf(checkPlanInput({ ...rest, current })));
    yield { of: { situation, dealing }, round, after };
  }
}
