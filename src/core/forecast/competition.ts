// Owns: the competition between models of one series. Every model's forecast is kept until its hour has
// come and then measured against what came, at exactly the horizon in use. Mixtures in two layers learn
// from that: the first combine the models, the second follows whoever is best, models and combinations
// alike. So the result is never much worse than the best model, and better where errors cancel. Pure.

import type { Grid } from './grid.js';
import type { History } from './history.js';
import { Mixture } from './mixture.js';
import type { Model } from './model.js';
import { list, numbers, part, saved, type Saved } from './saved.js';

/**
 * What combines well differs little from week to week, so one combination remembers long; another is there
 * soon when a season has begun or ended.
 */
const combineHalfLifeDays = [14, 3] as const;
/**
 * Who is best changes with the regime: a success of two days ago counts half. But not sooner than after
 * 200 steps, or on an hourly grid what happens twice a week would be forgotten in between.
 */
const followHalfLifeDays = 2;
const followHalfLifeStepsMin = 200;

export const combinationNames = ['combination', 'recent combination'] as const;

export class Competition {
  /** The models' names in their order, and last the combinations'. */
  readonly names: readonly string[];
  /** The forecasts made latest: models, combinations, and last the result. */
  private readonly latest: Float64Array;
  /** Forecasts whose hour has not come: a ring of `horizon` rows. */
  private readonly pending: Float64Array;
  private readonly width: number;
  private row = 0;
  private readonly combine: readonly Mixture[];
  private readonly follow: Mixture;
  /** Values observed so far: no forecast may leave their range by more than once its size. */
  private lowest = 0;
  private highest = 0;

  /** The first model must always be able to tell, from the first value on. */
  constructor(
    private readonly grid: Grid,
    private readonly models: readonly Model[],
  ) {
    this.names = [...models.map(({ name }) => name), ...combinationNames];
    this.width = this.names.length + 1;
    this.latest = new Float64Array(this.width).fill(Number.NaN);
    this.pending = new Float64Array(this.width * grid.horizon).fill(Number.NaN);
    this.combine = combineHalfLifeDays.map(
      (days) => new Mixture(models.length, 'combine', days * grid.day),
    );
    const followHalfLife = Math.max(followHalfLifeDays * grid.day, followHalfLifeStepsMin);
    this.follow = new Mixture(this.names.length, 'follow', followHalfLife);
  }

  /** What was forecast, a horizon ago, for the step that comes next: NaN when nothing was. */
  due(): number {
    return this.pending[this.row * this.width + this.width - 1]!;
  }

  /** And what the first model, the last value, forecast for it. */
  dueLastValue(): number {
    return this.pending[this.row * this.width]!;
  }

  /** Measures the forecasts that are due. A gap teaches nothing. Call before the step is in the history. */
  score(value: number | undefined): void {
    if (value === undefined) return;
    if (value < this.lowest) this.lowest = value;
    if (value > this.highest) this.highest = value;
    const { pending, width } = this;
    const start = this.row * width;
    this.follow.learn(value, pending, pending[start + width - 1]!, start);
    const size = this.models.length;
    for (let i = 0; i < this.combine.length; i += 1) {
      this.combine[i]!.learn(value, pending, pending[start + size + i]!, start);
    }
  }

  /** Lets the models learn the latest step of the history and forecast one horizon ahead of it. */
  advance(history: History): void {
    const { models, latest } = this;
    const size = models.length;
    for (let i = 0; i < size; i += 1) {
      const model = models[i]!;
      model.observe(history);
      latest[i] = this.within(model.forecast(history));
    }
    for (let i = 0; i < this.combine.length; i += 1)
      latest[size + i] = this.combine[i]!.mix(latest);
    latest[this.width - 1] = this.follow.mix(latest);
    this.pending.set(latest, this.row * this.width);
    this.row = this.row + 1 === this.grid.horizon ? 0 : this.row + 1;
  }

  /** The forecast, one horizon after the latest step; NaN before the first. */
  forecast(): number {
    return this.latest[this.width - 1]!;
  }

  /** Below this no forecast goes: 0, but for a series that has been negative. */
  least(): number {
    return this.lowest < 0 ? this.lowest - Math.max(this.highest, -this.lowest) : 0;
  }

  /** What a single model, or a combination, says; NaN where it cannot tell. */
  forecastOf(name: string): number {
    return this.latest[this.names.indexOf(name)] ?? Number.NaN;
  }

  /** Who weighs most in the forecast. */
  leader(): string {
    let best = 0;
    for (let i = 1; i < this.follow.size; i += 1) {
      if (this.follow.weights[i]! > this.follow.weights[best]!) best = i;
    }
    return this.names[best]!;
  }

  save(): Saved {
    return {
      models: this.models.map((model) => ({ name: model.name, state: model.save() })),
      combine: this.combine.map((mixture) => mixture.save()),
      follow: this.follow.save(),
      range: saved([this.lowest, this.highest]),
      latest: saved(this.latest),
      pending: saved(this.pending),
      row: this.row,
    };
  }

  load(from: Saved): void {
    const states = list(from['models']);
    this.models.forEach((model, index) => model.load(part(part(states[index])['state'])));
    const combine = list(from['combine']);
    this.combine.forEach((mixture, index) => mixture.load(part(combine[index])));
    this.follow.load(part(from['follow']));
    [this.lowest = 0, this.highest = 0] = numbers(from['range']);
    this.latest.set(numbers(from['latest']));
    this.pending.set(numbers(from['pending']));
    this.row = Number(from['row']);
    this.follow.mix(this.latest);
  }

  private within(forecast: number): number {
    if (!Number.isFinite(forecast)) return Number.NaN;
    const most = this.highest + Math.max(this.highest, -this.lowest);
    return Math.min(most, Math.max(this.least(), forecast));
  }
}
