// One exchange between an owner and who got something from it: some of that goes back, and lighter
// partitions go in its place, or ones that move in any case; where the two alone find nothing, a third
// instance takes or gives what does not come out even. Answers the exchange that spares the most;
// carries nothing out.
import { mayGoOn, spend, type OwnerTable, type Transfer } from './owner-table.js';
import { shiftsInto, shiftsOutOf, type Shifts } from './shifts.js';
import { firstAtLeast, partitionsIn, spread, sumsAtHome } from './sums.js';

/** What `receiver` holds of `owner`'s: at least one of these goes back. */
export interface Debt {
  readonly receiver: number;
  readonly owner: number;
  readonly partitions: readonly number[];
  /** At once. */
  readonly back: 'one' | 'two';
}

/** Of so many each pair goes back; of more, so many spread evenly. */
const pairedMax = 32;
/** So many that have left their home already are tried on either side. */
const foreignMax = 16;

/** Transfers that lower the moved weight and keep everybody between low and high. */
export function exchangeFor(a: OwnerTable, debt: Debt): readonly Transfer[] | undefined {
  return bestOf(a, debt, directly(a, debt)) ?? bestOf(a, debt, withOthers(a, debt));
}

/** Offers what can be done when `back`, which weighs `net`, goes back. */
type Try = (back: readonly number[], net: number, offer: Offer) => void;
/** Takes an exchange that spares `gain` when that is more than any before. */
type Offer = (gain: number, transfers: () => readonly Transfer[]) => void;

function bestOf(
  a: OwnerTable,
  { partitions, back: atOnce }: Debt,
  attempt: Try,
): readonly Transfer[] | undefined {
  let best: readonly Transfer[] | undefined;
  let bestGain = a.epsilon;
  const offer: Offer = (gain, transfers) => {
    if (gain > bestGain + a.epsilon) [best, bestGain] = [transfers(), gain];
  };
  const tryBack = (back: readonly number[]): void => {
    const net = back.reduce((sum, p) => sum + a.weightAt(p), 0);
    spend(a, 2);
    attempt(back, net, offer);
  };
  if (atOnce === 'one') {
    for (const p of partitions) if (mayGoOn(a)) tryBack([p]);
    return best;
  }
  const paired = spread(partitions, pairedMax);
  paired.forEach((p, i) => {
    for (const q of paired.slice(i + 1)) if (mayGoOn(a)) tryBack([p, q]);
  });
  return best;
}

/** How much more and less the two of a debt may have, and what they have that is neither's. */
function roomOf(a: OwnerTable, { receiver, owner }: Debt) {
  const { weight, low, high, epsilon } = a;
  const upTo = (i: number): number => (high[i] as number) - (weight[i] as number) + epsilon;
  const downTo = (i: number): number => (weight[i] as number) - (low[i] as number) + epsilon;
  return {
    ownerRoom: upTo(owner),
    ownerSpare: downTo(owner),
    receiverRoom: upTo(receiver),
    receiverSpare: downTo(receiver),
  };
}

/** Only between the two. */
function directly(a: OwnerTable, debt: Debt): Try {
  const { receiver, owner } = debt;
  const { home, weightAt } = a;
  const { ownerRoom, ownerSpare, receiverRoom, receiverSpare } = roomOf(a, debt);
  const most = Math.min(ownerRoom, receiverSpare);
  const least = -Math.min(ownerSpare, receiverRoom);
  const atHome = sumsAtHome(a, owner);
  const foreign = (i: number): readonly number[] =>
    spread(
      (a.held[i] as number[]).filter((p) => home[p] !== owner && (i === owner || home[p] !== i)),
      foreignMax,
    );
  const [foreignHere, foreignThere] = [foreign(owner), foreign(receiver)];
  return (back, all, offer) => {
    /** `net` would come back: the lightest at home that leaves no more than there is room for. */
    const settle = (net: number, gain: number, more: number, away: number): void => {
      const k = net <= most ? 0 : firstAtLeast(atHome.weight, net - most);
      const instead = atHome.weight[k];
      if (instead === undefined || net - instead < least) return;
      offer(gain - instead, () => [
        ...[...back, more].flatMap((p): Transfer[] => (p < 0 ? [] : [[p, owner]])),
        ...[away, ...partitionsIn(atHome, k)].flatMap((p): Transfer[] =>
          p < 0 ? [] : [[p, receiver]],
        ),
      ]);
    };
    settle(all, all, -1, -1);
    for (const x of foreignThere) settle(all + weightAt(x), all, x, -1);
    for (const y of foreignHere) {
      // It may be the receiver's own, which comes home by this.
      const gain = home[y] === receiver ? all + weightAt(y) : all;
      settle(all - weightAt(y), gain, -1, y);
      for (const x of foreignThere) settle(all - weightAt(y) + weightAt(x), gain, x, y);
    }
    spend(a, 4 * (1 + foreignThere.length) * (1 + foreignHere.length));
  };
}

/** Others bring the receiver what it is short of, or relieve the owner of what it has no room for. */
function withOthers(a: OwnerTable, debt: Debt): Try {
  const { receiver, owner } = debt;
  const { ownerRoom, ownerSpare, receiverRoom, receiverSpare } = roomOf(a, debt);
  const atHome = sumsAtHome(a, owner);
  const into = shiftsInto(a, receiver, owner);
  const outOf = shiftsOutOf(a, owner, receiver);
  const isShort = ownerRoom > receiverSpare;
  const at = (list: Shifts, least: number): number => firstAtLeast(list.weight, least);
  return (back, net, offer) => {
    spend(a, 8);
    const home = back.map((p): Transfer => [p, owner]);
    const wide = Math.max(ownerRoom, receiverSpare);
    const k = net <= wide ? 0 : firstAtLeast(atHome.weight, net - wide);
    const instead = atHome.weight[k];
    if (instead !== undefined) {
      const rest = net - instead;
      const list = isShort ? into : outOf;
      const shift = list.all[at(list, rest - Math.min(ownerRoom, receiverSpare))];
      const isFine =
        shift !== undefined &&
        (isShort ? shift.weight - rest <= receiverRoom : shift.weight - rest <= ownerSpare);
      if (isFine) {
        offer(rest - shift.cost, () => [
          ...home,
          ...partitionsIn(atHome, k).map((p): Transfer => [p, receiver]),
          ...shift.transfers,
        ]);
      }
    }
    if (net <= receiverSpare || net <= ownerRoom) return;
    const first = into.all[at(into, net - receiverSpare)];
    const second = outOf.all[at(outOf, net - ownerRoom)];
    if (first === undefined || second === undefined || first.third === second.third) return;
    if (first.weight - net > receiverRoom || second.weight - net > ownerSpare) return;
    offer(net - first.cost - second.cost, () => [...home, ...first.transfers, ...second.transfers]);
  };
}
