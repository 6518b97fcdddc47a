// Owns: how samples of every few seconds become the steps of a forecast's grid. A step is told only when
// it is over, so nothing of the future is in it. Never forecasts, never looks at a clock.

import { dayMs } from './grid.js';
import { part, type Saved } from './saved.js';

/**
 * The step's mean, not its maximum: connected users are a level that hardly moves within minutes, a mean
 * is unmoved by one wrong sample, and its error is what models are chosen by. A burst within a step is
 * for the thresholds on what is now, which hold beside every forecast.
 */
export interface AggregatorOptions {
  readonly stepMs: number;
  /** Samples that a step needs to have a value; with fewer it is a gap. Default 1. */
  readonly samplesMin?: number;
}

/**
 * A longer pause, 53 weeks, is told as if it were shorter by whole weeks, so that weekdays stay in step:
 * nothing older is remembered, and a clock that jumps by decades does not cost millions of steps.
 */
export const pauseMaxDays = 371;

export class Aggregator {
  private readonly stepMs: number;
  private readonly samplesMin: number;
  private startMs = Number.NaN;
  private sum = 0;
  private samples = 0;

  constructor(options: AggregatorOptions) {
    this.stepMs = options.stepMs;
    this.samplesMin = options.samplesMin ?? 1;
  }

  /**
   * Takes in a sample (undefined or no finite number: none could be had) and hands the steps that are
   * over to `step`, oldest first: when each began, and its mean, or undefined for a gap. Steps begin at
   * whole multiples of `stepMs`. The step that the very first sample lies in is told from there on.
   * Returns false for a sample of a step that is over already: it is left out.
   */
  add(
    atMs: number,
    value: number | undefined,
    step: (startMs: number, mean: number | undefined) => void,
  ): boolean {
    const startMs = Math.floor(atMs / this.stepMs) * this.stepMs;
    if (Number.isNaN(this.startMs)) this.startMs = startMs;
    if (startMs < this.startMs) return false;
    if (startMs > this.startMs) this.close(startMs, step);
    if (value !== undefined && Number.isFinite(value)) {
      this.sum += value;
      this.samples += 1;
    }
    return true;
  }

  save(): Saved {
    const startMs = Number.isNaN(this.startMs) ? null : this.startMs;
    return { startMs, sum: this.sum, samples: this.samples };
  }

  load(from: Saved): void {
    const { startMs, sum, samples } = part(from);
    this.startMs = typeof startMs === 'number' ? startMs : Number.NaN;
    this.sum = Number(sum);
    this.samples = Number(samples);
  }

  private close(untilMs: number, step: (startMs: number, mean: number | undefined) => void): void {
    const enough = this.samples > 0 && this.samples >= this.samplesMin;
    step(this.startMs, enough ? this.sum / this.samples : undefined);
    const weekMs = 7 * dayMs;
    const weeksTooMany = Math.ceil((untilMs - this.startMs - pauseMaxDays * dayMs) / weekMs);
    let gapMs = this.startMs + this.stepMs + Math.max(0, weeksTooMany) * weekMs;
    for (; gapMs < untilMs; gapMs += this.stepMs) step(gapMs, undefined);
    this.startMs = untilMs;
    this.sum = 0;
    this.samples = 0;
  }
}
