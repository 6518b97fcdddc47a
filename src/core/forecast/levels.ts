// Owns: models of a series without seasons: what is its level, when single values are noise?

import type { History } from './history.js';
import type { Model } from './model.js';
import type { Saved } from './saved.js';

/** Weight of the newest value in simple exponential smoothing. */
const smoothing = 0.3;

/** Simple exponential smoothing (Brown 1956) with a fixed weight: the mean of the last few values. */
export class SmoothedLevel implements Model {
  readonly name = 'smoothed level';
  private level = Number.NaN;

  observe(history: History): void {
    const value = history.at(0);
    this.level = Number.isNaN(this.level) ? value : this.level + smoothing * (value - this.level);
  }

  forecast(): number {
    return this.level;
  }

  save(): Saved {
    return { level: Number.isNaN(this.level) ? null : this.level };
  }

  load(from: Saved): void {
    this.level = typeof from['level'] === 'number' ? from['level'] : Number.NaN;
  }
}

/** Weight of the newest value while the level stays; small, since a jump is followed at once. */
const steadySmoothing = 0.1;
/** So many times the usual distance from the level is no noise, but another level. */
const jumpDistances = 4;

/**
 * The mean since the level last jumped. Noise is smoothed away, and another regime is there with its first
 * value: what a plain mean takes long for, and the last value never smooths.
 */
export class JumpingLevel implements Model {
  readonly name = 'jumping level';
  private level = Number.NaN;
  private usual = 0;

  observe(history: History): void {
    const value = history.at(0);
    if (Number.isNaN(this.level)) this.level = value;
    const off = value - this.level;
    const distance = Math.abs(off);
    const jumped = distance > jumpDistances * this.usual;
    this.level = jumped ? value : this.level + steadySmoothing * off;
    // A jump says little about noise: it counts as twice the distance that makes one.
    const counted =
      this.usual === 0 ? distance : Math.min(distance, 2 * jumpDistances * this.usual);
    this.usual += (counted - this.usual) * distanceMemory;
  }

  forecast(): number {
    return this.level;
  }

  save(): Saved {
    return { level: Number.isNaN(this.level) ? null : this.level, usual: this.usual };
  }

  load(from: Saved): void {
    this.level = typeof from['level'] === 'number' ? from['level'] : Number.NaN;
    this.usual = Number(from['usual']);
  }
}

/** Share of the mean distance by which the tracked median moves; and by which that mean forgets. */
const medianStep = 0.05;
const distanceMemory = 0.01;

/**
 * The running median, by stochastic approximation: one step towards the value, of a size that follows
 * the mean distance. Among bursts the median is the forecast of least absolute error.
 */
export class MedianLevel implements Model {
  readonly name = 'median level';
  private median = Number.NaN;
  private distance = 0;

  observe(history: History): void {
    const value = history.at(0);
    if (Number.isNaN(this.median)) this.median = value;
    const off = value - this.median;
    this.distance += (Math.abs(off) - this.distance) * distanceMemory;
    this.median += Math.sign(off) * Math.min(Math.abs(off), this.distance * medianStep);
  }

  forecast(): number {
    return this.median;
  }

  save(): Saved {
    const median = Number.isNaN(this.median) ? null : this.median;
    return { median, distance: this.distance };
  }

  load(from: Saved): void {
    this.median = typeof from['median'] === 'number' ? from['median'] : Number.NaN;
    this.distance = Number(from['distance']);
  }
}
