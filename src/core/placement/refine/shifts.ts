// What can go between an instance and a third one without disconnecting anybody more: partitions
// that have left their home in any case, alone or for a lighter one. Decides nothing.
import { costOf, type Assignment, type Transfer } from './assignment.js';
import { sorting } from './sums.js';

export interface Shift {
  /** Net weight that goes. */
  readonly weight: number;
  /** At most 0: below that where something comes home by it. */
  readonly cost: number;
  readonly third: number;
  readonly transfers: readonly Transfer[];
}

/** Swaps between two instances are tried when there are at most so many. */
const swapsMax = 4000;

/** From others than `except` to `to`, ascending by weight; nobody is brought below its low. */
export function shiftsInto(a: Assignment, to: number, except: number): Shift[] {
  return shifts(a, to, except, true);
}

/** From `from` to others than `except`, ascending by weight; nobody is brought above its high. */
export function shiftsOutOf(a: Assignment, from: number, except: number): Shift[] {
  return shifts(a, from, except, false);
}

function shifts(a: Assignment, one: number, except: number, into: boolean): Shift[] {
  const { home, weight, low, high, epsilon, weightAt } = a;
  const mine = (a.held[one] as number[]).filter((p) => home[p] !== one);
  const found: Shift[] = [];
  if (!into && mine.length === 0) return found;
  a.held.forEach((theirs, third) => {
    if (third === one || third === except) return;
    const now = weight[third] as number;
    const most = (into ? now - (low[third] as number) : (high[third] as number) - now) + epsilon;
    if (most <= 0) return;
    const [from, to] = into ? [third, one] : [one, third];
    const foreign = theirs.filter((p) => home[p] !== third);
    const [givers, takers] = into ? [foreign, mine] : [mine, foreign];
    const swaps = givers.length * takers.length <= swapsMax ? takers : [];
    for (const p of givers) {
      const cost = costOf(a, p, from, to);
      const alone = weightAt(p);
      if (alone <= most) found.push({ weight: alone, cost, third, transfers: [[p, to]] });
      for (const q of swaps) {
        const net = alone - weightAt(q);
        // What `except` would get back is its own exchange.
        if (net <= 0 || net > most || home[q] === except) continue;
        const transfers: readonly Transfer[] = [
          [p, to],
          [q, from],
        ];
        found.push({ weight: net, cost: cost + costOf(a, q, to, from), third, transfers });
      }
    }
    a.work += givers.length * (1 + swaps.length);
  });
  a.work += sorting * found.length;
  return found.sort((x, y) => x.weight - y.weight);
}
