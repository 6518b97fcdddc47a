// Owns: the seeded randomness of the benchmarks: the same seed makes the same inputs on every
// machine, so that two reports are about the same work. Never used by the product.

/** 0 ≤ x < 1, mulberry32. */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Connected clients of each partition: whole numbers, log-normal with a median of 100 and sigma 1,
 * which is a few partitions some 50 times heavier than most.
 */
export function logNormalWeights(partitions: number, seed: number): Float64Array {
  const random = randomOf(seed);
  return Float64Array.from({ length: partitions }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.round(100 * Math.exp(normal));
  });
}

/** Zipf with exponent 1, shuffled: the heaviest partition is a tenth of all of 20 000. */
export function zipfWeights(partitions: number, seed: number): Float64Array {
  const ranks = Array.from({ length: partitions }, (_, rank) => rank + 1);
  return Float64Array.from(shuffle(ranks, randomOf(seed)), (rank) => 10_000 / rank);
}

/** Fisher and Yates; changes the list. */
export function shuffle<T>(list: T[], random: Random): T[] {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
