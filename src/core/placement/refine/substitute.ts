// One substitution at a receiver: some of what it got goes back, to whomever it came from, and lighter
// partitions of anybody come instead. Answers the one that spares the most; carries nothing out.
import { mayGoOn, spend, type OwnerTable, type Transfer } from './owner-table.js';
import { firstAtLeast, partitionsIn, spread, sumsOf } from './sums.js';

/** How many sums above the lightest that is heavy enough are looked at. */
const triesMax = 24;
/** Of so many partitions of others each two, or each three, go back; of more, so many spread evenly. */
const pairedMax = 32;
const triplesMax = 14;
/** What a look at all who are concerned costs, in comparisons of the search. */
const checking = 20;

export function substitutionFor(a: OwnerTable, receiver: number): readonly Transfer[] | undefined {
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
    const from = net <= spare ? 0 : firstAtLeast(sums.weight, net - spare);
    spend(a, 2);
    for (let k = from; k < Math.min(sums.weight.length, from + triesMax); k += 1) {
      const gain = net - (sums.weight[k] as number);
      if (gain <= bestGain + epsilon) return;
      spend(a, checking);
      const instead = partitionsIn(sums, k);
      if (-gain > room || !fits(back, instead)) continue;
      best = [
        ...back.map((p): Transfer => [p, home[p] as number]),
        ...instead.map((p): Transfer => [p, receiver]),
      ];
      bestGain = gain;
      return;
    }
  };
  for (const p of returnable) tryBack([p]);
  const triples = returnable.length <= triplesMax;
  const paired = spread(returnable, pairedMax);
  paired.forEach((p, i) => {
    paired.slice(i + 1).forEach((q, j) => {
      if (!mayGoOn(a)) return;
      tryBack([p, q]);
      if (triples) for (const r of paired.slice(i + j + 2)) tryBack([p, q, r]);
    });
  });
  return best;
}
