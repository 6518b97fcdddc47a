// Brings everybody between low and high where the plan left somebody outside: whoever is farthest
// outside first, by one partition or a swap of two at a time. The least weight is moved that a single
// step needs, which is not always the least of all: the exchanges afterwards see to that.
import {
  costOf,
  mayGoOn,
  spend,
  transfer,
  undoTo,
  type OwnerTable,
  type Transfer,
} from './owner-table.js';

/** Steps for each instance; every step brings the one it is for nearer, so few are needed. */
const stepsPerInstance = 16;
/** Steps after one was brought home. */
const stepsHomeMax = 64;
/** So many are tried before it is given up. */
const broughtHomeMax = 32;

/** Whether everybody is inside in the end. */
export function repair(a: OwnerTable): boolean {
  return repairBelow(a, Infinity, -1, stepsPerInstance * a.weight.length);
}

/**
 * The heaviest partitions that are away from home, each brought home and the rest repaired without it,
 * until that spares something; whether it did.
 */
export function bringHome(a: OwnerTable): boolean {
  const before = a.moved;
  const away = a.held
    .flatMap((own, i) => own.filter((p) => a.home[p] !== i && isInstance(a, a.home[p] as number)))
    .sort((p, q) => a.weightAt(q) - a.weightAt(p) || p - q)
    .slice(0, broughtHomeMax);
  for (const p of away) {
    const done = a.done.length;
    transfer(a, [p, a.home[p] as number]);
    if (repairBelow(a, before - a.epsilon, p, stepsHomeMax)) return true;
    undoTo(a, done);
    if (!mayGoOn(a)) return false;
  }
  return false;
}

function isInstance(a: OwnerTable, home: number): boolean {
  return home >= 0 && home < a.weight.length;
}

/** The same, at less than `moved` in all, without moving `fixed`. */
export function repairBelow(a: OwnerTable, moved: number, fixed: number, steps: number): boolean {
  for (let step = 0; step < steps; step += 1) {
    const worst = farthestOutside(a);
    if (worst === undefined) return a.moved < moved;
    if (a.moved >= moved || !mayGoOn(a)) return false;
    const transfers = stepFor(a, worst, fixed);
    if (transfers === undefined) return false;
    for (const one of transfers) transfer(a, one);
  }
  return farthestOutside(a) === undefined && a.moved < moved;
}

export function isOutside(a: Pick<OwnerTable, 'weight' | 'low' | 'high' | 'epsilon'>): boolean {
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
}: Pick<OwnerTable, 'weight' | 'low' | 'high' | 'epsilon'>): Outside | undefined {
  let worst: Outside | undefined;
  weight.forEach((now, instance) => {
    const over = now - (high[instance] as number);
    const under = (low[instance] as number) - now;
    const by = Math.max(over, under);
    if (by > epsilon && by > (worst?.by ?? 0)) worst = { instance, above: over > 0, by };
  });
  return worst;
}

/**
 * Of steps that are enough the one that disconnects the least; else the one that does for what it
 * brings, the largest of these.
 */
function stepFor(
  a: OwnerTable,
  { instance, above, by }: Outside,
  fixed: number,
): readonly Transfer[] | undefined {
  const { weight, low, high, epsilon, weightAt } = a;
  const mine = a.held[instance] as number[];
  let best: readonly Transfer[] | undefined;
  let bestIsEnough = false;
  let bestScore = Infinity;
  let bestNet = 0;
  const offer = (net: number, cost: number, transfers: () => readonly Transfer[]): void => {
    const isEnough = net >= by - epsilon;
    if (bestIsEnough && !isEnough) return;
    const score = isEnough ? cost : cost - net;
    if (isEnough === bestIsEnough) {
      if (score > bestScore + epsilon) return;
      if (score >= bestScore - epsilon && net <= bestNet) return;
    }
    [best, bestIsEnough, bestScore, bestNet] = [transfers(), isEnough, score, net];
  };
  // Beyond its other bound it would only be outside on the other side.
  const width = (high[instance] as number) - (low[instance] as number);
  const look = (swaps: 'none' | 'enough' | 'all'): void => {
    a.held.forEach((theirs, third) => {
      if (third === instance || !mayGoOn(a)) return;
      const now = weight[third] as number;
      const room = above ? (high[third] as number) - now : now - (low[third] as number);
      const most = Math.min(room, by + width) + epsilon;
      if (most <= epsilon) return;
      const [givers, takers] = above ? [mine, theirs] : [theirs, mine];
      const [from, to] = above ? [instance, third] : [third, instance];
      spend(a, givers.length);
      for (const p of givers) {
        if (p === fixed) continue;
        const alone = weightAt(p);
        const cost = costOf(a, p, from, to);
        if (swaps === 'none') {
          if (alone <= most) offer(alone, cost, () => [[p, to]]);
          continue;
        }
        if (swaps === 'enough' && alone < by) continue;
        spend(a, takers.length);
        for (const q of takers) {
          const net = alone - weightAt(q);
          if (net <= epsilon || net > most || q === fixed) continue;
          offer(net, cost + costOf(a, q, to, from), () => [
            [p, to],
            [q, from],
          ]);
        }
      }
    });
  };
  look('none');
  // Of swaps most are not enough, and then single ones are better where there are any.
  if (!bestIsEnough || bestScore > epsilon) look('enough');
  if (best === undefined) look('all');
  return best;
}
