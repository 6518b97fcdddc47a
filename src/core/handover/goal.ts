// What the control plane wants: the distribution to strive for, what to prepare, whether to hold.
// A passive reader of control messages that ignores whoever is behind: a lower epoch, a lower
// revision. It never looks at ownership.

import type { AddressBook, ControlMessage, OwnedRange, Pace } from '../records.js';
import { instanceName } from '../records.js';
import { readControlMessage } from './goal-reading.js';

export interface Goal {
  readonly revision: number;
  readonly hash: string;
  readonly rebalance: string;
  readonly ranges: readonly OwnedRange[];
  readonly instances: AddressBook;
  readonly pace: Pace;
}

export type GoalChange =
  | {
      readonly kind: 'ignored';
      readonly why: 'epoch' | 'revision' | 'repeated' | 'nothing-prepared';
    }
  /** The same revision with other ranges: two writers, or a database that forgot. */
  | { readonly kind: 'alarm'; readonly text: string }
  | { readonly kind: 'target' | 'prepared' | 'unprepared' | 'hold' | 'resume' | 'report' };

export class Goals {
  epoch = 0;
  target: Goal | null = null;
  prepared: Goal | null = null;
  holding = false;

  /** Takes in one control message. */
  read(message: ControlMessage): GoalChange {
    if (message.epoch < this.epoch) return { kind: 'ignored', why: 'epoch' };
    this.epoch = message.epoch;
    switch (message.type) {
      case 'distribution':
        return this.readDistribution(message);
      case 'prepare':
        if (message.revision <= (this.target?.revision ?? 0))
          return { kind: 'ignored', why: 'revision' };
        this.prepared = goalOf(message);
        return { kind: 'prepared' };
      case 'cancel-prepare':
        if (this.prepared === null) return { kind: 'ignored', why: 'nothing-prepared' };
        this.prepared = null;
        return { kind: 'unprepared' };
      case 'hold':
        this.holding = true;
        return { kind: 'hold' };
      case 'resume':
        this.holding = false;
        return { kind: 'resume' };
      case 'report':
        return { kind: 'report' };
    }
  }

  private readDistribution(message: ControlMessage & { type: 'distribution' }): GoalChange {
    const present = this.target;
    if (present !== null && message.revision < present.revision)
      return { kind: 'ignored', why: 'revision' };
    if (present !== null && message.revision === present.revision) {
      if (message.hash === present.hash) return { kind: 'ignored', why: 'repeated' };
      const text = `revision ${message.revision} has hash ${present.hash} here and ${message.hash} in a new message: kept the first`;
      return { kind: 'alarm', text };
    }
    this.target = goalOf(message);
    this.holding = false;
    if (this.prepared !== null && this.prepared.revision <= message.revision) this.prepared = null;
    return { kind: 'target' };
  }
}

function goalOf(message: ControlMessage & { type: 'distribution' | 'prepare' }): Goal {
  const { revision, hash, rebalance, ranges, instances, pace } = message;
  return { revision, hash, rebalance, ranges, instances, pace };
}

/** Ordinal that shall own the partition; null outside of the ranges. */
export function ownerIn(ranges: readonly OwnedRange[], partition: number): number | null {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle] as OwnedRange;
    if (partition < range[0]) high = middle - 1;
    else if (partition > range[1]) low = middle + 1;
    else return range[2];
  }
  return null;
}

/** Address of an ordinal in a goal; null when the goal does not name it. */
export function urlIn(goal: Goal, service: string, ordinal: number): string | null {
  return goal.instances[instanceName(service, ordinal)]?.url ?? null;
}

/** Reads a control message; null when it is none, or none of ours (goal-reading.ts says why). */
export function parseControlMessage(
  record: Record<string, unknown> | null,
  partitions?: number,
): ControlMessage | null {
  const message = readControlMessage(record, partitions);
  return typeof message === 'string' ? null : message;
}
