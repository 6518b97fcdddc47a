// Owns: how wide a forecast's interval is. Quantiles of the latest errors lag behind when errors grow, so
// the tails are corrected by how often bounds were missed: adaptive conformal inference (Gibbs and
// Candès, NeurIPS 2021), for either side. In the long run the promised share is held on any series.

import type { Grid } from './grid.js';
import { Residuals } from './residuals.js';
import { numbers, part, saved, type Saved } from './saved.js';

/** How far one miss moves the tail it should have been in, relative to what is promised outside. */
const adaptation = 0.01;
/** A tail is never wider than this: the bound would be on the wrong side of the forecast. */
const tailMax = 0.4;

export class Interval {
  /** Bounds around the latest forecast, made by `around`. */
  low = Number.NaN;
  high = Number.NaN;
  private readonly residuals: Residuals;
  /** Share of errors left out below and above, as corrected. */
  private below: number;
  private above: number;
  /** Low and high whose hour has not come: a ring of `horizon` pairs. */
  private readonly pending: Float64Array;
  private row = 0;

  constructor(
    private readonly grid: Grid,
    private readonly coverage: number,
  ) {
    this.residuals = new Residuals(grid.week);
    this.below = this.promised();
    this.above = this.promised();
    this.pending = new Float64Array(2 * grid.horizon).fill(Number.NaN);
  }

  /** Measures the bounds that are due by what came, for a forecast of `due`. A gap teaches nothing. */
  score(value: number | undefined, due: number): void {
    if (value === undefined || due !== due) return;
    const low = this.pending[2 * this.row]!;
    const high = this.pending[2 * this.row + 1]!;
    this.residuals.add(value - due);
    if (low !== low) return;
    this.below = this.corrected(this.below, value < low);
    this.above = this.corrected(this.above, value > high);
  }

  /** Bounds for a forecast made now; `least` and up only, where nothing below it ever came. */
  around(forecast: number, least: number): void {
    const low = this.residuals.quantile(this.below);
    const high = this.residuals.quantile(1 - this.above);
    this.low = Math.max(least, forecast + low);
    this.high = forecast + high;
    this.pending[2 * this.row] = this.low;
    this.pending[2 * this.row + 1] = this.high;
    this.row = this.row + 1 === this.grid.horizon ? 0 : this.row + 1;
  }

  save(): Saved {
    return {
      residuals: this.residuals.save(),
      numbers: saved([this.low, this.high, this.below, this.above]),
      pending: saved(this.pending),
      row: this.row,
    };
  }

  load(from: Saved): void {
    this.residuals.load(part(from['residuals']));
    const [low, high, below, above] = numbers(from['numbers']);
    this.low = low ?? Number.NaN;
    this.high = high ?? Number.NaN;
    this.below = below ?? this.promised();
    this.above = above ?? this.promised();
    this.pending.set(numbers(from['pending']));
    this.row = Number(from['row']);
  }

  private promised(): number {
    return (1 - this.coverage) / 2;
  }

  private corrected(tail: number, missed: boolean): number {
    const promised = this.promised();
    const next = tail + adaptation * (promised - (missed ? 1 : 0));
    return Math.min(tailMax, Math.max(0, next));
  }
}
