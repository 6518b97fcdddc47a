// Where rounds that each leave less to do end before all is done: another way there. An instance that a round
// empties counts as new from then on, and one that is near its lower bound may not be brought below it, so
// what is owned between two rounds can have other rules than before, and more left to do whatever is moved first.
import { deal } from './deal.js';
import { isSpent, playFrom, stepsOf, type Game, type Step } from './play.js';
import type { RoundState } from './round-state.js';

export interface WayOut {
  readonly step: Step;
  /** With that one, until nothing is left to do. */
  readonly rounds: number;
}

/** So many states are looked at; a level of them is looked at as a whole or not at all. */
const statesMax = 128;

interface Reached {
  readonly state: RoundState;
  readonly step: Step;
}

/**
 * The first step of the shortest way from where rounds get stuck to where they do not, breadth first (Moore
 * 1959). Of a state on the way only those are followed from which rounds get stuck as well: so whoever plans again
 * from there finds the rest of the same way, and rounds end. Undefined when there is none among so many states.
 */
export function wayOut(game: Game, start: RoundState): WayOut | undefined {
  const seen = new Set([keyOf(start)]);
  let level: readonly (Pick<Reached, 'state'> & Partial<Reached>)[] = [{ state: start }];
  for (let steps = 1; level.length > 0; steps += 1) {
    const next: Reached[] = [];
    for (const { state, step: first } of level) {
      if (isSpent(game)) return undefined;
      for (const step of allStepsOf(game, state)) {
        const key = keyOf(step.after);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ state: step.after, step: first ?? step });
      }
    }
    if (seen.size > statesMax) return undefined;
    const stuck: Reached[] = [];
    for (const reached of next) {
      if (isSpent(game)) return undefined;
      const { end, steps: played } = playFrom(game, reached.state);
      if (end === 'done') return { step: reached.step, rounds: steps + played.length };
      if (end === 'stuck') stuck.push(reached);
    }
    level = stuck;
  }
  return undefined;
}

/** Also of the plan that counts whoever is below its lower bound the other way: as new, or as not. */
function* allStepsOf(game: Game, state: RoundState): Generator<Step> {
  yield* stepsOf(game, state);
  const { situation } = state;
  if (situation.tolerance === 0) return;
  const other = { ...situation, inRounds: !situation.inRounds };
  yield* stepsOf(game, { situation: other, dealing: deal(other) });
}

function keyOf({ situation }: RoundState): string {
  return JSON.stringify(situation.held);
}
