// Who is suspected to be dead: the watcher of one service as a passive state machine. It hears the
// leases log and the probes that it appends there itself; it is told who holds partitions by the
// ownership log. Only an incarnation that holds something, that is silent while the watcher's probes
// read back, and that has no living successor (which fences it by itself) is a suspect. A suspect whose
// fellows are heard is named at once; several at a time are held and looked at again. Naming is all it
// does: being wrong costs a needless rebalance, never safety.

import type { LeaseRecord } from '../records.js';
import { Heartbeats } from './heartbeats.js';
import { ProbeChain, type ProbeLimits } from './probe-chain.js';

export interface WatchLimits extends ProbeLimits {
  /** Silence of a suspect. */
  readonly silentMs: number;
  /** Silence of somebody who may become one: has missed a heartbeat. */
  readonly quietMs: number;
  /** Several suspects at once are held this long. */
  readonly severalHeldMs: number;
  /** Whoever is still a suspect is named again after this: the word may have been lost. */
  readonly repeatMs: number;
}

export interface Incarnation {
  readonly instance: string;
  readonly incarnation: string;
}

/** A holder, and the partition of the leases log where its heartbeats stand. */
export interface Holder extends Incarnation {
  readonly leasePartition: number;
}

export interface Suspect extends Incarnation {
  readonly silentMs: number;
}

export class Watch {
  private readonly limits: WatchLimits;
  /** Tells our probes from those of other watchers. */
  private readonly self: string;
  private readonly heartbeats = new Heartbeats();
  private readonly chains = new Map<number, ProbeChain>();
  /** Since when, of those who are suspects now. */
  private suspectedAtMs = new Map<string, number>();
  private namedAtMs = new Map<string, number>();

  constructor(self: string, limits: WatchLimits) {
    this.self = self;
    this.limits = limits;
  }

  /** The next probe of a leases partition; `nowMs` is read just before it is handed to the producer. */
  probe(leasePartition: number, nowMs: number): LeaseRecord {
    const seq = this.chain(leasePartition).send(nowMs);
    return { type: 'probe', by: 'watcher', watcher: this.self, seq };
  }

  /** A record of the leases log. */
  read(record: LeaseRecord, leasePartition: number, nowMs: number): void {
    if (this.heartbeats.read(record, nowMs)) return;
    if (record.type !== 'probe' || record.watcher !== this.self) return;
    if (record.seq !== undefined) this.chain(leasePartition).back(record.seq, nowMs);
  }

  /** Whoever must be named now, of those who hold partitions by the ownership log. */
  look(holders: readonly Holder[], nowMs: number): readonly Suspect[] {
    const { silentMs, quietMs, severalHeldMs, repeatMs } = this.limits;
    const silence = new Map(holders.map((holder) => [holder, this.silenceMs(holder, nowMs)]));
    const suspects = holders.filter((holder) => (silence.get(holder) ?? 0) >= silentMs);
    const suspectedAtMs = new Map<string, number>();
    for (const { incarnation } of suspects) {
      suspectedAtMs.set(incarnation, this.suspectedAtMs.get(incarnation) ?? nowMs);
    }
    this.suspectedAtMs = suspectedAtMs;
    this.namedAtMs = new Map([...this.namedAtMs].filter(([who]) => suspectedAtMs.has(who)));
    // Heartbeats of those who fell silent together end within half a second of each other.
    const quiet = holders.filter((holder) => (silence.get(holder) ?? 0) >= quietMs);
    const isAlone = quiet.length === 1;
    const named = suspects.filter(({ incarnation }) => {
      const heldMs = nowMs - (suspectedAtMs.get(incarnation) ?? nowMs);
      const namedAtMs = this.namedAtMs.get(incarnation);
      if (namedAtMs !== undefined) return nowMs - namedAtMs >= repeatMs;
      return isAlone || heldMs >= severalHeldMs;
    });
    for (const { incarnation } of named) this.namedAtMs.set(incarnation, nowMs);
    return named.map((holder) => ({
      instance: holder.instance,
      incarnation: holder.incarnation,
      silentMs: Math.round(silence.get(holder) ?? 0),
    }));
  }

  /** The word did not reach anybody: it may be said again at once. */
  unsaid(incarnation: string): void {
    this.namedAtMs.delete(incarnation);
  }

  /** 0 for whoever is heard, or has a successor that is. */
  private silenceMs({ instance, incarnation, leasePartition }: Holder, nowMs: number): number {
    const chain = this.chain(leasePartition);
    const latest = this.heartbeats.latestOf(instance);
    const succeeded = latest !== null && latest.incarnation !== incarnation;
    if (succeeded && chain.silenceMs(latest.atMs, nowMs) < this.limits.silentMs) return 0;
    return chain.silenceMs(this.heartbeats.heardAtMs(instance, incarnation), nowMs);
  }

  private chain(leasePartition: number): ProbeChain {
    const known = this.chains.get(leasePartition);
    if (known !== undefined) return known;
    const chain = new ProbeChain(this.limits);
    this.chains.set(leasePartition, chain);
    return chain;
  }
}
