// The seeded randomness of a simulated world (mulberry32): the same seed makes the same run on every
// machine. Never used by the product.

export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** Whole, 0 ≤ n < below. */
  below(below: number): number;
  /** from ≤ x < to */
  between(from: number, to: number): number;
  /** True with the probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    between: (from, to) => from + next() * (to - from),
    chance: (probability) => probability > 0 && next() < probability,
    pick: (list) => {
      const item = list[below(list.length)];
      if (item === undefined) throw new Error('pick from an empty list');
      return item;
    },
  };
}
