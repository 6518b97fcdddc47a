// One exchange between an owner and who got something from it: some of that goes back, and lighter
// partitions go in its place, or ones that move in any case; a third instance takes or gives what
// does not come out even. Answers the exchange that spares the most; carries nothing out.
import { mayGoOn, type Assignment, type Transfer } from './assignment.js';
import { shiftsInto, shiftsOutOf, type Shift } from './shifts.js';
import { firstAtLeast, partitionsIn, sumsOf, type Sum } from './sums.js';

/** What `receiver` holds of `owner`'s: at least one of these goes back. */
export interface Debt {
  readonly receiver: number;
  readonly owner: number;
  readonly partitions: readonly number[];
}

/** Transfers that lower the moved weight and keep everybody between low and high. */
export function exchangeFor(a: Assignment, debt: Debt): readonly Transfer[] | undefined {
  const { receiver, owner, partitions } = debt;
  const { home, weight, low, high, epsilon } = a;
  const of = (list: readonly number[], i: number): number => list[i] as number;
  const ownerRoom = of(high, owner) - of(weight, owner) + epsilon;
  const receiverSpare = of(weight, receiver) - of(low, receiver) + epsilon;
  const most = Math.min(ownerRoom, receiverSpare);
  const ownerSpare = of(weight, owner) - of(low, owner) + epsilon;
  const receiverRoom = of(high, receiver) - of(weight, receiver) + epsilon;
  const least = -Math.min(ownerSpare, receiverRoom);
  const heldByOwner = a.held[owner] as number[];
  const atHome = sumsOf(
    a,
    heldByOwner.filter((p) => home[p] === owner),
  );
  // What has left its home already may go on to anybody.
  const foreignHere = heldByOwner.filter((p) => home[p] !== owner);
  const foreignThere = (a.held[receiver] as number[]).filter(
    (p) => home[p] !== owner && home[p] !== receiver,
  );
  const into = shiftsInto(a, receiver, owner);
  const outOf = shiftsOutOf(a, owner, receiver);

  let best: readonly Transfer[] | undefined;
  let bestGain = epsilon;
  const offer = (gain: number, transfers: () => readonly Transfer[]): void => {
    if (gain <= bestGain + epsilon) return;
    [best, bestGain] = [transfers(), gain];
  };
  const all = (back: readonly number[], away: readonly number[], ...shifts: Shift[]): Transfer[] => [
    ...back.map((p): Transfer => [p, owner]),
    ...away.map((p): Transfer => [p, receiver]),
    ...shifts.flatMap(({ transfers }) => transfers),
  ];
  /** The lightest at home that leaves at most so much of what comes back. */
  const inPlace = (back: number, room: number): Sum | undefined =>
    atHome[back <= room ? 0 : firstAtLeast(atHome, back - room)];

  /** Only the two: `net` comes back but for what is found at home. */
  const direct = (net: number, gain: number, back: number[], away: number[]): void => {
    a.work += 1;
    if (gain <= bestGain) return;
    const sum = inPlace(net, most);
    if (sum === undefined || net - sum.weight < least) return;
    offer(gain - sum.weight, () => all(back, [...away, ...partitionsIn(sum)]));
  };
  /** A third brings the receiver, or relieves the owner of, what only one of the two has room for. */
  const withThird = (net: number, back: number[]): void => {
    a.work += 1;
    const sum = inPlace(net, Math.max(ownerRoom, receiverSpare));
    if (sum === undefined) return;
    const rest = net - sum.weight;
    const short = ownerRoom > receiverSpare;
    const list = short ? into : outOf;
    const shift = list[firstAtLeast(list, rest - most)];
    if (shift === undefined) return;
    const end = short ? shift.weight - rest : rest - shift.weight;
    if (short ? end > receiverRoom : end < -ownerSpare) return;
    offer(net - sum.weight - shift.cost, () => all(back, partitionsIn(sum), shift));
  };
  const withTwo = (net: number, back: number[]): void => {
    if (net <= receiverSpare || net <= ownerRoom) return;
    const first = into[firstAtLeast(into, net - receiverSpare)];
    const second = outOf[firstAtLeast(outOf, net - ownerRoom)];
    if (first === undefined || second === undefined || first.third === second.third) return;
    if (first.weight - net > receiverRoom || net - second.weight < -ownerSpare) return;
    offer(net - first.cost - second.cost, () => all(back, [], first, second));
  };
  const tryBack = (back: number[]): void => {
    const net = back.reduce((sum, p) => sum + a.weightAt(p), 0);
    direct(net, net, back, []);
    withThird(net, back);
    withTwo(net, back);
    for (const x of foreignThere) direct(net + a.weightAt(x), net, [...back, x], []);
    for (const y of foreignHere) {
      const without = net - a.weightAt(y);
      const gain = home[y] === receiver ? net + a.weightAt(y) : net;
      direct(without, gain, back, [y]);
      for (const x of foreignThere) direct(without + a.weightAt(x), gain, [...back, x], [y]);
    }
  };
  for (const [i, p] of partitions.entries()) {
    tryBack([p]);
    for (let j = i + 1; j < partitions.length && mayGoOn(a); j += 1) {
      tryBack([p, partitions[j] as number]);
    }
  }
  return best;
}
