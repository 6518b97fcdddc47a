// Owns: models of libraries in the competition. They are too dear to fit at every step, so they are
// fitted now and then, and asked for a whole curve ahead; in between the curve is followed from where the
// load really is. When to fit follows from the count of steps alone. Fits nothing itself.

import { weeksKept } from './grid.js';
import type { History } from './history.js';
import type { Model } from './model.js';
import { numbers, saved, type Saved } from './saved.js';

/** What a library offers; an adapter implements it. */
export interface CurveFitter {
  /** Unique among the models of a competition. */
  readonly name: string;
  /**
   * Fits `values` (oldest first, no gaps) with seasons of so many steps, and says what it expects of the
   * next `steps`. The same values give the same answer. undefined: these values cannot be fitted.
   */
  fit(
    values: Float64Array,
    seasons: readonly number[],
    steps: number,
  ): ArrayLike<number> | undefined;
}

/** Weeks that have to be known before the first fit: a season seen once is none. */
const weeksMin = 2;

/** What is now, plus what the fitted curve changes until the target; fitted once a week. */
export class FittedCurve implements Model {
  readonly name: string;
  /** Expected values of the steps after `fittedAt`; empty before the first fit that succeeded. */
  private curve: Float64Array = new Float64Array(0);
  /** Steps in the history when it was fitted. */
  private fittedAt = 0;

  constructor(private readonly fitter: CurveFitter) {
    this.name = fitter.name;
  }

  observe(history: History): void {
    const { day, week, horizon } = history.grid;
    if (history.count < weeksMin * week || history.count % week !== 0) return;
    const length = Math.min(history.count, weeksKept * week);
    const values = Float64Array.from({ length }, (_, i) => history.at(length - 1 - i));
    const fitted = this.fitter.fit(values, [day, week], week + horizon);
    this.fittedAt = history.count;
    const usable = fitted !== undefined && fitted.length === week + horizon;
    this.curve = usable ? Float64Array.from(fitted) : new Float64Array(0);
  }

  forecast(history: History): number {
    if (this.curve.length === 0) return Number.NaN;
    const since = history.count - this.fittedAt;
    const target = this.curve[since + history.grid.horizon - 1] ?? Number.NaN;
    // Right after the fit the curve begins; what it says of the present step is not known.
    return since === 0 ? target : history.at(0) + target - this.curve[since - 1]!;
  }

  save(): Saved {
    return { curve: saved(this.curve), fittedAt: this.fittedAt };
  }

  load(from: Saved): void {
    this.curve = Float64Array.from(numbers(from['curve']));
    this.fittedAt = Number(from['fittedAt']);
  }
}
