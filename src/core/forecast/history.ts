// Owns: the last weeks of one series, gaps filled in, and where in it the seasons lie. A ring: its size
// is fixed when it is made. Never forecasts.

import { weeksKept, type Grid } from './grid.js';
import type { OffsetTable } from './local-time.js';
import { offsetAt } from './local-time.js';
import { numbers, saved, type Saved } from './saved.js';

/** Room beyond the weeks for the horizon and the few values around a season that models look at. */
const aroundSeason = 8;

/** What a lag is counted back from: the latest value, or the step that the next forecast is for. */
export type Target = 'latest' | 'next';

export class History {
  readonly capacity: number;
  /** Steps observed so far, gaps included. */
  count = 0;
  /** Whether the latest step had a value; a gap has a filled-in one. */
  known = false;
  /** The last value that really came; 0 before the first. */
  lastKnown = 0;
  private readonly values: Float64Array;
  /** Local time minus UTC of each step, in steps. */
  private readonly offsets: Float64Array;
  private head = -1;
  private nextOffset = 0;

  /** `firstMs`: when step 0 begins, needed only where local time shifts. */
  constructor(
    readonly grid: Grid,
    private readonly offsetTable: OffsetTable = [],
    private readonly firstMs = 0,
  ) {
    this.capacity = Math.max(weeksKept, Math.ceil(grid.horizon / grid.week)) * grid.week;
    this.capacity += grid.horizon + aroundSeason + Math.ceil(grid.day / 8);
    this.values = new Float64Array(this.capacity);
    this.offsets = new Float64Array(this.capacity);
  }

  /** Appends a step. A gap (undefined) becomes last week's value, else yesterday's, else the last one. */
  push(value: number | undefined): void {
    const { day, week, horizon, stepMs } = this.grid;
    const filled = value ?? this.fill(week) ?? this.fill(day) ?? this.lastKnown;
    this.head = this.head + 1 === this.capacity ? 0 : this.head + 1;
    this.values[this.head] = filled;
    if (this.offsetTable.length > 0) {
      const startMs = this.firstMs + this.count * stepMs;
      this.offsets[this.head] = Math.round(offsetAt(this.offsetTable, startMs) / stepMs);
      const nextMs = startMs + horizon * stepMs;
      this.nextOffset = Math.round(offsetAt(this.offsetTable, nextMs) / stepMs);
    }
    this.count += 1;
    this.known = value !== undefined;
    if (value !== undefined) this.lastKnown = value;
  }

  /** The value `lag` steps before the latest; only where `has(lag)`. */
  at(lag: number): number {
    return this.values[this.slot(lag)] ?? Number.NaN;
  }

  has(lag: number): boolean {
    return lag >= 0 && lag < this.count && lag < this.capacity;
  }

  /**
   * How many steps before the latest value the same local time lies, so and so many whole days (in
   * steps) before the target. A day with a change of the clocks is an hour shorter or longer.
   */
  seasonLag(days: number, target: Target): number {
    const ahead = target === 'next' ? this.grid.horizon : 0;
    const lag = days - ahead;
    if (this.offsetTable.length === 0 || !this.has(lag)) return lag;
    const there = target === 'next' ? this.nextOffset : (this.offsets[this.head] ?? 0);
    const shift = there - (this.offsets[this.slot(lag)] ?? 0);
    return Math.max(0, lag - shift);
  }

  /** The season's whole days, in steps, that lie behind the horizon: a day, or more for a long horizon. */
  beyondHorizon(season: number): number {
    return season * Math.ceil(this.grid.horizon / season);
  }

  save(): Saved {
    const length = Math.min(this.count, this.capacity);
    const offsets = this.offsetTable.length === 0 ? [] : saved(this.ordered(this.offsets, length));
    return {
      count: this.count,
      known: this.known,
      lastKnown: this.lastKnown,
      nextOffset: this.nextOffset,
      values: saved(this.ordered(this.values, length)),
      offsets,
    };
  }

  load(from: Saved): void {
    this.count = Number(from['count']);
    this.known = from['known'] === true;
    this.lastKnown = Number(from['lastKnown']);
    this.nextOffset = Number(from['nextOffset']);
    const values = numbers(from['values']);
    this.values.set(values);
    this.offsets.set(numbers(from['offsets']));
    this.head = values.length - 1;
  }

  private fill(season: number): number | undefined {
    // Relative to the step that is being appended, which lies one behind the latest.
    return this.has(season - 1) ? this.at(season - 1) : undefined;
  }

  private slot(lag: number): number {
    const slot = this.head - lag;
    return slot < 0 ? slot + this.capacity : slot;
  }

  /** Oldest first. */
  private ordered(ring: Float64Array, length: number): number[] {
    const list: number[] = [];
    for (let lag = length - 1; lag >= 0; lag -= 1) list.push(ring[this.slot(lag)] ?? Number.NaN);
    return list;
  }
}
