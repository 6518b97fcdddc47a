// Which incarnation of each instance was heard of last, and when: the leases log as somebody sees it who
// only wants to know who is alive. Keeps the latest incarnation of an instance and the one before it.
// Owns no clock, and decides nothing that safety rests on: a lease is the instance's own business.

import type { LeaseRecord } from '../records.js';

interface Heard {
  readonly incarnation: string;
  atMs: number;
}

export class Heartbeats {
  private readonly latest = new Map<string, Heard>();
  private readonly before = new Map<string, Heard>();

  /** A record of the leases log, in its order. Tells whether it was a heartbeat. */
  read(record: LeaseRecord, nowMs: number): boolean {
    if (record.type !== 'alive') return false;
    const { instance, incarnation } = record;
    const known = this.of(instance, incarnation);
    if (known !== null) known.atMs = nowMs;
    else {
      const last = this.latest.get(instance);
      if (last !== undefined) this.before.set(instance, last);
      this.latest.set(instance, { incarnation, atMs: nowMs });
    }
    return true;
  }

  /** When the incarnation was last heard of; null when never, or too many lives ago. */
  heardAtMs(instance: string, incarnation: string): number | null {
    return this.of(instance, incarnation)?.atMs ?? null;
  }

  /** The incarnation that began to speak last. */
  latestOf(instance: string): { readonly incarnation: string; readonly atMs: number } | null {
    return this.latest.get(instance) ?? null;
  }

  private of(instance: string, incarnation: string): Heard | null {
    for (const heard of [this.latest.get(instance), this.before.get(instance)])
      if (heard?.incarnation === incarnation) return heard;
    return null;
  }
}
