// Owns: what a decision consumes of a forecast: one number for the whole service, one lead time ahead,
// with whether it has earned to act. Never forecasts (src/core/forecast).

export interface Forecast {
  /** Connected users of the whole service, expected `horizonMs` from now. */
  readonly value: number;
  /** The prediction interval around it. */
  readonly low: number;
  readonly high: number;
  readonly model: string;
  /** How long before it is needed an instance has to be asked for. */
  readonly horizonMs: number;
  /** Whether it may act: it beats the last value by the policy's margin. */
  readonly acts: boolean;
  /** Why it does, or does not: one sentence without a full stop. */
  readonly why: string;
}
