// What the product needs of a database of time series: instant and range queries in PromQL, with their
// laws. It says nothing of what a query means, nor whether its answer is good enough to act on
// (src/core/telemetry judges that). This file never mentions a client library.

/** A series' labels without its name; in no particular order. */
export type Labels = Readonly<Record<string, string>>;

export interface SeriesPoint {
  readonly labels: Labels;
  /** Of the evaluation, on the database's clock. */
  readonly atMs: number;
  /** May be NaN or infinite. */
  readonly value: number;
}

export interface SeriesRange {
  readonly labels: Labels;
  /** Ascending, each at most once; steps without a value are left out. */
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

export interface RangeWindow {
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
  /** Whole milliseconds, at least 1 000. */
  readonly stepMs: number;
}

/**
 * Laws: a scalar answers as one series without labels. A query that the database refuses, or whose answer
 * is no vector (a string), throws BadInputError with the query and the database's own words. A database
 * that does not answer in time, refuses us, is busy, or answers more than the named limits, throws
 * UnreachableError. Neither ever holds a secret. Both methods may be repeated.
 */
export interface TimeSeriesSource {
  /** The value of each series now, by the database's clock; answered, or given up, `withinMs` after it was asked. */
  instant(query: string, withinMs?: number): Promise<readonly SeriesPoint[]>;
  /** Long windows are asked for in several parts, each bounded by `withinMs`. */
  range(query: string, window: RangeWindow, withinMs?: number): Promise<readonly SeriesRange[]>;
}
