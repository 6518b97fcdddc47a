// What new instances shall reach, and below which nobody is brought for them: the lower bound, or as near to
// it as everybody can come together. Moves nothing.
import type { Bounds } from './bounds.js';
import type { Line } from './line.js';
import type { Situation } from './situation.js';

/**
 * (1 − tolerance) × mean, or as near to it as everybody can come together: the level at which what
 * staying instances can give above it, and the pool, is what new ones need to reach it.
 */
export function floorsOf(
  s: Situation,
  bounds: Bounds,
  line: Line,
  stuck: readonly number[],
): readonly number[] {
  const owned = line.weight.reduce((a, b) => a + b, 0);
  const free = bounds.mean.reduce((a, b) => a + b, 0) - owned;
  const spare = (level: number): number =>
    bounds.lower.reduce((sum, lower, i) => {
      const at = level * lower;
      if (bounds.isNew[i]) return sum - Math.max(0, at - (line.weight[i] as number));
      return sum + Math.max(0, (line.weight[i] as number) - Math.max(at, stuck[i] as number));
    }, free);
  if (spare(1) >= 0) return bounds.lower;
  let low = 0;
  let high = 1;
  // Fifty halvings of 1 are the precision of a double.
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (spare(middle) >= 0) low = middle;
    else high = middle;
  }
  const level = bounds.lower.map((lower) => lower * low);
  return s.load.uniform ? wholeFloors(bounds, line, stuck, level, free) : level;
}

/**
 * Of equal weights only whole partitions can be had: donors keep what reaches above the level, new ones get
 * what fits below it, and what is over then goes to those of them that are farthest below, one each.
 */
function wholeFloors(
  bounds: Bounds,
  line: Line,
  stuck: readonly number[],
  level: readonly number[],
  free: number,
): readonly number[] {
  const whole = level.map((at, i) =>
    bounds.isNew[i] ? Math.floor(at + 1e-9) : Math.max(Math.ceil(at - 1e-9), stuck[i] as number),
  );
  const had = (i: number): number => line.weight[i] as number;
  let over = whole.reduce(
    (left, at, i) =>
      left + (bounds.isNew[i] ? -Math.max(0, at - had(i)) : Math.max(0, had(i) - at)),
    free,
  );
  const short = (i: number): number => (level[i] as number) - (whole[i] as number);
  const farthest = whole
    .map((_, i) => i)
    .filter((i) => bounds.isNew[i] && short(i) > 1e-9)
    .sort((i, j) => short(j) - short(i) || i - j);
  for (const i of farthest) {
    if (over < 1 - 1e-9) break;
    whole[i] = (whole[i] as number) + 1;
    over -= 1;
  }
  return whole;
}
