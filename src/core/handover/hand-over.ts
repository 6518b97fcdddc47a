// All hand-overs of one instance, both ends, as a passive state machine: events with their time go
// in, actions come out. It owns what this instance is about to do with each partition; who holds what
// is the ownership log's business, and the log is obeyed, also about this very instance. It never
// appends, closes, waits or reads a clock.
//
// After each event the partitions concerned are settled: `settle` compares log, goal and phase and
// takes the one step that follows. So a grow, a restart, a lost instance and a take-back are all the
// same few rules.

import type { ControlMessage, OwnershipChange, OwnershipRecord } from '../records.js';
import { admissionOf } from './admission.js';
import { Donor } from './donor.js';
import { Ends } from './ends.js';
import type { Goals } from './goal.js';
import type { Verdict } from './ownership-log.js';
import type { Action, Admission, HandOverLimits, HandOverViews, Phase, Self } from './phase.js';
import { Receiver } from './receiver.js';

export class HandOver {
  readonly goals: Goals;
  private readonly ends: Ends;
  private readonly donor: Donor;
  private readonly receiver: Receiver;
  private readonly limits: HandOverLimits;
  private started = false;

  constructor(self: Self, views: HandOverViews, limits: HandOverLimits) {
    this.ends = new Ends(self, views);
    this.goals = this.ends.goals;
    this.donor = new Donor(this.ends, limits);
    this.receiver = new Receiver(this.ends);
    this.limits = limits;
  }

  // ---------------------------------------------------------------- events

  /** Both logs are read up to the present and the lease is good: act from now on. */
  onStarted(nowMs: number): readonly Action[] {
    this.started = true;
    this.settleAll(nowMs);
    this.receiver.prepare();
    return this.take(nowMs);
  }

  onControl(message: ControlMessage, nowMs: number): readonly Action[] {
    const change = this.goals.read(message);
    switch (change.kind) {
      case 'target':
      case 'resume':
        this.donor.goOn();
        this.settleAll(nowMs);
        this.ends.steps.report();
        break;
      case 'prepared':
        this.settleAll(nowMs);
        if (this.started) this.receiver.prepare();
        break;
      case 'unprepared':
        this.settleAll(nowMs);
        break;
      case 'report':
        this.ends.steps.report();
        break;
      case 'alarm':
        this.ends.steps.alarm(change.text);
        break;
      case 'hold':
      case 'ignored':
        break;
    }
    return this.take(nowMs);
  }

  /** A record of the ownership log, with the verdict that the log gave at its place. */
  onOwnership(record: OwnershipRecord | null, verdict: Verdict, nowMs: number): readonly Action[] {
    if (record === null) return [];
    if (record.type === 'fenced') this.settleAll(nowMs);
    else if (record.partition >= 0 && record.partition < this.ends.partitions()) {
      if (record.incarnation === this.ends.self.incarnation) this.onOwn(record, verdict, nowMs);
      else if (verdict.valid && record.type === 'acquired') this.onAcquiredByOther(record);
      this.settle(record.partition, nowMs);
    }
    this.receiver.answerWhenWarm();
    return this.take(nowMs);
  }

  /** The partitions are read up to their tail. */
  onWarmed(partitions: readonly number[], nowMs: number): readonly Action[] {
    for (const partition of partitions) {
      this.receiver.warmed(partition);
      this.settle(partition, nowMs);
    }
    this.receiver.answerWhenWarm();
    return this.take(nowMs);
  }

  /** Every connection of the partition ever sent an `opened` has its `closed` acknowledged. */
  onDrained(partition: number, nowMs: number): readonly Action[] {
    this.donor.drained(partition, nowMs);
    return this.take(nowMs);
  }

  /** Give everything away and take nothing more: the process wants to end. */
  onLeave(nowMs: number): readonly Action[] {
    this.ends.leaving = true;
    this.settleAll(nowMs);
    return this.take(nowMs);
  }

  onTick(nowMs: number): readonly Action[] {
    for (const [partition, phase] of this.ends.phases.entries()) {
      if (phase.kind === 'released') this.donor.takeBackWhenLate(partition, phase, nowMs);
      else if (phase.kind === 'acquiring' || phase.kind === 'releasing') {
        const late = nowMs - phase.triedAtMs >= this.limits.repeatAfterMs;
        if (late) this.ends.append(partition, { ...phase, triedAtMs: nowMs });
      }
    }
    return this.take(nowMs);
  }

  // ---------------------------------------------------------------- questions

  /** Held by the log and not being given away: may be delivered while the lease is good. */
  holds(partition: number): boolean {
    const { phases, views, self } = this.ends;
    // The log is obeyed also about ourselves: nothing is held by a fenced incarnation.
    return phases.kindOf(partition) === 'held' && !views.log.isFenced(self.incarnation);
  }

  /** Where a client of the partition belongs; `revision` is what its hello echoed, if anything. */
  admission(partition: number, revision: number | null): Admission {
    const { self, views, leaving } = this.ends;
    const { service, ordinal, incarnation } = self;
    const phase = this.phaseOf(partition);
    const view = { service, ordinal, incarnation, log: views.log, target: this.goals.target };
    return admissionOf({ ...view, phase, leaving }, partition, revision);
  }

  /** When the next wave may start; null when none waits for its time. */
  wakeAtMs(): number | null {
    return this.donor.wakeAtMs();
  }

  /** The goal, or what is being prepared, leaves nothing to this instance. */
  isToGiveAll(): boolean {
    const goal = this.goals.prepared ?? this.goals.target;
    return goal !== null && !goal.ranges.some(([, , owner]) => owner === this.ends.self.ordinal);
  }

  takenBackPartitions(): readonly number[] {
    return [...this.donor.takenBack].sort((a, b) => a - b);
  }

  /** Nothing is held, being acquired or on its way out any more. */
  isEmpty(): boolean {
    return this.ends.phases.isEmpty();
  }

  counts(): { readonly held: number; readonly warm: number } {
    return this.ends.phases.counts();
  }

  phaseOf(partition: number): Phase['kind'] | 'idle' {
    return this.ends.phases.kindOf(partition);
  }

  // ---------------------------------------------------------------- rules

  /** A record of our own is read back: the log's verdict decides what is true of us. */
  private onOwn(record: OwnershipChange, verdict: Verdict, nowMs: number): void {
    const { partition } = record;
    const { phases, steps } = this.ends;
    const phase = phases.of(partition);
    if (verdict.valid && record.type === 'released') {
      this.donor.released(partition, record.revision, nowMs);
    } else if (verdict.valid) {
      phases.set(partition, { kind: 'held' });
      this.donor.finished(partition);
      // The goal may have changed since it was asked for: then it goes on at once.
      if (!this.ends.isMine(this.goals.target, partition)) this.donor.stir();
      if (phase?.kind === 'acquiring' && phase.takeBack) this.donor.tookBack(partition);
      steps.serve(partition);
    } else if (phase?.kind === 'acquiring' && record.prev === phase.record.prev) {
      // Void: somebody was there before. Look again at what the log says now.
      phases.set(partition, { kind: 'warm' });
    }
  }

  private onAcquiredByOther(record: OwnershipChange): void {
    const { partition } = record;
    const { phases, steps } = this.ends;
    const kind = phases.kindOf(partition);
    if (kind === 'released' || kind === 'acquiring') phases.set(partition, { kind: 'warm' });
    this.donor.takenBack.delete(partition);
    this.donor.finished(partition);
    steps.turnAway(partition, record.url ?? null, record.revision);
  }

  private settleAll(nowMs: number): void {
    this.donor.stir();
    for (let partition = 0; partition < this.ends.partitions(); partition += 1) {
      this.settle(partition, nowMs);
    }
  }

  /** The one step that follows for a partition from log, goal and phase. */
  private settle(partition: number, nowMs: number): void {
    if (!this.started) return;
    const { phases, goals } = this.ends;
    const phase = phases.of(partition);
    const wanted = this.ends.isMine(goals.target, partition);
    if (phase === undefined) {
      if (wanted) this.receiver.warm(partition);
    } else if (phase.kind === 'warm' || phase.kind === 'warming' || phase.kind === 'released') {
      if (wanted) this.receiver.acquireWhenFree(partition, phase, nowMs);
      else if (phase.kind !== 'released') this.forgetUnlessPrepared(partition);
    } else if (phase.kind === 'held' && wanted) this.donor.takenBack.delete(partition);
    this.receiver.fencePredecessor(partition);
  }

  private forgetUnlessPrepared(partition: number): void {
    if (this.ends.isMine(this.goals.prepared, partition)) return;
    this.ends.phases.delete(partition);
    this.ends.steps.forget(partition);
  }

  /** Hands out everything that was decided, with the waves that may start now. */
  private take(nowMs: number): readonly Action[] {
    if (this.started) this.donor.startWaves(nowMs);
    const actions = this.ends.steps.take();
    return this.started ? actions : [];
  }
}
