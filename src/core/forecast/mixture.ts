// Owns: how much each forecast weighs, from how each fared: ML-Poly of Gaillard, Stoltz and van Erven, "A
// second-order bound with excess losses" (COLT 2014). No rate to tune, no scale to know, and who never
// did better than the mixture weighs nothing. Measures errors in absolute terms, as WAPE does.

import { numbers, saved, type Saved } from './saved.js';

/**
 * `combine`: weights are learnt by the slope of the mixture's own error, and compete with the best fixed
 * combination; such a mixture is often better than each of its members. `follow`: they are learnt by the
 * members' own errors, and the best member takes all soon.
 */
export type Learning = 'combine' | 'follow';

export class Mixture {
  readonly weights: Float64Array;
  /** Discounted sums per member of how much better than the mixture it was, and of the squares. */
  private readonly regrets: Float64Array;
  private readonly squares: Float64Array;
  private largestSquare = 0;
  private readonly memory: number;

  /** `halfLife`, in steps: a success of so long ago counts half. */
  constructor(
    readonly size: number,
    private readonly learning: Learning,
    halfLife: number,
  ) {
    this.weights = new Float64Array(size);
    this.regrets = new Float64Array(size);
    this.squares = new Float64Array(size);
    this.memory = 0.5 ** (1 / halfLife);
  }

  /**
   * One forecast of the members' (NaN: it says nothing). While nobody has proven anything, that is the
   * first member's.
   */
  mix(forecasts: Float64Array): number {
    let sum = 0;
    let value = 0;
    for (let i = 0; i < this.size; i += 1) {
      const forecast = forecasts[i]!;
      const regret = this.regrets[i]!;
      const counts = regret > 0 && forecast === forecast;
      const weight = counts ? regret / (this.largestSquare + this.squares[i]!) : 0;
      this.weights[i] = weight;
      if (!counts) continue;
      sum += weight;
      value += weight * forecast;
    }
    if (!(sum > 0)) {
      this.weights.fill(0);
      this.weights[0] = 1;
      return forecasts[0]!;
    }
    for (let i = 0; i < this.size; i += 1) this.weights[i]! /= sum;
    return value / sum;
  }

  /**
   * Learns from what came, of the members' forecasts for it (they begin at `from`) and of the mixture's
   * own.
   */
  learn(actual: number, forecasts: Float64Array, mixed: number, from = 0): void {
    if (mixed !== mixed) return;
    const { memory, regrets, squares } = this;
    const error = Math.abs(actual - mixed);
    const slope = Math.sign(mixed - actual);
    this.largestSquare *= memory;
    for (let i = 0; i < this.size; i += 1) {
      regrets[i]! *= memory;
      squares[i]! *= memory;
      const forecast = forecasts[from + i]!;
      if (forecast !== forecast) continue;
      const regret =
        this.learning === 'combine'
          ? slope * (mixed - forecast)
          : error - Math.abs(actual - forecast);
      const square = regret * regret;
      regrets[i]! += regret;
      squares[i]! += square;
      if (square > this.largestSquare) this.largestSquare = square;
    }
  }

  save(): Saved {
    return {
      regrets: saved(this.regrets),
      squares: saved(this.squares),
      largestSquare: this.largestSquare,
    };
  }

  load(from: Saved): void {
    this.regrets.set(numbers(from['regrets']));
    this.squares.set(numbers(from['squares']));
    this.largestSquare = Number(from['largestSquare']);
  }
}
