// Owns: the forecast that a replay goes by: the same forecaster as in production, told row after row, and
// what its error was at exactly its horizon, beside that of the last value. Never decides.

import type { Forecast as Expected } from '../core/scaling/forecast.js';
import { Forecaster } from '../core/forecast/forecaster.js';
import { dayMs, gridOf, type Grid } from '../core/forecast/grid.js';
import { trustDefaults } from '../core/forecast/trust.js';
import { clockChangesFrom } from '../core/scaling/clock-changes.js';
import { trustText } from '../core/forecast/trust-text.js';
import type { ForecastPolicy } from '../core/scaling/policy.js';

export interface ForecastScore {
  /** That weighed most at the end; null when nothing could be forecast. */
  readonly model: string | null;
  readonly horizonSteps: number;
  /** First row that is scored; rows before it were learnt from. */
  readonly from: number;
  /** Σ|y − forecast| ÷ Σ|y| in %, over all rows from there on that could be forecast by anybody. */
  readonly wape: number;
  /** The same of the last value. */
  readonly baselineWape: number;
  /** Rows in the sums; rows that were missing are in none. */
  readonly rows: number;
  /** Share of the rows at which it was trusted to act, 0 to 1. */
  readonly trusted: number;
}

interface Due {
  readonly forecast: number;
  readonly last: number;
}

export class Outlook {
  readonly forecaster: Forecaster;
  /** What a decision may look at, renewed with every row. */
  expected: Expected | undefined;
  private readonly due: Due[] = [];
  private last = NaN;
  private load = 0;
  private off = 0;
  private offLast = 0;
  private rows = 0;
  private seen = 0;
  private acts = 0;

  private readonly horizonSteps: number;
  private readonly stepMs: number;
  private readonly from: number;

  constructor(of: {
    readonly horizonSteps: number;
    readonly stepMs: number;
    /** Of the first row. */
    readonly startMs: number;
    readonly from: number;
    readonly trust: { readonly margin: number; readonly daysMin: number };
    readonly zone: string;
  }) {
    const { horizonSteps, stepMs, startMs: firstMs, trust } = of;
    this.horizonSteps = horizonSteps;
    this.stepMs = stepMs;
    this.from = of.from;
    const offsets = clockChangesFrom(of.zone, firstMs);
    this.forecaster = new Forecaster({
      ...{ grid: gridFor(stepMs, horizonSteps), trust },
      ...{ offsets, firstMs },
    });
  }

  /** Takes in a row; undefined: it was missing. `row` is its data row. */
  observe(value: number | undefined, row: number): void {
    const due = this.due.length >= this.horizonSteps ? this.due.shift() : undefined;
    const counts = row >= this.from && value !== undefined;
    if (counts && due !== undefined && !Number.isNaN(due.forecast)) {
      this.rows += 1;
      this.load += Math.abs(value);
      this.off += Math.abs(value - due.forecast);
      this.offLast += Math.abs(value - due.last);
    }
    const { forecaster } = this;
    forecaster.observe(value);
    if (value !== undefined) this.last = value;
    const forecast = forecaster.forecast();
    this.due.push({ forecast: forecast?.value ?? NaN, last: this.last });
    if (forecast === undefined) return;
    const { value: expected, low, high, model, acts, why } = forecast;
    if (row >= this.from) {
      this.seen += 1;
      if (acts) this.acts += 1;
    }
    this.expected = {
      value: expected,
      low,
      high,
      model,
      horizonMs: this.horizonSteps * this.stepMs,
      acts,
      why: trustText(why),
    };
  }

  score(): ForecastScore {
    const { horizonSteps, from, load, rows, seen } = this;
    const percent = (sum: number): number => (load === 0 ? 0 : (100 * sum) / load);
    return {
      model: this.expected?.model ?? null,
      horizonSteps,
      from,
      wape: percent(this.off),
      baselineWape: percent(this.offLast),
      rows,
      trusted: seen === 0 ? 0 : this.acts / seen,
    };
  }
}

/** What a policy says about trusting its forecast; the window has so many days at most. */
export function trustOf({ margin, minHistoryMs }: ForecastPolicy): {
  readonly margin: number;
  readonly daysMin: number;
} {
  return { margin, daysMin: Math.min(minHistoryMs / dayMs, trustDefaults.windowDays) };
}

/** Rows that are no whole part of a day, or very close, have seasons that are right to half a row. */
function gridFor(stepMs: number, horizon: number): Grid {
  try {
    return gridOf(stepMs, horizon * stepMs);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const steps = (days: number): number => Math.max(1, Math.round((days * dayMs) / stepMs));
    return { stepMs, horizon, day: steps(1), week: steps(7) };
  }
}
