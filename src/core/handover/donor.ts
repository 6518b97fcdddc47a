// The giving end: closes and releases wave by wave, and takes back what nobody comes for. From the
// moment a `released` is handed to the producer the partition is not held, and not again before a
// *later* valid `acquired` of our own is read back.

import { urlIn } from './goal.js';
import type { Ends } from './ends.js';
import { candidatesOf, Lanes } from './lanes.js';
import type { HandOverLimits, Phase } from './phase.js';

export class Donor {
  private readonly ends: Ends;
  private readonly limits: HandOverLimits;
  private readonly lanes = new Lanes();
  /** Held although the goal says otherwise, because nobody came for them. */
  readonly takenBack = new Set<number>();

  constructor(ends: Ends, limits: HandOverLimits) {
    this.ends = ends;
    this.limits = limits;
  }

  /** Goal or holdings changed: look for waves. */
  stir(): void {
    this.lanes.stir();
  }

  /** The control plane said go on: also with what nobody came for. */
  goOn(): void {
    this.takenBack.clear();
    this.lanes.takeTurnsAnew();
  }

  /** On its way no more: somebody has it. */
  finished(partition: number): void {
    this.lanes.finished(partition);
  }

  /** When the next wave may start; null when none waits for its time. */
  wakeAtMs(): number | null {
    return this.lanes.nextAtMs();
  }

  /** Starts the waves that may start now. */
  startWaves(nowMs: number): void {
    const { goals, phases, steps, self } = this.ends;
    const { target } = goals;
    const revision = target?.revision ?? 0;
    const waves = this.lanes.start(nowMs, () => this.candidates());
    for (const { lane, partitions, acceptPerSecond } of waves) {
      const leaving = lane === 'leaving';
      const url = leaving || target === null ? null : urlIn(target, self.service, lane);
      for (const partition of partitions) phases.set(partition, { kind: 'closing', revision });
      const reason = leaving ? 'leaving' : 'moved';
      steps.drain(partitions, reason, url, revision, acceptPerSecond);
    }
  }

  /** Every connection of the partition ever sent an `opened` has its `closed` acknowledged. */
  drained(partition: number, nowMs: number): void {
    const phase = this.ends.phases.of(partition);
    const last = this.ends.views.log.last(partition);
    if (phase?.kind !== 'closing' || last === null) return;
    const record = this.ends.change('released', partition, phase.revision, last.offset);
    this.ends.append(partition, { kind: 'releasing', record, triedAtMs: nowMs });
  }

  /** Our own `released` is in the log. */
  released(partition: number, revision: number, nowMs: number): void {
    this.ends.phases.set(partition, { kind: 'released', revision, readAtMs: nowMs });
    if (this.ends.leaving) this.lanes.finished(partition);
  }

  /** Nobody acquired it within the bound. */
  takeBackWhenLate(partition: number, phase: Phase & { kind: 'released' }, nowMs: number): void {
    if (this.ends.leaving || nowMs - phase.readAtMs < this.limits.takeBackAfterMs) return;
    const last = this.ends.views.log.last(partition);
    if (last?.type !== 'released' || last.incarnation !== this.ends.self.incarnation) return;
    const revision = Math.max(phase.revision, last.revision);
    const record = this.ends.change('acquired', partition, revision, last.offset);
    this.ends.append(partition, { kind: 'acquiring', record, triedAtMs: nowMs, takeBack: true });
  }

  /** A take-back was read back valid: no further wave until the control plane says so. */
  tookBack(partition: number): void {
    this.takenBack.add(partition);
    this.ends.goals.holding = true;
    this.ends.steps.report();
  }

  private candidates(): ReturnType<typeof candidatesOf> {
    const { goals, phases, views, name, self, leaving } = this.ends;
    const mayGive = (p: number): boolean =>
      phases.kindOf(p) === 'held' && (leaving || !(goals.holding || this.takenBack.has(p)));
    const { target } = goals;
    return candidatesOf({
      self: name,
      service: self.service,
      log: views.log,
      target,
      leaving,
      mayGive,
      clientsOf: (p) => views.clientsOf(p),
    });
  }
}
