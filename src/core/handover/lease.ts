// The lease of one incarnation, as a passive state machine. A lease reads its own heartbeat: what it
// reads back at its place in the log, with no fence before it, lets it speak until the moment just
// before that heartbeat was *first sent* plus the TTL. Counting from the sending is what makes a
// fence safe: whoever fences waits TTL + margin after its own append was acknowledged.
//
//   silent ──own heartbeat read──► speaking ──TTL passes──► silent …
//      └────────── fence read, reader reset, lapse too long ──────────► fenced (for ever)
//
// It owns no clock and no socket: every call is given the present time.

import type { LeaseRecord } from '../records.js';

export type LeaseEnd = 'fence-read' | 'reader-reset' | 'lapsed';

export interface LeaseLimits {
  readonly ttlMs: number;
  readonly lapseMaxMs: number;
}

/** Heartbeats sent and not yet read back; older ones could no longer extend anything. */
const unreadMax = 64;

export class Lease {
  readonly incarnation: string;
  private readonly instance: string;
  private readonly limits: LeaseLimits;
  private seq = 0;
  private readonly firstSentAtMs = new Map<number, number>();
  private validUntilMs = Number.NEGATIVE_INFINITY;
  private endedBy: LeaseEnd | null = null;

  constructor(instance: string, incarnation: string, limits: LeaseLimits) {
    this.instance = instance;
    this.incarnation = incarnation;
    this.limits = limits;
  }

  /** The next heartbeat to append; `nowMs` must be read just before it is handed to the producer. */
  beat(nowMs: number): LeaseRecord | null {
    if (this.ended(nowMs) !== null) return null;
    this.seq += 1;
    this.firstSentAtMs.set(this.seq, nowMs);
    for (const seq of this.firstSentAtMs.keys()) {
      if (this.firstSentAtMs.size <= unreadMax) break;
      this.firstSentAtMs.delete(seq);
    }
    return { type: 'alive', instance: this.instance, incarnation: this.incarnation, seq: this.seq };
  }

  /** A record of the lease partition, in order. Answers with what must be appended, if anything. */
  read(record: LeaseRecord, nowMs: number): LeaseRecord | null {
    if (record.type === 'fence' && record.incarnation === this.incarnation) {
      this.endedBy ??= 'fence-read';
      return { type: 'fence-acknowledged', incarnation: this.incarnation };
    }
    if (record.type !== 'alive' || record.incarnation !== this.incarnation) return null;
    if (this.ended(nowMs) !== null) return null;
    const sentAtMs = this.firstSentAtMs.get(record.seq);
    if (sentAtMs === undefined) return null;
    for (const seq of this.firstSentAtMs.keys())
      if (seq <= record.seq) this.firstSentAtMs.delete(seq);
    this.validUntilMs = Math.max(this.validUntilMs, sentAtMs + this.limits.ttlMs);
    return null;
  }

  /** The reader lost its place: a fence may have been missed, so this counts as one. */
  reset(): void {
    this.endedBy ??= 'reader-reset';
  }

  /** Whether anything may be said at this very moment. */
  speaks(nowMs: number): boolean {
    return this.endedBy === null && nowMs < this.validUntilMs;
  }

  /** Why the incarnation is over, or null. A lapse too long ends it. */
  ended(nowMs: number): LeaseEnd | null {
    if (
      this.endedBy === null &&
      this.validUntilMs !== Number.NEGATIVE_INFINITY &&
      nowMs - this.validUntilMs > this.limits.lapseMaxMs
    ) {
      this.endedBy = 'lapsed';
    }
    return this.endedBy;
  }

  /** When the present lease runs out; -Infinity before the first read-back. */
  untilMs(): number {
    return this.validUntilMs;
  }
}

/** Reads a record of the leases topic; null when it is none. */
export function parseLeaseRecord(record: Record<string, unknown> | null): LeaseRecord | null {
  if (record === null) return null;
  switch (record['type']) {
    case 'alive':
      return typeof record['incarnation'] === 'string' && Number.isSafeInteger(record['seq'])
        ? (record as unknown as LeaseRecord)
        : null;
    case 'fence':
    case 'fence-acknowledged':
      return typeof record['incarnation'] === 'string' ? (record as unknown as LeaseRecord) : null;
    case 'probe':
      // Never `String(…)`: of {"toString":1} it throws, and the reader of the lease would stop.
      return probeOf(record);
    default:
      return null;
  }
}

function probeOf({ by, watcher, seq }: Record<string, unknown>): LeaseRecord {
  return {
    type: 'probe',
    by: typeof by === 'string' ? by : '',
    ...(typeof watcher === 'string' ? { watcher } : {}),
    ...(Number.isSafeInteger(seq) ? { seq: seq as number } : {}),
  };
}
