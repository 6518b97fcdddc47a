// Looks at the world from above, which nobody in it can: who may speak for what at this very moment,
// by lease and by what each holds. SingleOwner and SingleSession are judged here, after every event
// and at every frame; the logs are judged apart, by the independent check.

import type { SimInstance } from './instance.js';

export class Watch {
  private readonly partitions: number;
  private readonly violate: (invariant: string, text: string) => void;
  private readonly holders: Set<SimInstance>[];
  /** Partitions that more than one believes to hold; only one of them may be able to speak. */
  private readonly contested = new Set<number>();
  /** Who welcomed each client last. */
  private readonly welcomedBy = new Map<number, SimInstance>();

  constructor(partitions: number, violate: (invariant: string, text: string) => void) {
    this.partitions = partitions;
    this.violate = violate;
    this.holders = Array.from({ length: partitions }, () => new Set());
  }

  /** An event of the instance is over, with all that follows from it at that moment. */
  settled(instance: SimInstance): void {
    if (instance.isStirred) {
      instance.isStirred = false;
      this.lookAt(instance);
    }
    for (const partition of this.contested) this.judge(partition);
  }

  /** A frame that carries data is being written. */
  wrote(instance: SimInstance, client: number, partition: number, type: string): void {
    if (!instance.maySpeak(partition)) {
      this.violate('SingleOwner', `${instance.incarnation} writes ${type} of ${partition} unasked`);
    }
    for (const other of this.holders[partition] ?? []) {
      if (other !== instance && other.maySpeak(partition))
        this.twoOwners(partition, instance, other);
    }
    if (type !== 'welcome') return;
    const before = this.welcomedBy.get(client);
    if (before !== undefined && before !== instance && before.maySpeak(partition)) {
      const text = `client ${client} is welcomed by ${instance.incarnation} while ${before.incarnation} may still speak to it`;
      this.violate('SingleSession', text);
    }
    this.welcomedBy.set(client, instance);
  }

  private lookAt(instance: SimInstance): void {
    for (let partition = 0; partition < this.partitions; partition += 1) {
      if (!instance.handOver.holds(partition)) continue;
      const holders = this.holders[partition] as Set<SimInstance>;
      if (holders.has(instance)) continue;
      holders.add(instance);
      if (holders.size > 1) {
        this.contested.add(partition);
        this.judge(partition);
      }
    }
  }

  private judge(partition: number): void {
    const holders = this.holders[partition] as Set<SimInstance>;
    let speaker: SimInstance | null = null;
    for (const holder of holders) {
      if (!holder.process.alive || !holder.handOver.holds(partition)) {
        holders.delete(holder);
        continue;
      }
      if (!holder.maySpeak(partition)) continue;
      if (speaker !== null) this.twoOwners(partition, speaker, holder);
      speaker = holder;
    }
    if (holders.size < 2) this.contested.delete(partition);
  }

  private twoOwners(partition: number, a: SimInstance, b: SimInstance): void {
    const text = `partition ${partition} may be spoken for by ${a.incarnation} and by ${b.incarnation}`;
    this.violate('SingleOwner', text);
  }
}
