// Instances that beat, a broker that carries what they and a watcher append, and the watcher's look at
// it every half second. Time is a number; steps of 10 ms.
import { Watch, type Suspect, type WatchLimits } from '../../../src/core/watching/watch.js';
import type { LeaseRecord } from '../../../src/core/records.js';
import { heartbeatEveryMs } from '../../../src/limits.js';
import * as bounds from '../../../src/watcher/limits.js';
import { seeded } from '../../support/seeded.js';

export const limits: WatchLimits = {
  everyMs: bounds.probeEveryMs,
  lateMs: bounds.probeLateMs,
  silentMs: bounds.suspectAfterMs,
  quietMs: bounds.quietAfterMs,
  settleMinMs: bounds.watchSettleMinMs,
  settleMaxMs: bounds.watchSettleMaxMs,
  severalHeldMs: bounds.severalSuspectsHeldMs,
  repeatMs: bounds.suspectRepeatMs,
};

const stepMs = 10;
const beatEveryMs = heartbeatEveryMs;
/** What the way through the log takes when all is well. */
const tripMaxMs = 60;
/** What a client of Kafka takes to find a broker again: its pauses grow while it is away. */
const reconnectMaxMs = (awayMs: number) => Math.min(2_000, Math.max(400, awayMs / 2));

interface Life {
  readonly instance: string;
  readonly ordinal: number;
  readonly incarnation: string;
  holds: boolean;
  dead: boolean;
  mutedUntilMs: number;
  nextBeatMs: number;
  /** Appends of this one reach the broker from then on. */
  reachesAtMs: number;
}

interface OnTheWay {
  readonly partition: number;
  readonly record: LeaseRecord;
  readonly atMs: number;
}

export class WatchedWorld {
  nowMs = 0;
  readonly watch = new Watch('me', limits);
  readonly named: (Suspect & { readonly atMs: number })[] = [];
  /** Added to the trip of the watcher's probes. */
  probesLateMs = 0;
  readonly random: (below: number) => number;
  private readonly lives: Life[] = [];
  private onTheWay: OnTheWay[] = [];
  private awayUntilMs = -1;
  private pausedUntilMs = -1;
  private nextLookMs = 0;

  constructor(seed: number, instances: number) {
    const source = seeded(seed);
    this.random = (below) => source.below(below);
    for (let ordinal = 0; ordinal < instances; ordinal += 1) this.start(ordinal, 1);
  }

  run(forMs: number): void {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; this.nowMs += stepMs)
      this.step();
  }

  kill(ordinal: number): void {
    for (const life of this.lives) if (life.ordinal === ordinal) life.dead = true;
  }

  mute(ordinal: number, forMs: number): void {
    for (const life of this.lives)
      if (life.ordinal === ordinal) life.mutedUntilMs = this.nowMs + forMs;
  }

  restart(ordinal: number): void {
    this.start(ordinal, this.lives.filter((life) => life.ordinal === ordinal).length + 1, false);
  }

  holds(ordinal: number, holds: boolean): void {
    for (const life of this.lives) if (life.ordinal === ordinal) life.holds = holds;
  }

  brokerAway(forMs: number): void {
    this.awayUntilMs = this.nowMs + forMs;
    for (const life of this.lives)
      life.reachesAtMs = this.awayUntilMs + this.random(reconnectMaxMs(forMs));
  }

  pauseWatcher(forMs: number): void {
    this.pausedUntilMs = this.nowMs + forMs;
  }

  private start(ordinal: number, life: number, holds = true): void {
    const instance = `s-${ordinal}`;
    this.lives.push({
      ...{ instance, ordinal, incarnation: `${instance}.${life}`, holds, dead: false },
      ...{ mutedUntilMs: -1, reachesAtMs: -1 },
      nextBeatMs: this.nowMs + this.random(beatEveryMs),
    });
  }

  private step(): void {
    for (const life of this.lives) {
      if (life.dead || this.nowMs < life.nextBeatMs) continue;
      life.nextBeatMs = this.nowMs + beatEveryMs;
      if (this.nowMs < life.mutedUntilMs || this.nowMs < life.reachesAtMs) continue;
      const { instance, incarnation, ordinal } = life;
      this.append(ordinal, { type: 'alive', instance, incarnation, seq: 1 }, 0);
    }
    if (this.nowMs < this.pausedUntilMs) return;
    const arrived = this.onTheWay.filter(({ atMs }) => atMs <= this.nowMs);
    this.onTheWay = this.onTheWay.filter(({ atMs }) => atMs > this.nowMs);
    for (const { record, partition } of arrived) this.watch.read(record, partition, this.nowMs);
    if (this.nowMs < this.nextLookMs) return;
    this.nextLookMs = this.nowMs + limits.everyMs;
    const holders = this.lives
      .filter(({ holds }) => holds)
      .map((life) => ({
        instance: life.instance,
        incarnation: life.incarnation,
        leasePartition: life.ordinal,
      }));
    for (const { leasePartition } of holders) {
      this.append(leasePartition, this.watch.probe(leasePartition, this.nowMs), this.probesLateMs);
    }
    for (const suspect of this.watch.look(holders, this.nowMs)) {
      this.named.push({ ...suspect, atMs: this.nowMs });
    }
  }

  /** A producer keeps what it cannot send, and sends it when the broker is back. */
  private append(partition: number, record: LeaseRecord, lateMs: number): void {
    const sentAtMs = Math.max(this.nowMs, this.awayUntilMs);
    this.onTheWay.push({ partition, record, atMs: sentAtMs + 5 + this.random(tripMaxMs) + lateMs });
    this.onTheWay.sort((a, b) => a.atMs - b.atMs);
  }
}
