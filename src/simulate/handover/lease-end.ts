// Keeps the lease of one simulated incarnation: the counterpart of src/instance/lease-keeper.ts around
// the same state machine. Appends heartbeats, reads them back, acknowledges a fence.

import type { Lease } from '../../core/handover/lease.js';
import type { LeaseRecord } from '../../core/records.js';
import { heartbeatEveryMs } from '../../limits.js';
import type { Appender } from '../../ports.js';
import { record } from './fence.js';
import type { SimKafka } from './kafka.js';
import { evidencePartitionOf, topics } from './names.js';
import type { Process } from './process.js';

export interface LeaseParts {
  readonly kafka: SimKafka;
  readonly process: Process;
  readonly ordinal: number;
  readonly lease: Lease;
  readonly onChange: (good: boolean) => void;
  readonly onEnd: () => void;
}

export class LeaseEnd {
  /** Called once, when the next heartbeat is on its way: the worst moment for a pause. */
  onBeat: (() => void) | null = null;
  private readonly parts: LeaseParts;
  /** Its own, so that heartbeats never queue behind anything. */
  private readonly appender: Appender;
  private readonly partition: number;
  private wasGood = false;
  private hasEnded = false;

  constructor(parts: LeaseParts) {
    this.parts = parts;
    this.appender = parts.kafka.appender(parts.process);
    this.partition = evidencePartitionOf(parts.ordinal);
  }

  /** Opens the lease partition at its end and beats from then on. */
  start(): void {
    const { kafka, process } = this.parts;
    const at = { topic: topics.leases, partition: this.partition, from: 'end' } as const;
    kafka.open(process, at, (records) => {
      for (const { body } of records) this.read(body as LeaseRecord);
      this.look();
    });
    process.every(heartbeatEveryMs, () => this.beat());
    this.beat();
  }

  /** Right before speaking. */
  speaks(): boolean {
    return this.parts.lease.speaks(this.nowMs());
  }

  private nowMs(): number {
    return this.parts.process.clock.monotonicMs();
  }

  private beat(): void {
    const beat = this.hasEnded ? null : this.parts.lease.beat(this.nowMs());
    if (beat !== null) this.append(beat);
    this.look();
    const { onBeat } = this;
    this.onBeat = null;
    onBeat?.();
  }

  private read(read: LeaseRecord): void {
    const answer = this.parts.lease.read(read, this.nowMs());
    if (answer !== null) this.append(answer);
  }

  private append(body: LeaseRecord): void {
    // A lost heartbeat is made up for by the next; a lost acknowledgement by the fencer's wait.
    this.appender.append([record(topics.leases, this.partition, body)]).catch(() => undefined);
  }

  private look(): void {
    const why = this.parts.lease.ended(this.nowMs());
    const good = why === null && this.speaks();
    if (good !== this.wasGood) {
      this.wasGood = good;
      this.parts.onChange(good);
    }
    if (why !== null && !this.hasEnded) {
      this.hasEnded = true;
      this.parts.onEnd();
    }
  }
}
