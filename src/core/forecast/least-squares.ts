// Owns: recursive least squares with forgetting (Plackett 1950; Haykin, Adaptive Filter Theory, ch. 10):
// the linear model of a series on its own past, renewed with every value. One update is O(n²) for n
// regressors, without allocation. Never sees the history; src/core/forecast/autoregression.ts does.

import { numbers, saved, type Saved } from './saved.js';

/** The initial uncertainty of each coefficient, in squares of the series' scale: nearly nothing is known. */
const initialVariance = 1_000;
/**
 * Where the uncertainty of a coefficient stops growing. Forgetting without news (a constant series, zeros)
 * would let it grow without end ("wind-up") until one spike moves everything. A thousand times the start.
 */
const varianceMax = 1_000_000;

export class LeastSquares {
  readonly coefficients: Float64Array;
  /** Regressors of the sample at hand; the caller fills them in before `predict` and `update`. */
  readonly regressors: Float64Array;
  /** P, the inverse of the weighted moments, row by row; symmetric. */
  private readonly covariance: Float64Array;
  private readonly gain: Float64Array;

  /** `forgetting`: the weight of a sample relative to the next one, in (0, 1]. */
  constructor(
    readonly size: number,
    private readonly forgetting: number,
  ) {
    this.coefficients = new Float64Array(size);
    this.regressors = new Float64Array(size);
    this.covariance = new Float64Array(size * size);
    this.gain = new Float64Array(size);
    this.forget();
  }

  predict(): number {
    let sum = 0;
    for (let i = 0; i < this.size; i += 1) sum += this.coefficients[i]! * this.regressors[i]!;
    return sum;
  }

  /**
   * Learns one sample: `error` is what came minus `predict()`. A `weight` below 1 trusts it less, as a
   * sample of 1/weight times the variance.
   */
  update(error: number, weight = 1): void {
    const { size, covariance, regressors, gain, coefficients, forgetting } = this;
    let energy = forgetting / weight;
    for (let i = 0; i < size; i += 1) {
      let sum = 0;
      const row = i * size;
      for (let j = 0; j < size; j += 1) sum += covariance[row + j]! * regressors[j]!;
      gain[i] = sum;
      energy += regressors[i]! * sum;
    }
    if (!(energy > 0) || !Number.isFinite(energy)) return this.forget();
    let largest = 0;
    for (let i = 0; i < size; i += 1) {
      coefficients[i]! += (gain[i]! / energy) * error;
      const row = i * size;
      for (let j = 0; j <= i; j += 1) {
        const entry = covariance[row + j]! - (gain[i]! * gain[j]!) / energy;
        covariance[row + j] = entry;
        covariance[j * size + i] = entry;
      }
      const variance = covariance[row + i]!;
      // Rounding has eaten what was to stay positive: begin again with nothing known, but the coefficients.
      if (!(variance > 0)) return this.forget();
      if (variance > largest) largest = variance;
    }
    if (largest / forgetting > varianceMax) return;
    const growth = 1 / forgetting;
    for (let i = 0; i < size * size; i += 1) covariance[i]! *= growth;
  }

  save(): Saved {
    return { coefficients: saved(this.coefficients), covariance: saved(this.covariance) };
  }

  load(from: Saved): void {
    this.coefficients.set(numbers(from['coefficients']));
    this.covariance.set(numbers(from['covariance']));
  }

  private forget(): void {
    this.covariance.fill(0);
    for (let i = 0; i < this.size; i += 1) this.covariance[i * this.size + i] = initialVariance;
    for (let i = 0; i < this.size; i += 1) {
      if (!Number.isFinite(this.coefficients[i]!)) this.coefficients[i] = 0;
    }
  }
}
