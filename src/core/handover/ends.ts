// What both ends of a hand-over share on one instance: who we are, what we see, the goal, the phases,
// and the actions collected for the present event. Holds no rule but how a record is written.

import { instanceName, offsetText } from '../records.js';
import type { OwnershipChange } from '../records.js';
import { Goals, ownerIn } from './goal.js';
import type { Goal } from './goal.js';
import type { HandOverViews, Phase, Self } from './phase.js';
import { Phases } from './phases.js';
import { Steps } from './steps.js';

export class Ends {
  readonly self: Self;
  readonly name: string;
  readonly views: HandOverViews;
  readonly goals = new Goals();
  readonly phases = new Phases();
  readonly steps = new Steps();
  /** Give everything away and take nothing more. */
  leaving = false;

  constructor(self: Self, views: HandOverViews) {
    this.self = self;
    this.name = instanceName(self.service, self.ordinal);
    this.views = views;
  }

  partitions(): number {
    return this.views.log.partitions;
  }

  /** Whether a goal gives the partition to this instance. */
  isMine(goal: Goal | null, partition: number): boolean {
    return goal !== null && !this.leaving && ownerIn(goal.ranges, partition) === this.self.ordinal;
  }

  /** From here on the record is with the producer: unread, it is repeated as it is. */
  append(partition: number, phase: Phase & { kind: 'acquiring' | 'releasing' }): void {
    this.phases.set(partition, phase);
    this.steps.append(phase.record);
  }

  change(
    type: OwnershipChange['type'],
    partition: number,
    revision: number,
    prev: number | null,
  ): OwnershipChange {
    const next = offsetText(this.views.positionOf(partition));
    const { incarnation, url } = this.self;
    const change = { type, partition, revision, instance: this.name, incarnation, next };
    const where = type === 'acquired' ? { url } : {};
    return { ...change, prev: prev === null ? null : offsetText(prev), ...where };
  }
}
