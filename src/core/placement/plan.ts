// The planner: who shall own what, so that the fewest clients move, what that proves, and in which
// waves it is done. A function of its input alone; it orders, other files decide and act.
import { countOf, normalize, type Range, type Ranges } from '../ranges.js';
import { balanceOf } from './certificate.js';
import { checkPlanInput } from './check.js';
import { dealByCount } from './deal-by-count.js';
import { dealByWeight } from './deal-by-weight.js';
import { dealCompact } from './deal-compact.js';
import { limitRound, type Round } from './round.js';
import { roundingShare } from './load.js';
import { situationOf, weightOf, type Dealing, type Dealt, type Situation } from './situation.js';
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
  const situation = situationOf(checkPlanInput(input));
  const byCount = situation.load.uniform && situation.tolerance === 0;
  const dealing = byCount
    ? dealByCount(situation)
    : situation.tolerance > 0
      ? dealCompact(situation)
      : dealByWeight(situation);
  const round = limitRound(situation, dealing.dealt, input.budget?.clients);
  const owned = settle(situation, dealing, round);
  return describe(situation, dealing, round, owned, input.pace);
}

/** Index → its ranges after the round. */
function settle(s: Situation, dealing: Dealing, round: Round): readonly Ranges[] {
  const added = new Map<number, Range[]>();
  const add = (to: number, range: Range): void => {
    const own = added.get(to);
    if (own === undefined) added.set(to, [range]);
    else own.push(range);
  };
  for (const { from, to, receiver } of round.now) add(receiver, [from, to]);
  for (const { from, to, donor } of round.later) add(donor, [from, to]);
  return s.names.map((_, i) => {
    const kept = dealing.kept[i] ?? [];
    const more = added.get(i);
    return more === undefined ? kept : normalize([...kept, ...more]);
  });
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
  return {
    instances: named(s, owned),
    moved: {
      partitions: countOf(moves.map(({ from, to }) => [from, to])),
      weight: weight * load.unit,
      lowerBound: lowerBound * load.unit,
    },
    balance: balanceOf(s, after),
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

function named(s: Situation, owned: readonly Ranges[]): Record<string, Ranges> {
  const instances: Record<string, Ranges> = {};
  owned.forEach((ranges, i) => {
    if (i < s.staying || ranges.length > 0) instances[s.names[i] as string] = ranges;
  });
  return instances;
}

function moveOf(s: Situation, { from, to, donor, receiver }: Dealt): Move {
  return { from, to, donor: s.names[donor] as string, receiver: s.names[receiver] as string };
}
