// Both ends of every hand-over of one instance, as a passive state machine: events with their time
// go in, actions come out. It owns what this instance is about to do with each partition; who holds
// what is the ownership log's business, and the log is obeyed, also about this very instance. It
// never appends, closes, waits or reads a clock.
//
// After each event the partitions concerned are settled: `settle` compares the log, the goal and the
// local phase and takes the one step that follows. So a grow, a restart, a lost instance and a
// take-back are all the same few rules.

import { instanceName, offsetText } from '../records.js';
import type { ControlMessage, OwnershipChange, OwnershipRecord } from '../records.js';
import { admissionOf } from './admission.js';
import { Goals, ownerIn, urlIn } from './goal.js';
import type { Goal } from './goal.js';
import type { OwnershipLog, Verdict } from './ownership-log.js';
import { candidatesOf, Lanes } from './lanes.js';
import type { Candidates } from './lanes.js';
import type { Action, Admission, Phase } from './phase.js';
import { Steps } from './steps.js';

export interface Self {
  readonly service: string;
  readonly ordinal: number;
  readonly incarnation: string;
  readonly url: string;
}

export interface HandOverLimits {
  readonly takeBackAfterMs: number;
  /** An appended record that is still unread is repeated this often. */
  readonly repeatAfterMs: number;
}

export interface HandOverViews {
  /** This instance's own replica; records are applied to it before they come here. */
  readonly log: OwnershipLog;
  readonly clientsOf: (partition: number) => number;
  /** Next offset of the partition's messages here: the hint in ownership records. */
  readonly positionOf: (partition: number) => number;
}

export class HandOver {
  readonly goals = new Goals();
  private readonly self: Self;
  private readonly name: string;
  private readonly limits: HandOverLimits;
  private readonly views: HandOverViews;
  private readonly phases = new Map<number, Phase>();
  /** Held although the goal says otherwise, because nobody came for them. */
  private readonly takenBack = new Set<number>();
  private readonly fencing = new Set<string>();
  private started = false;
  private leaving = false;
  private answered: string | null = null;
  private readonly lanes = new Lanes();
  private readonly steps = new Steps();

  constructor(self: Self, views: HandOverViews, limits: HandOverLimits) {
    this.self = self;
    this.name = instanceName(self.service, self.ordinal);
    this.views = views;
    this.limits = limits;
  }

  // ---------------------------------------------------------------- events

  /** Both logs are read up to the present and the lease is good: act from now on. */
  onStarted(nowMs: number): readonly Action[] {
    this.started = true;
    if (this.goals.prepared !== null) this.warmPrepared(this.goals.prepared);
    this.settleAll(nowMs);
    this.answerWhenWarm();
    return this.take();
  }

  onControl(message: ControlMessage, nowMs: number): readonly Action[] {
    const change = this.goals.read(message);
    switch (change.kind) {
      case 'target':
        this.takenBack.clear();
        this.settleAll(nowMs);
        this.steps.report();
        break;
      case 'prepared':
        this.answered = null;
        this.warmPrepared(this.goals.prepared as Goal);
        this.answerWhenWarm();
        break;
      case 'unprepared':
        this.settleAll(nowMs);
        break;
      case 'resume':
        this.takenBack.clear();
        this.settleAll(nowMs);
        break;
      case 'report':
        this.steps.report();
        break;
      case 'alarm':
        this.steps.alarm(change.text);
        break;
      case 'hold':
      case 'ignored':
        break;
    }
    return this.take();
  }

  /** A record of the ownership log, with the verdict that the log gave at its place. */
  onOwnership(record: OwnershipRecord | null, verdict: Verdict, nowMs: number): readonly Action[] {
    if (record === null) return [];
    if (record.type === 'fenced') this.settleAll(nowMs);
    else if (record.partition >= 0 && record.partition < this.views.log.partitions) {
      this.onChange(record, verdict, nowMs);
      this.settle(record.partition, nowMs);
    }
    return this.take();
  }

  /** The partitions are read up to their tail. */
  onWarmed(partitions: readonly number[], nowMs: number): readonly Action[] {
    for (const partition of partitions) {
      if (this.phases.get(partition)?.kind === 'warming')
        this.phases.set(partition, { kind: 'warm' });
      this.settle(partition, nowMs);
    }
    this.answerWhenWarm();
    return this.take();
  }

  /** Every connection of the partition ever sent an `opened` has its `closed` acknowledged. */
  onDrained(partition: number, nowMs: number): readonly Action[] {
    const phase = this.phases.get(partition);
    const last = this.views.log.last(partition);
    if (phase?.kind === 'closing' && last !== null) {
      const record = this.change('released', partition, phase.revision, last.offset);
      this.append(partition, { kind: 'releasing', record, triedAtMs: nowMs });
    }
    return this.take();
  }

  /** Give everything away and take nothing more: the process wants to end. */
  onLeave(nowMs: number): readonly Action[] {
    this.leaving = true;
    this.settleAll(nowMs);
    return this.take();
  }

  onTick(nowMs: number): readonly Action[] {
    for (const [partition, phase] of this.phases) {
      switch (phase.kind) {
        case 'acquiring':
        case 'releasing':
          if (nowMs - phase.triedAtMs >= this.limits.repeatAfterMs) {
            this.append(partition, { ...phase, triedAtMs: nowMs });
          }
          break;
        case 'released':
          if (nowMs - phase.readAtMs >= this.limits.takeBackAfterMs)
            this.takeBack(partition, phase, nowMs);
          break;
        default:
          break;
      }
    }
    return this.take();
  }

  // ---------------------------------------------------------------- questions

  /** Held by the log and not being given away: may be delivered while the lease is good. */
  holds(partition: number): boolean {
    return this.phases.get(partition)?.kind === 'held';
  }

  /** Where a client of the partition belongs; `revision` is what its hello echoed, if anything. */
  admission(partition: number, revision: number | null): Admission {
    const { service, ordinal, incarnation } = this.self;
    const view = { service, ordinal, incarnation, log: this.views.log, target: this.goals.target };
    return admissionOf(
      { ...view, phase: this.phaseOf(partition), leaving: this.leaving },
      partition,
      revision,
    );
  }

  takenBackPartitions(): readonly number[] {
    return [...this.takenBack].sort((a, b) => a - b);
  }

  /** Nothing is held, being acquired or on its way out any more. */
  isEmpty(): boolean {
    for (const phase of this.phases.values()) {
      if (phase.kind !== 'warming' && phase.kind !== 'warm' && phase.kind !== 'released')
        return false;
    }
    return true;
  }

  counts(): { readonly held: number; readonly warm: number } {
    let held = 0;
    let warm = 0;
    for (const phase of this.phases.values()) {
      if (phase.kind === 'held' || phase.kind === 'closing') held += 1;
      else if (phase.kind === 'warm' || phase.kind === 'warming') warm += 1;
    }
    return { held, warm };
  }

  phaseOf(partition: number): Phase['kind'] | 'idle' {
    return this.phases.get(partition)?.kind ?? 'idle';
  }

  // ---------------------------------------------------------------- rules

  private onChange(record: OwnershipChange, verdict: Verdict, nowMs: number): void {
    const { partition } = record;
    const phase = this.phases.get(partition);
    const own = record.incarnation === this.self.incarnation;
    if (own && verdict.valid && record.type === 'acquired') {
      const takeBack = phase?.kind === 'acquiring' && phase.takeBack;
      this.phases.set(partition, { kind: 'held' });
      this.lanes.finished(partition);
      this.lanes.stir();
      if (takeBack) {
        this.takenBack.add(partition);
        this.goals.holding = true;
        this.steps.report();
      }
      this.steps.serve(partition);
    } else if (own && verdict.valid) {
      this.phases.set(partition, { kind: 'released', revision: record.revision, readAtMs: nowMs });
      if (this.leaving) this.lanes.finished(partition);
    } else if (own && phase?.kind === 'acquiring' && record.prev === phase.record.prev) {
      // Void: somebody was there before. Look again at what the log says now.
      this.phases.set(partition, { kind: 'warm' });
    } else if (!own && verdict.valid && record.type === 'acquired') {
      if (phase?.kind === 'released' || phase?.kind === 'acquiring')
        this.phases.set(partition, { kind: 'warm' });
      this.takenBack.delete(partition);
      this.lanes.finished(partition);
      this.steps.turnAway(partition, record.url ?? null, record.revision);
    }
  }

  private settleAll(nowMs: number): void {
    this.lanes.stir();
    for (let partition = 0; partition < this.views.log.partitions; partition += 1) {
      this.settle(partition, nowMs);
    }
  }

  /** The one step that follows for a partition from log, goal and phase. */
  private settle(partition: number, nowMs: number): void {
    if (!this.started) return;
    const phase = this.phases.get(partition);
    const wanted =
      !this.leaving && this.ownerOf(this.goals.target, partition) === this.self.ordinal;
    if (phase === undefined) {
      if (wanted) this.warm(partition);
    } else if (phase.kind === 'warm' || phase.kind === 'warming' || phase.kind === 'released') {
      if (wanted) this.acquireWhenFree(partition, phase, nowMs);
      else if (phase.kind !== 'released' && !this.isPreparedHere(partition)) this.forget(partition);
    } else if (phase.kind === 'held' && wanted) this.takenBack.delete(partition);
    this.fencePredecessor(partition);
  }

  private acquireWhenFree(partition: number, phase: Phase, nowMs: number): void {
    const { log } = this.views;
    const target = this.goals.target as Goal;
    if (phase.kind === 'warming' || log.holderOf(partition) !== null) return;
    const last = log.last(partition);
    if (last !== null && target.revision < last.revision) return;
    const record = this.change('acquired', partition, target.revision, last?.offset ?? null);
    this.append(partition, { kind: 'acquiring', record, triedAtMs: nowMs, takeBack: false });
  }

  private takeBack(partition: number, phase: Phase & { kind: 'released' }, nowMs: number): void {
    const last = this.views.log.last(partition);
    if (this.leaving || last?.type !== 'released' || last.incarnation !== this.self.incarnation)
      return;
    const revision = Math.max(phase.revision, last.revision);
    const record = this.change('acquired', partition, revision, last.offset);
    this.append(partition, { kind: 'acquiring', record, triedAtMs: nowMs, takeBack: true });
  }

  private fencePredecessor(partition: number): void {
    const holder = this.views.log.holderOf(partition);
    if (holder === null || holder.instance !== this.name) return;
    if (holder.incarnation === this.self.incarnation || this.fencing.has(holder.incarnation))
      return;
    this.fencing.add(holder.incarnation);
    this.steps.fence(holder.incarnation);
  }

  private warmPrepared(prepared: Goal): void {
    if (!this.started) return;
    for (let partition = 0; partition < this.views.log.partitions; partition += 1) {
      const gained = ownerIn(prepared.ranges, partition) === this.self.ordinal;
      if (gained && !this.phases.has(partition)) this.warm(partition);
    }
  }

  private warm(partition: number): void {
    this.phases.set(partition, { kind: 'warming' });
    this.steps.warm(partition);
  }

  private forget(partition: number): void {
    this.phases.delete(partition);
    this.steps.forget(partition);
  }

  private append(partition: number, phase: Phase & { kind: 'acquiring' | 'releasing' }): void {
    this.phases.set(partition, phase);
    this.steps.append(phase.record);
  }

  private change(
    type: OwnershipChange['type'],
    partition: number,
    revision: number,
    prev: number | null,
  ): OwnershipChange {
    return {
      type,
      partition,
      revision,
      instance: this.name,
      incarnation: this.self.incarnation,
      prev: prev === null ? null : offsetText(prev),
      next: offsetText(this.views.positionOf(partition)),
      ...(type === 'acquired' ? { url: this.self.url } : {}),
    };
  }

  private isPreparedHere(partition: number): boolean {
    return !this.leaving && this.ownerOf(this.goals.prepared, partition) === this.self.ordinal;
  }

  private ownerOf(goal: Goal | null, partition: number): number | null {
    return goal === null ? null : ownerIn(goal.ranges, partition);
  }

  /** Starts the waves that may start, then hands out everything that was decided. */
  private take(): readonly Action[] {
    if (!this.started) {
      this.steps.take();
      return [];
    }
    const { target } = this.goals;
    for (const { lane, partitions } of this.lanes.start(() => this.candidates())) {
      const revision = target?.revision ?? 0;
      const url =
        lane === 'leaving' || target === null ? null : urlIn(target, this.self.service, lane);
      for (const partition of partitions) this.phases.set(partition, { kind: 'closing', revision });
      this.steps.drain(partitions, lane === 'leaving' ? 'leaving' : 'moved', url, revision);
    }
    return this.steps.take();
  }

  private candidates(): Candidates {
    const { target, holding } = this.goals;
    const { log, clientsOf } = this.views;
    return candidatesOf({
      self: this.name,
      service: this.self.service,
      log,
      target,
      leaving: this.leaving,
      mayGive: (p) =>
        this.phases.get(p)?.kind === 'held' &&
        (this.leaving || !(holding || this.takenBack.has(p))),
      clientsOf,
    });
  }

  private answerWhenWarm(): void {
    const prepared = this.goals.prepared;
    if (prepared === null || this.answered === prepared.rebalance) return;
    let gained = 0;
    for (let p = 0; p < this.views.log.partitions; p += 1) {
      if (
        ownerIn(prepared.ranges, p) !== this.self.ordinal ||
        this.views.log.holderOf(p)?.incarnation === this.self.incarnation
      )
        continue;
      if (this.phases.get(p)?.kind === 'warming') return;
      gained += 1;
    }
    this.answered = prepared.rebalance;
    this.steps.answerWarmed(prepared.rebalance, gained);
  }
}
