// The planner: who shall own what, so that the fewest clients move, what that proves, and in which
// waves it is done. A function of its input alone; it orders, other files decide and act.
import { countOf, type Ranges } from '../ranges.js';
import { balanceOf } from './certificate.js';
import { checkPlanInput } from './check.js';
import { namedRanges, ownedAfter } from './deal.js';
import { imbalanceOf } from './imbalance.js';
import { roundingShare } from './load.js';
import type { Round } from './round.js';
import { planRound } from './rounds.js';
import { weightOf, type Dealing, type Dealt, type Situation } from './situation.js';
import type { Move, Plan, PlanInput } from './types.js';
import { wavesOf } from './waves.js';

/**
 * Plans a distribution. Partitions and weights as in {@link PlanInput}; the same input, in whatever
 * order its instances and ranges are given, has the same answer. Equal weights without a tolerance
 * cost O((R + N) log R) whatever P is; otherwise O(P).
 *
 * @throws PlanInputError naming the field when the input contradicts itself.
 */
export function planDistribution(input: PlanInput): Plan {
  const { situation, dealing, round } = planRound(checkPlanInput(input));
  const owned = ownedAfter(situation, dealing, round);
  return describe(situation, dealing, round, owned, input.pace);
}

function describe(
  s: Situation,
  dealing: Dealing,
  round: Round,
  owned: readonly Ranges[],
  pace: PlanInput['pace'],
): Plan {
  const { load } = s;
  const after = weightsAfter(s, round.now, owned);
  const moves = joinMoves(round.now);
  const weight = moves.reduce((sum, { from, to }) => sum + load.of(from, to), 0);
  const bound = dealing.lowerBound(after, round.now);
  // A round that a budget cuts short: whoever ends as low as here has lost what this round takes.
  const isCut = round.later.length > 0;
  // Both are sums of the same weights, added up in different orders.
  const isRounding = bound - weight <= roundingShare * load.of(0, s.partitions - 1);
  const lowerBound = isCut || isRounding ? Math.min(weight, bound) : bound;
  const staying = owned.slice(0, s.staying);
  const imbalance = imbalanceOf(s, after, owned, round);
  return {
    instances: namedRanges(s, owned),
    moved: {
      partitions: countOf(moves.map(({ from, to }) => [from, to])),
      weight: weight * load.unit,
      lowerBound: lowerBound * load.unit,
    },
    balance: balanceOf(s, after),
    ...(imbalance === undefined ? {} : { imbalance }),
    ranges: {
      total: owned.reduce((sum, ranges) => sum + ranges.length, 0),
      maxPerInstance: staying.reduce((most, ranges) => Math.max(most, ranges.length), 0),
    },
    roundsLeft: round.roundsLeft,
    waves: wavesOf(load, moves, pace).map((wave) => wave.map((move) => moveOf(s, move))),
  };
}

/** What disconnects somebody, neighbours joined. */
function joinMoves(dealt: readonly Dealt[]): readonly Dealt[] {
  const moves: Dealt[] = [];
  for (const piece of dealt) {
    if (piece.donor < 0 || piece.donor === piece.receiver) continue;
    const last = moves.at(-1);
    const joins =
      last?.to === piece.from - 1 && last.donor === piece.donor && last.receiver === piece.receiver;
    if (joins) moves[moves.length - 1] = { ...last, to: piece.to };
    else moves.push(piece);
  }
  return moves;
}

/** Index → weight of what it owns then. Only what changed is looked at. */
function weightsAfter(
  s: Situation,
  now: readonly Dealt[],
  owned: readonly Ranges[],
): readonly number[] {
  const after = [...s.weights];
  if (!s.load.uniform) {
    // Sums of doubles depend on their order: added up anew, not changed by what came and went.
    const changed = new Set(now.flatMap(({ donor, receiver }) => [donor, receiver]));
    for (const i of changed) if (i >= 0) after[i] = weightOf(s.load, owned[i] as Ranges);
    return after;
  }
  for (const { from, to, donor, receiver } of now) {
    const count = to - from + 1;
    if (donor >= 0) after[donor] = (after[donor] as number) - count;
    after[receiver] = (after[receiver] as number) + count;
  }
  return after;
}

function moveOf(s: Situation, { from, to, donor, receiver }: Dealt): Move {
  return { from, to, donor: s.names[donor] as string, receiver: s.names[receiver] as string };
}
