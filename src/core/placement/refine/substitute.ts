// One substitution at a receiver: some of what it got goes back, to whomever it came from, and lighter
// partitions of anybody come instead. Answers the one that spares the most; carries nothing out.
import { mayGoOn, type Assignment, type Transfer } from './assignment.js';
import { firstAtLeast, partitionsIn, sumsOf, type Sum } from './sums.js';

/** How many sums above the lightest that is heavy enough are looked at. */
const triesMax = 24;
/** Of so many partitions of others each three are tried. */
const triplesMax = 14;

export function substitutionFor(
  a: Assignment,
  receiver: number,
): readonly Transfer[] | undefined {
  const { home, weight, low, high, epsilon, weightAt } = a;
  const staying = a.held.length;
  const returnable = (a.held[receiver] as number[]).filter((p) => {
    const by = home[p] as number;
    return by !== receiver && by >= 0 && by < staying;
  });
  if (returnable.length === 0) return undefined;
  const atHome = a.held.flatMap((own, i) =>
    i === receiver ? [] : own.filter((p) => home[p] === i),
  );
  const sums = sumsOf(a, atHome);
  const spare = (weight[receiver] as number) - (low[receiver] as number) + epsilon;
  const room = (high[receiver] as number) - (weight[receiver] as number) + epsilon;

  const change = new Map<number, number>();
  const fits = (back: readonly number[], instead: readonly number[]): boolean => {
    change.clear();
    const add = (p: number, sign: number): void => {
      const by = home[p] as number;
      change.set(by, (change.get(by) ?? 0) + sign * weightAt(p));
    };
    for (const p of back) add(p, 1);
    for (const p of instead) add(p, -1);
    for (const [i, net] of change) {
      const then = (weight[i] as number) + net;
      if (then > (high[i] as number) + epsilon) return false;
      if (net < 0 && then < (low[i] as number) - epsilon) return false;
    }
    return true;
  };

  let best: readonly Transfer[] | undefined;
  let bestGain = epsilon;
  const tryBack = (back: readonly number[]): void => {
    const net = back.reduce((sum, p) => sum + weightAt(p), 0);
    if (net <= bestGain + epsilon) return;
    const from = net <= spare ? 0 : firstAtLeast(sums, net - spare);
    for (let k = from; k < Math.min(sums.length, from + triesMax); k += 1) {
      a.work += 1;
      const sum = sums[k] as Sum;
      const gain = net - sum.weight;
      if (gain <= bestGain + epsilon) return;
      const instead = partitionsIn(sum);
      if (-gain > room || !fits(back, instead)) continue;
      best = [
        ...back.map((p): Transfer => [p, home[p] as number]),
        ...instead.map((p): Transfer => [p, receiver]),
      ];
      bestGain = gain;
      return;
    }
  };
  const triples = returnable.length <= triplesMax;
  for (const [i, p] of returnable.entries()) {
    tryBack([p]);
    for (const [j, q] of returnable.entries()) {
      if (j <= i || !mayGoOn(a)) continue;
      tryBack([p, q]);
      if (triples) for (const r of returnable.slice(j + 1)) tryBack([p, q, r]);
    }
  }
  return best;
}
