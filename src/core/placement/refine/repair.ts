// Brings everybody between low and high where the plan left somebody outside: whoever is farthest
// outside first, by one partition or a swap of two at a time. The least weight is moved that a single
// step needs, which is not always the least of all: the exchanges afterwards see to that.
import { costOf, mayGoOn, transfer, type Assignment, type Transfer } from './assignment.js';

/** Steps for each instance; every step brings the one it is for nearer, so few are needed. */
const stepsPerInstance = 16;

/** Whether everybody is inside in the end. */
export function repair(a: Assignment): boolean {
  for (let step = 0; step < stepsPerInstance * a.weight.length; step += 1) {
    const worst = farthestOutside(a);
    if (worst === undefined) return true;
    const transfers = mayGoOn(a) ? stepFor(a, worst) : undefined;
    if (transfers === undefined) return false;
    for (const one of transfers) transfer(a, one);
  }
  return farthestOutside(a) === undefined;
}

export function isOutside(a: Pick<Assignment, 'weight' | 'low' | 'high' | 'epsilon'>): boolean {
  return farthestOutside(a) !== undefined;
}

interface Outside {
  readonly instance: number;
  /** Above its high; or it is below its low. */
  readonly above: boolean;
  readonly by: number;
}

function farthestOutside({
  weight,
  low,
  high,
  epsilon,
}: Pick<Assignment, 'weight' | 'low' | 'high' | 'epsilon'>): Outside | undefined {
  let worst: Outside | undefined;
  weight.forEach((now, instance) => {
    const over = now - (high[instance] as number);
    const under = (low[instance] as number) - now;
    const by = Math.max(over, under);
    if (by > epsilon && by > (worst?.by ?? 0)) worst = { instance, above: over > 0, by };
  });
  return worst;
}

/** Of steps that are enough the one that disconnects the least; else the one that brings it nearest. */
function stepFor(a: Assignment, { instance, above, by }: Outside): readonly Transfer[] | undefined {
  const { weight, low, high, epsilon, weightAt } = a;
  const mine = a.held[instance] as readonly number[];
  let best: readonly Transfer[] | undefined;
  let bestIsEnough = false;
  let bestScore = Infinity;
  const offer = (net: number, cost: number, transfers: () => readonly Transfer[]): void => {
    const isEnough = net >= by - epsilon;
    if (bestIsEnough && !isEnough) return;
    const score = isEnough ? cost : -net;
    if (isEnough === bestIsEnough && score >= bestScore - epsilon) return;
    [best, bestIsEnough, bestScore] = [transfers(), isEnough, score];
  };
  // Beyond its other bound it would only be outside on the other side.
  const width = (high[instance] as number) - (low[instance] as number);
  a.held.forEach((theirs, third) => {
    if (third === instance) return;
    const now = weight[third] as number;
    const room = above ? (high[third] as number) - now : now - (low[third] as number);
    const most = Math.min(room, by + width) + epsilon;
    if (most <= 0) return;
    const [givers, takers] = above ? [mine, theirs] : [theirs, mine];
    const [from, to] = above ? [instance, third] : [third, instance];
    a.work += givers.length;
    for (const p of givers) {
      const alone = weightAt(p);
      const cost = costOf(a, p, from, to);
      if (alone <= most) offer(alone, cost, () => [[p, to]]);
      if (!mayGoOn(a)) continue;
      a.work += takers.length;
      for (const q of takers) {
        const net = alone - weightAt(q);
        if (net <= epsilon || net > most) continue;
        offer(net, cost + costOf(a, q, to, from), () => [
          [p, to],
          [q, from],
        ]);
      }
    }
  });
  return best;
}
