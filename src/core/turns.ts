// A token bucket that hands out turns: who comes while there are tokens goes at once, who comes later
// is told when, and nobody who comes after him goes before. The generic cell rate algorithm (ITU-T
// I.371): one number remembers everything. Owns no queue and no clock.

export interface TurnLimits {
  /** Tokens earned per second. */
  readonly perSecond: number;
  /** Turns that may be taken at once after a quiet time. */
  readonly burst: number;
  /** Nobody is told to wait longer than this. */
  readonly waitMaxMs: number;
}

export class Turns {
  private readonly limits: TurnLimits;
  private readonly everyMs: number;
  /** When the bucket would be full again if nobody came. */
  private fullAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: TurnLimits) {
    this.limits = limits;
    this.everyMs = 1_000 / limits.perSecond;
  }

  /** Takes the next turn: milliseconds until it, 0 for now; null when it would be too far (none is taken). */
  take(nowMs: number): number | null {
    const waitMs = this.waitMs(nowMs);
    if (waitMs > this.limits.waitMaxMs) return null;
    this.fullAtMs = Math.max(this.fullAtMs, nowMs) + this.everyMs;
    return waitMs;
  }

  /** What the next one would be told. */
  waitMs(nowMs: number): number {
    const spare = (this.limits.burst - 1) * this.everyMs;
    return Math.max(0, this.fullAtMs - spare - nowMs);
  }
}
