// Owns: what a world to explore is made of: who is there, what may go wrong how often, and how long
// things take. Types, the defaults, and nothing else. One unit of time is the smallest step that
// makes a difference; it is written `Ms` because machines think that it is a millisecond.

import type { OwnedRange } from '../../core/records.js';

export interface WorldLimits {
  readonly ttlMs: number;
  readonly marginMs: number;
  readonly lapseMaxMs: number;
  readonly takeBackAfterMs: number;
  readonly repeatAfterMs: number;
  readonly parkedMs: number;
  readonly parkedClientsMax: number;
}

/** How often each fault may happen in one life of the world. */
export interface Budgets {
  /** A process ends without a word; what it handed over may still arrive. */
  readonly crashes: number;
  /** A process is started again, as a new incarnation, for one that ended or stands still. */
  readonly restarts: number;
  /** A process stands still (SIGSTOP); it may go on at any time. */
  readonly pauses: number;
  /** The control plane fences an incarnation, dead or not. */
  readonly fences: number;
  /** An ownership record arrives a second time, as late as it likes. */
  readonly duplicates: number;
  /** A client loses its socket, or its patience. */
  readonly lostSockets: number;
  /** A control message is published again. */
  readonly repeatedNotices: number;
  /** A machine repeats an append that is still on its way to it. One that was dropped is free. */
  readonly repeats: number;
}

export interface WorldOptions {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly instances: number;
  readonly partitions: number;
  /** Ordinals by partition; the first is owned at the beginning, the others may be published. */
  readonly revisions: readonly (readonly number[])[];
  /** Published with the same number as the last revision, and other ranges. */
  readonly conflicting?: readonly number[];
  /** Partition of each client. All are connected at the beginning. */
  readonly clients: readonly number[];
  /** Messages that may be written to partition 0. */
  readonly messages: number;
  /**
   * Ordinals whose leases are kept, lost and fenced. The others' are always good: they may speak
   * whenever they think that they own, and nobody stops them, fences them or takes them for dead.
   */
  readonly leases: readonly number[];
  /** Heartbeats of one incarnation that may be under way at once. */
  readonly heartbeatsUnderWay: number;
  /** What the control plane may say besides, each once, at any time; `prepare` for the last revision. */
  readonly says: readonly ('prepare' | 'cancel-prepare' | 'hold' | 'resume')[];
  /** Ordinals that may be told to end (SIGTERM): they hand over by themselves as far as they can. */
  readonly leaves: readonly number[];
  /** Sessions that a client may have: each answer of the directory gives it the next, up to this. */
  readonly sessions: number;
  /** The highest ordinal may be removed once the log says that it holds nothing. */
  readonly removes: boolean;
  /** A new incarnation may start from a checkpoint of any age instead of the log's beginning. */
  readonly checkpoints: boolean;
  /** Every state is also looked at for a way to rest: whatever can be served is served. */
  readonly comesToRest: boolean;
  readonly budgets: Budgets;
  readonly limits: WorldLimits;
}

export const noFaults: Budgets = {
  crashes: 0,
  restarts: 0,
  pauses: 0,
  fences: 0,
  duplicates: 0,
  lostSockets: 0,
  repeatedNotices: 0,
  repeats: 0,
};

const never = Number.POSITIVE_INFINITY;

/** A lease of one unit and a margin of one: the fewest steps in which order and waiting matter. */
export const shortest: WorldLimits = {
  ttlMs: 1,
  marginMs: 1,
  lapseMaxMs: never,
  takeBackAfterMs: 1,
  repeatAfterMs: 1,
  parkedMs: 1,
  parkedClientsMax: 10,
};

export function ranges(owners: readonly number[]): readonly OwnedRange[] {
  const result: [number, number, number][] = [];
  owners.forEach((ordinal, partition) => {
    const last = result.at(-1);
    if (last?.[2] === ordinal) last[1] = partition;
    else result.push([partition, partition, ordinal]);
  });
  return result;
}
