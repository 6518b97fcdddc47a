// Two questions about levels, as with water in vessels of different width: how far down must the
// fullest be poured to shed so much, and how high do the emptiest stand after so much is poured in.
// A vessel's level is its weight ÷ its width. Pure arithmetic, O(N log N).

/** The level λ with Σ max(0, weight − λ·width) = amount; 0 when there is less than that. */
export function levelToShed(
  weights: readonly number[],
  widths: readonly number[],
  amount: number,
): number {
  const order = byLevel(weights, widths).reverse();
  let weight = 0;
  let width = 0;
  for (const [rank, i] of order.entries()) {
    weight += weights[i] as number;
    width += widths[i] as number;
    const next = order[rank + 1];
    const nextLevel = next === undefined ? 0 : levelOf(weights, widths, next);
    const level = (weight - amount) / width;
    if (level >= nextLevel) return Math.max(0, level);
  }
  return 0;
}

/** The level μ with Σ max(0, μ·width − weight) = amount. */
export function levelToFill(
  weights: readonly number[],
  widths: readonly number[],
  amount: number,
): number {
  const order = byLevel(weights, widths);
  let weight = 0;
  let width = 0;
  for (const [rank, i] of order.entries()) {
    weight += weights[i] as number;
    width += widths[i] as number;
    const next = order[rank + 1];
    const level = (weight + amount) / width;
    if (next === undefined || level <= levelOf(weights, widths, next)) return level;
  }
  return 0;
}

function levelOf(weights: readonly number[], widths: readonly number[], i: number): number {
  return (weights[i] as number) / (widths[i] as number);
}

function byLevel(weights: readonly number[], widths: readonly number[]): number[] {
  return weights
    .map((_, i) => i)
    .sort((a, b) => levelOf(weights, widths, a) - levelOf(weights, widths, b) || a - b);
}
