// The receiving end: warms up what is coming, acquires what is free, fences earlier incarnations of
// its own ordinal. A partition is free when the log says that nobody holds it.

import type { Goal } from './goal.js';
import type { Ends } from './ends.js';
import type { Phase } from './phase.js';

export class Receiver {
  private readonly ends: Ends;
  private readonly fencing = new Set<string>();
  /** Rebalance whose preparation was answered. */
  private answered: string | null = null;

  constructor(ends: Ends) {
    this.ends = ends;
  }

  /** A new preparation: read what it brings, deliver nothing. */
  prepare(): void {
    const { goals, phases } = this.ends;
    this.answered = null;
    for (let partition = 0; partition < this.ends.partitions(); partition += 1) {
      if (!this.ends.isMine(goals.prepared, partition)) continue;
      if (phases.of(partition) === undefined) this.warm(partition);
    }
    this.answerWhenWarm();
  }

  warm(partition: number): void {
    this.ends.phases.set(partition, { kind: 'warming' });
    this.ends.steps.warm(partition);
  }

  warmed(partition: number): void {
    const { phases } = this.ends;
    if (phases.kindOf(partition) === 'warming') phases.set(partition, { kind: 'warm' });
  }

  /** Takes the partition if it is read to the tail and nobody holds it. */
  acquireWhenFree(partition: number, phase: Phase, nowMs: number): void {
    const { log } = this.ends.views;
    const target = this.ends.goals.target as Goal;
    if (phase.kind === 'warming' || log.holderOf(partition) !== null) return;
    // Fenced ourselves: whatever we append is void, and asking again would never end.
    if (log.isFenced(this.ends.self.incarnation)) return;
    const last = log.last(partition);
    if (last !== null && target.revision < last.revision) return;
    const record = this.ends.change('acquired', partition, target.revision, last?.offset ?? null);
    this.ends.append(partition, { kind: 'acquiring', record, triedAtMs: nowMs, takeBack: false });
  }

  /** An earlier life of this very ordinal still holds the partition: it must speak no more. */
  fencePredecessor(partition: number): void {
    const holder = this.ends.views.log.holderOf(partition);
    if (holder === null || holder.instance !== this.ends.name) return;
    const own = holder.incarnation === this.ends.self.incarnation;
    if (own || this.fencing.has(holder.incarnation)) return;
    this.fencing.add(holder.incarnation);
    this.ends.steps.fence(holder.incarnation);
  }

  /** Says once per preparation that everything it brings is warm. */
  answerWhenWarm(): void {
    const { goals, phases, steps, views, self } = this.ends;
    const { prepared } = goals;
    if (prepared === null || this.answered === prepared.rebalance) return;
    let gained = 0;
    for (let p = 0; p < this.ends.partitions(); p += 1) {
      const held = views.log.holderOf(p)?.incarnation === self.incarnation;
      if (held || !this.ends.isMine(prepared, p)) continue;
      if (phases.kindOf(p) === 'warming') return;
      gained += 1;
    }
    this.answered = prepared.rebalance;
    steps.answerWarmed(prepared.rebalance, gained);
  }
}
