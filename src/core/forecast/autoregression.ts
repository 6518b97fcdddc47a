// Owns: which values of its own past a series is explained by: the latest ones, the same time of earlier
// days and weeks, and what was then when now was the latest. Learns by recursive least squares.

import type { History, Target } from './history.js';
import { LeastSquares } from './least-squares.js';
import type { Model } from './model.js';
import { numbers, part, saved, type Saved } from './saved.js';

/** A sample weighs 0.9995 times the next: half as much after 1 386 steps, 5 days at 5 min. */
const forgetting = 0.9995;
/** How fast the usual size of an error is renewed. */
const errorMemory = 0.01;
/** An error of this small a share of the usual weighs no more than it: 1/|error| would be endless. */
const smallErrorShare = 0.05;
/** However surprising, a sample weighs at least this. */
const weightMin = 0.001;

/**
 * How errors count. `squares`: as their squares, the mean is forecast. `huber`: large ones as their size
 * (Huber 1964), so that bursts and outages teach less. `absolute`: all as their size, the median is
 * forecast, which is what the error measure rewards.
 */
export type Loss = 'squares' | 'huber' | 'absolute';

export interface AutoregressionOptions {
  readonly name: string;
  /** Seasons to look back to, beside the three latest values. */
  readonly seasons: readonly ('day' | 'week')[];
  readonly loss: Loss;
  /** Explain the change from the latest value, or the value itself. */
  readonly of: 'value' | 'change';
}

/** Least squares on 1 and the values at lags h, h+1, h+2, and for each season s at s and s+h. */
export class Autoregression implements Model {
  readonly name: string;
  private readonly fit: LeastSquares;
  /** The series' mean size when learning began, so that regressors are about 1; 0 before. */
  private scale = 0;
  private sum = 0;
  private usualError = 0;

  constructor(private readonly options: AutoregressionOptions) {
    this.name = options.name;
    this.fit = new LeastSquares(4 + 2 * options.seasons.length, forgetting);
  }

  observe(history: History): void {
    if (this.scale === 0) {
      this.sum += Math.abs(history.at(0));
      if (!this.look(history, 'latest')) return;
      this.scale = this.sum / history.count;
      if (this.scale === 0) return;
    }
    if (!history.known || !this.look(history, 'latest')) return;
    const base = this.options.of === 'change' ? history.at(history.grid.horizon) : 0;
    const error = (history.at(0) - base) / this.scale - this.fit.predict();
    this.fit.update(error, this.weigh(Math.abs(error)));
  }

  forecast(history: History): number {
    if (this.scale === 0 || !this.look(history, 'next')) return Number.NaN;
    const base = this.options.of === 'change' ? history.at(0) : 0;
    return base + this.fit.predict() * this.scale;
  }

  save(): Saved {
    const { scale, sum, usualError } = this;
    return { fit: this.fit.save(), numbers: saved([scale, sum, usualError]) };
  }

  load(from: Saved): void {
    this.fit.load(part(from['fit']));
    [this.scale = 0, this.sum = 0, this.usualError = 0] = numbers(from['numbers']);
  }

  /** Fills in the regressors for the target; false where the history is too short. */
  private look(history: History, target: Target): boolean {
    const { horizon, day, week } = history.grid;
    const { regressors } = this.fit;
    const latest = target === 'next' ? 0 : horizon;
    if (!history.has(latest + 2)) return false;
    const scale = this.scale === 0 ? 1 : this.scale;
    regressors[0] = 1;
    for (let back = 0; back < 3; back += 1)
      regressors[1 + back] = history.at(latest + back) / scale;
    let next = 4;
    for (const season of this.options.seasons) {
      const steps = history.beyondHorizon(season === 'day' ? day : week);
      const lag = history.seasonLag(steps, target);
      if (!history.has(lag + horizon)) return false;
      regressors[next] = history.at(lag) / scale;
      regressors[next + 1] = history.at(lag + horizon) / scale;
      next += 2;
    }
    return true;
  }

  /** The weight by which least squares count an error as `loss` says (iteratively reweighted, one pass). */
  private weigh(error: number): number {
    if (this.options.loss === 'squares') return 1;
    this.usualError += this.usualError === 0 ? error : (error - this.usualError) * errorMemory;
    if (this.usualError === 0) return 1;
    const relative = error / this.usualError;
    if (this.options.loss === 'huber') return Math.max(weightMin, Math.min(1, 1 / relative));
    return 1 / Math.max(smallErrorShare, relative);
  }
}
