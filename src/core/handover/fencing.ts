// Making sure that an incarnation speaks no more, as a passive state machine. A `fence` is appended to
// the victim's lease partition; it is over when the victim acknowledged it, when the platform says
// that this very process has ended, or when TTL + margin have passed since our own append was
// *acknowledged*: a heartbeat before the fence was sent before it, one after it extends nothing. Only
// then `fenced` goes to every partition of the sessions log, and when all of those are acknowledged,
// to the ownership log. It never appends or waits itself.

import type { Fenced, FencedHow, LeaseRecord } from '../records.js';

export interface Victim {
  readonly instance: string;
  readonly incarnation: string;
}

export interface FencingLimits {
  readonly ttlMs: number;
  readonly marginMs: number;
}

export class Fencing {
  private readonly victim: Victim;
  private readonly limits: FencingLimits;
  private appendedAtMs: number | null = null;
  private how: FencedHow | null = null;

  constructor(victim: Victim, limits: FencingLimits) {
    this.victim = victim;
    this.limits = limits;
  }

  /** What to append first. */
  fence(by: string): LeaseRecord {
    return { type: 'fence', incarnation: this.victim.incarnation, by };
  }

  /** Our `fence` was acknowledged by the log at `nowMs`. */
  onAppended(nowMs: number): void {
    this.appendedAtMs ??= nowMs;
  }

  /** A record of the victim's lease partition. */
  onLeaseRecord(record: LeaseRecord): void {
    if (record.type === 'fence-acknowledged' && record.incarnation === this.victim.incarnation) {
      this.how ??= 'acknowledged';
    }
  }

  /** The platform's word that this very process has ended. */
  onProcessEnded(): void {
    this.how ??= 'process-ended';
  }

  /** Absolute time at which waiting is enough; null before the append was acknowledged. */
  waitUntilMs(): number | null {
    return this.appendedAtMs === null
      ? null
      : this.appendedAtMs + this.limits.ttlMs + this.limits.marginMs;
  }

  /** The record to write, or null while it is not certain yet. The `fence` itself must be in the log. */
  verdict(nowMs: number): Fenced | null {
    if (this.appendedAtMs === null) return null;
    const untilMs = this.waitUntilMs() as number;
    if (this.how === null && nowMs >= untilMs) this.how = 'lease-expired';
    return this.how === null ? null : { type: 'fenced', ...this.victim, how: this.how };
  }
}
