// Owns: the interval around a forecast: the quantiles of its own latest errors at the horizon in use
// (split conformal prediction over a sliding window). It assumes nothing about how errors are distributed.

import { numbers, saved, type Saved } from './saved.js';

/** Errors remembered at most; a week at 5 min. Sorted insertion stays a copy of 16 kB at most. */
export const residualsMax = 2_016;
/** Fewer errors have no tails to speak of. */
const residualsMin = 20;

export class Residuals {
  private readonly capacity: number;
  private readonly arrived: Float64Array;
  private readonly sorted: Float64Array;
  private count = 0;
  private oldest = 0;

  /** `steps`: how many errors to remember, at most `residualsMax`. */
  constructor(steps: number) {
    this.capacity = Math.min(residualsMax, Math.max(residualsMin, steps));
    this.arrived = new Float64Array(this.capacity);
    this.sorted = new Float64Array(this.capacity);
  }

  /** An error: what came minus what was forecast. */
  add(error: number): void {
    if (this.count === this.capacity) {
      this.remove(this.arrived[this.oldest]!);
      this.arrived[this.oldest] = error;
      this.oldest = this.oldest + 1 === this.capacity ? 0 : this.oldest + 1;
    } else {
      this.arrived[this.count] = error;
    }
    const place = this.place(error);
    this.sorted.copyWithin(place + 1, place, this.count);
    this.sorted[place] = error;
    this.count += 1;
  }

  /**
   * The error below which a share of the errors lies, e.g. 0.05; NaN while there are too few. Of n
   * errors the ceil((n + 1)·share)-th, so that the next one is covered with that probability.
   */
  quantile(share: number): number {
    if (this.count < residualsMin) return Number.NaN;
    const upper = share > 0.5;
    const rank = upper ? Math.ceil((this.count + 1) * share) : Math.floor((this.count + 1) * share);
    return this.sorted[Math.min(this.count, Math.max(1, rank)) - 1]!;
  }

  save(): Saved {
    return { errors: saved(this.inOrder()) };
  }

  load(from: Saved): void {
    const errors = numbers(from['errors']);
    this.arrived.set(errors);
    this.count = errors.length;
    this.oldest = 0;
    this.sorted.set(errors);
    this.sorted.subarray(0, this.count).sort();
  }

  private inOrder(): number[] {
    const list: number[] = [];
    for (let i = 0; i < this.count; i += 1) {
      list.push(this.arrived[(this.oldest + i) % this.count]!);
    }
    return list;
  }

  private remove(error: number): void {
    const place = this.place(error);
    this.sorted.copyWithin(place, place + 1, this.count);
    this.count -= 1;
  }

  /** Where the first error stands that is not smaller. */
  private place(error: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]! < error) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
