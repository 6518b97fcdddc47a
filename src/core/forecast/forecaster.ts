// Owns: the forecast of one series: observe a step, or that it is missing, then ask what is expected one
// lead time ahead, how sure that is, and whether it may act. Incremental, deterministic, of bounded size;
// its state can be stored, and comes out the same when it is rebuilt from the same history.

import { Competition } from './competition.js';
import { defaultModels } from './default-models.js';
import type { Grid } from './grid.js';
import { History } from './history.js';
import { Interval } from './interval.js';
import type { OffsetTable } from './local-time.js';
import type { Model } from './model.js';
import { part, type Saved } from './saved.js';
import { TrustLedger, trustDefaults, type TrustPolicy, type TrustReason } from './trust.js';

export interface Forecast {
  /** Expected load one horizon after the latest step. */
  readonly value: number;
  /** Bounds that so far held `coverage` of what came; equal to the value while that is unknown. */
  readonly low: number;
  readonly high: number;
  /** The model that weighs most. */
  readonly model: string;
  /** Whether it may add instances. It never removes any. */
  readonly acts: boolean;
  readonly why: TrustReason;
}

export interface ForecasterOptions {
  readonly grid: Grid;
  readonly trust?: Partial<TrustPolicy>;
  /** Share of what comes that lies between `low` and `high`, (0, 1); default 0.9. */
  readonly coverage?: number;
  /** The first must always be able to tell; default: all of this folder, the last value first. */
  readonly models?: readonly Model[];
  /** When step 0 begins, UTC; and where local time shifts. Needed only for seasons in local time. */
  readonly firstMs?: number;
  readonly offsets?: OffsetTable;
}

/** State written by another version, or for other models or another grid, cannot be continued. */
const stateVersion = 1;

export const coverageDefault = 0.9;

export class Forecaster {
  readonly grid: Grid;
  private readonly history: History;
  private readonly competition: Competition;
  private readonly trust: TrustLedger;
  private readonly interval: Interval;

  constructor(options: ForecasterOptions) {
    const { grid } = options;
    this.grid = grid;
    this.history = new History(grid, options.offsets, options.firstMs);
    this.competition = new Competition(grid, options.models ?? defaultModels());
    this.trust = new TrustLedger(grid, { ...trustDefaults, ...options.trust });
    this.interval = new Interval(grid, options.coverage ?? coverageDefault);
  }

  /** Steps observed so far. */
  get steps(): number {
    return this.history.count;
  }

  /** Takes in the next step. What is missing (undefined), or no finite number, is a gap. */
  observe(value: number | undefined): void {
    const known = value !== undefined && Number.isFinite(value) ? value : undefined;
    const { competition } = this;
    const due = competition.due();
    this.trust.score(known, due, competition.dueLastValue());
    this.interval.score(known, due);
    competition.score(known);
    this.history.push(known);
    competition.advance(this.history);
    this.interval.around(competition.forecast(), competition.least());
  }

  /** What is expected at the horizon, without interval and trust; NaN before the first value. */
  value(): number {
    return this.competition.forecast();
  }

  /** What one of the models says; NaN where it cannot tell. */
  valueOf(model: string): number {
    return this.competition.forecastOf(model);
  }

  /** What is expected `horizon` steps after the latest; undefined before the first value. */
  forecast(): Forecast | undefined {
    const value = this.value();
    if (value !== value) return undefined;
    const { low, high } = this.interval;
    return {
      value,
      low: low === low ? low : value,
      high: high === high ? high : value,
      model: this.competition.leader(),
      ...this.trust.judge(),
    };
  }

  /** The state, as a value that JSON can hold. */
  save(): Saved {
    return {
      version: stateVersion,
      stepMs: this.grid.stepMs,
      horizon: this.grid.horizon,
      models: this.competition.names,
      history: this.history.save(),
      competition: this.competition.save(),
      trust: this.trust.save(),
      interval: this.interval.save(),
    };
  }

  /** Continues from `save()`; false, and nothing changed, when that state is of something else. */
  load(from: Saved): boolean {
    const { stepMs, horizon } = this.grid;
    const fits =
      from['version'] === stateVersion &&
      from['stepMs'] === stepMs &&
      from['horizon'] === horizon &&
      JSON.stringify(from['models']) === JSON.stringify(this.competition.names);
    if (!fits) return false;
    this.history.load(part(from['history']));
    this.competition.load(part(from['competition']));
    this.trust.load(part(from['trust']));
    this.interval.load(part(from['interval']));
    return true;
  }
}
