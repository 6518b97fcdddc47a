// What one round under a budget does, and how many follow. A round counts only if planning again from what
// it leaves has less left to do, so rounds end; where that ends before all is done, another way is taken
// (way-out.ts). Every round is planned from what is owned then, and nothing is remembered from one to the
// next; so the rounds that follow are counted by playing them with the same planner, up to a bound. Beyond
// it they are counted by weight.
import type { Checked } from './check.js';
import { deal, isByCount } from './deal.js';
import { playFrom, type Played, type Game, type Step } from './play.js';
import { limitRound, type Round } from './round.js';
import { stateOf, type RoundState } from './round-state.js';
import { situationOf, type Dealing, type Situation } from './situation.js';
import { wayOut } from './way-out.js';

export interface Planned {
  readonly situation: Situation;
  readonly dealing: Dealing;
  readonly round: Round;
}

/** So many rounds after the first are played to count them, each of which takes as long as a plan: with up to
 * so many partitions, or so many ranges of equal weights. */
const playedMax = 16;
const playedPartitionsMax = 128;
const playedRangesMax = 1_024;
/** Of so many partitions ways out are looked for, which takes as long as some hundred plans. */
const wayOutPartitionsMax = 64;

export function planRound(checked: Checked): Planned {
  const { input } = checked;
  const situation = situationOf(checked);
  const clients = input.budget?.clients;
  // Equal weights without a tolerance fill every round: limitRound counts them exactly.
  if (clients === undefined || isByCount(situation)) {
    const dealing = deal(situation);
    return { situation, dealing, round: limitRound(situation, dealing.dealt, clients) };
  }
  const isPlayed = isCheap(situation, playedPartitionsMax);
  const { effort } = situation;
  const game = { input, clients, effort, playedMax: 1 + (isPlayed ? playedMax : 0) };
  const state = stateOf(situation);
  const { step, roundsLeft } = nextOf(game, state);
  if (step === undefined) {
    const { dealing } = state;
    return { ...state, round: { now: [], later: dealing.dealt, roundsLeft } };
  }
  return { ...step.of, round: { ...step.round, roundsLeft } };
}

/** Whether a plan takes little time: of equal weights it is work on ranges. */
function isCheap({ partitions, load, spans }: Situation, partitionsMax: number): boolean {
  return partitions <= partitionsMax || (load.uniform && spans.count <= playedRangesMax);
}

interface Next {
  /** Undefined: nothing is to be done, or no way to do it was found. */
  readonly step: Step | undefined;
  /** Rounds after that one. */
  readonly roundsLeft: number;
}

function nextOf(game: Game, state: RoundState): Next {
  const played = playFrom(game, state);
  const [step] = played.steps;
  if (played.end !== 'stuck') return { step, roundsLeft: roundsAfterFirst(game, played) };
  const mayLook = isCheap(state.situation, wayOutPartitionsMax);
  const states = mayLook ? [state, ...played.steps.map(({ after }) => after)] : [];
  for (const [rounds, from] of states.entries()) {
    const way = wayOut(game, from);
    if (way === undefined) continue;
    return { step: rounds === 0 ? way.step : step, roundsLeft: rounds + way.rounds - 1 };
  }
  return { step, roundsLeft: roundsAfterFirst(game, played) };
}

/** Those that were played; beyond them by weight. */
function roundsAfterFirst({ clients }: Game, { steps, end }: Played): number {
  const last = steps.at(-1)?.after;
  if (last === undefined) return 0;
  if (end !== 'unknown') return steps.length - 1;
  const rest = limitRound(last.situation, last.dealing.dealt, clients);
  return steps.length - 1 + (rest.now.length === 0 ? 0 : 1 + rest.roundsLeft);
}
