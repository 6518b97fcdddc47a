// Whether one partition of the leases log can be read and written in time, as somebody finds out who
// appends probes of his own and reads them back. Silence of others means something only while he can:
// a broker away, a busy or a paused watcher look like everybody dead. A passive state machine.
//
//   broken ──a probe is back in time──► unbroken ──… and in time … and in time──► (silence counts)
//      └──────────── a probe comes late, or none for too long ◄────┘

export interface ProbeLimits {
  /** A probe that takes longer than this is late. */
  readonly lateMs: number;
  readonly everyMs: number;
  /** Silence counts this long after a chain began, or after as long as it was broken, if shorter … */
  readonly settleMaxMs: number;
  /** … but not before this. */
  readonly settleMinMs: number;
}

/** Probes sent and not read back; older ones would be late anyway. */
const unreadMax = 64;

export class ProbeChain {
  private readonly limits: ProbeLimits;
  private readonly sentAtMs = new Map<number, number>();
  private seq = 0;
  private begunAtMs = Number.NEGATIVE_INFINITY;
  private lastBackAtMs = Number.NEGATIVE_INFINITY;
  /** The last moment at which silence counted: chains too short to settle are part of the break. */
  private sightAtMs = Number.NEGATIVE_INFINITY;
  private settledAtMs = Number.POSITIVE_INFINITY;

  constructor(limits: ProbeLimits) {
    this.limits = limits;
  }

  /** Number of the probe that is handed to the producer now. */
  send(nowMs: number): number {
    this.seq += 1;
    this.sentAtMs.set(this.seq, nowMs);
    for (const seq of this.sentAtMs.keys()) {
      if (this.sentAtMs.size <= unreadMax) break;
      this.sentAtMs.delete(seq);
    }
    return this.seq;
  }

  /** A probe of our own is read. */
  back(seq: number, nowMs: number): void {
    const sentAtMs = this.sentAtMs.get(seq);
    if (sentAtMs === undefined) return;
    this.sentAtMs.delete(seq);
    const { lateMs, settleMaxMs, settleMinMs } = this.limits;
    if (nowMs - sentAtMs > lateMs) {
      this.settledAtMs = Number.POSITIVE_INFINITY;
      return;
    }
    if (!this.isUnbroken(nowMs)) {
      const brokenMs = nowMs - this.sightAtMs;
      this.begunAtMs = nowMs;
      this.settledAtMs = nowMs + Math.min(settleMaxMs, Math.max(settleMinMs, brokenMs));
    }
    this.lastBackAtMs = nowMs;
    if (nowMs >= this.settledAtMs) this.sightAtMs = nowMs;
  }

  /** How long somebody last heard of at `heardAtMs` (null: never) has certainly been silent. */
  silenceMs(heardAtMs: number | null, nowMs: number): number {
    if (!this.isUnbroken(nowMs) || this.lastBackAtMs < this.settledAtMs) return 0;
    // Up to our last probe and no further: after it, nobody knows.
    return this.lastBackAtMs - Math.max(heardAtMs ?? this.begunAtMs, this.begunAtMs);
  }

  private isUnbroken(nowMs: number): boolean {
    const { everyMs, lateMs } = this.limits;
    const isChain = this.settledAtMs !== Number.POSITIVE_INFINITY;
    return isChain && nowMs - this.lastBackAtMs <= everyMs + lateMs;
  }
}
