// Finds instances that have gone silent, as the worker's watcher does: by their heartbeats in the lease
// log, and only incarnations that hold something. Never fences; it names suspects.

import type { OwnershipLog } from '../../core/handover/ownership-log.js';
import type { LeaseRecord } from '../../core/records.js';
import { evidencePartitions } from '../../limits.js';
import type { SimKafka } from './kafka.js';
import { topics } from './names.js';
import type { Process } from './process.js';

const silentMs = 1_500;
/** Silence counts only when the broker has been there for so long. */
const brokerBackMs = 2_000;

export interface Suspect {
  readonly instance: string;
  readonly incarnation: string;
}

export class Watcher {
  private readonly kafka: SimKafka;
  private readonly process: Process;
  private readonly heardAtMs = new Map<string, number>();
  private readonly latestOf = new Map<string, string>();

  constructor(kafka: SimKafka, process: Process) {
    this.kafka = kafka;
    this.process = process;
    for (let partition = 0; partition < evidencePartitions; partition += 1) {
      kafka.open(process, { topic: topics.leases, partition, from: 0 }, (records) => {
        for (const { body } of records) this.heard(body as LeaseRecord);
      });
    }
  }

  /** Whether the incarnation was heard of lately. */
  hears(incarnation: string): boolean {
    const heardAtMs = this.heardAtMs.get(incarnation);
    return heardAtMs !== undefined && this.nowMs() - heardAtMs < silentMs;
  }

  /** Holders that are silent and have no living successor. */
  suspects(log: OwnershipLog): readonly Suspect[] {
    if (this.process.kernel.nowMs < this.kafka.backAtMs() + brokerBackMs) return [];
    const found = new Map<string, Suspect>();
    for (const { holder } of log.holdings()) {
      if (holder === null || this.hears(holder.incarnation)) continue;
      const { instance, incarnation } = holder;
      const latest = this.latestOf.get(instance);
      // A successor that is there fences it by itself, and nobody has to move.
      if (latest !== undefined && latest !== incarnation && this.hears(latest)) continue;
      found.set(incarnation, { instance, incarnation });
    }
    return [...found.values()];
  }

  private nowMs(): number {
    return this.process.clock.monotonicMs();
  }

  private heard(body: LeaseRecord): void {
    if (body.type !== 'alive') return;
    this.heardAtMs.set(body.incarnation, this.nowMs());
    this.latestOf.set(body.instance, body.incarnation);
  }
}
