// What can go between an instance and a third one without disconnecting anybody more: partitions
// that have left their home in any case, alone or for a lighter one. Decides nothing.
import { costOf, mayGoOn, spend, type OwnerTable, type Transfer } from './owner-table.js';
import { sorting, spread } from './sums.js';

export interface Shift {
  /** Net weight that goes. */
  readonly weight: number;
  /** At most 0: below that where something comes home by it. */
  readonly cost: number;
  readonly third: number;
  readonly transfers: readonly Transfer[];
}

export interface Shifts {
  /** Ascending. */
  readonly weight: readonly number[];
  readonly all: readonly Shift[];
}

/** Of one instance so many foreign partitions are tried, alone or for one of the other's. */
const foreignMax = 24;
/** So many swaps are tried in all; further instances only give single ones. */
const swapsMax = 4000;

/** From others than `except` to `to`; nobody is brought below its low. */
export function shiftsInto(a: OwnerTable, to: number, except: number): Shifts {
  return shifts(a, to, except, true);
}

/** From `from` to others than `except`; nobody is brought above its high. */
export function shiftsOutOf(a: OwnerTable, from: number, except: number): Shifts {
  return shifts(a, from, except, false);
}

function shifts(a: OwnerTable, one: number, except: number, into: boolean): Shifts {
  const { weight, low, high, epsilon, weightAt, home } = a;
  const foreignOf = (i: number): readonly number[] =>
    spread(
      (a.held[i] as number[]).filter((p) => home[p] !== i),
      foreignMax,
    );
  const mine = foreignOf(one);
  const all: Shift[] = [];
  let swaps = 0;
  a.held.forEach((theirs, third) => {
    spend(a, 1);
    if (third === one || third === except || (!into && mine.length === 0) || !mayGoOn(a)) return;
    const now = weight[third] as number;
    const most = (into ? now - (low[third] as number) : (high[third] as number) - now) + epsilon;
    if (most <= epsilon) return;
    const [from, to] = into ? [third, one] : [one, third];
    const foreign = foreignOf(third);
    const [givers, takers] = into ? [foreign, mine] : [mine, foreign];
    spend(a, theirs.length + givers.length);
    for (const p of givers) {
      const cost = costOf(a, p, from, to);
      const alone = weightAt(p);
      if (alone <= most) all.push({ weight: alone, cost, third, transfers: [[p, to]] });
      if (swaps >= swapsMax) continue;
      swaps += takers.length;
      for (const q of takers) {
        const net = alone - weightAt(q);
        // What `except` would get back is an exchange of its own.
        if (net <= epsilon || net > most || home[q] === except) continue;
        const transfers: readonly Transfer[] = [
          [p, to],
          [q, from],
        ];
        all.push({ weight: net, cost: cost + costOf(a, q, to, from), third, transfers });
      }
    }
  });
  spend(a, swaps + 2 * sorting * all.length);
  all.sort((x, y) => x.weight - y.weight);
  return { all, weight: all.map((shift) => shift.weight) };
}
