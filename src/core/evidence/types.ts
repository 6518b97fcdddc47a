// What goes into the independent check and what comes out of it. Types only.

import type { Range } from '../ranges.js';

/** One record of an export: `{"topic","partition","offset","timestamp","value"}`, offset as a number. */
export interface EvidenceRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Append time, milliseconds. */
  readonly timestamp: number;
  /** The record's JSON value; what the check cannot read is counted and makes it fail. */
  readonly value: unknown;
}

/**
 * `overlap`: a client was connected to two incarnations at once. `two-owners`: an incarnation
 * connected a client while another one still had clients of the same partition.
 * `opened-without-ownership`: the incarnation never validly held the partition at that revision.
 * `closed-differs`: the `closed` of a connection names another user, client, partition or
 * incarnation than its `opened`. `closed-without-opened`: a connection ended that never began, in a
 * log of which nothing is missing. `opened-after-fence`: an incarnation that the sessions log fenced
 * goes on, and the ownership log knows of no fence. `fenced-without-fence`: a `fenced` without the
 * `fence` (or its acknowledgement, where it claims one) in leases of which nothing is missing.
 */
export type ViolationKind =
  | 'overlap'
  | 'two-owners'
  | 'opened-without-ownership'
  | 'closed-differs'
  | 'closed-without-opened'
  | 'opened-after-fence'
  | 'fenced-without-fence';

/** The first counter-example, with where to find it. */
export interface Violation {
  /**
   * `unreadable-record`: evidence that is no record of its log, or of a type that a newer version may
   * know. `too-much-to-check`: more than fits the memory of the check. Members below `offset` are
   * absent where there is nothing to say.
   */
  readonly kind: ViolationKind | 'unreadable-record' | 'too-much-to-check';
  readonly message: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly servicePartition?: number;
  readonly user?: string;
  readonly client?: string;
  /** Incarnation that opened (or closed), and the one that it collides with (or that opened). */
  readonly incarnation?: string;
  readonly other?: string;
}

export interface GapSummary {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface RebalanceEvidence {
  readonly revision: number;
  /** Partitions acquired at this revision by another instance than had them before. */
  readonly moved: number;
  /** Estimate by append times, closed (moved) to the next opened of the same client. */
  readonly gapMs: GapSummary;
}

export interface EvidenceReport {
  /** No violation of any kind and nothing unreadable. Gaps, unclosed connections and truncation do not make it false. */
  readonly ok: boolean;
  readonly overlaps: number;
  /**
   * Moments at which an incarnation connected a client of a partition that another one still served,
   * whether that was the same client (an overlap of sessions too) or another.
   */
  readonly ownershipOverlaps: number;
  readonly violations: Readonly<Record<ViolationKind, number>>;
  /** Ranges that nobody holds at the end. */
  readonly ownershipGaps: readonly Range[];
  /** Connections still open at the end. */
  readonly unclosed: number;
  /** Clients that were told to move and are not connected again by the end. */
  readonly notReturned: number;
  /**
   * A log of evidence does not start at offset 0, has holes, or has no record at all: what is
   * missing was not checked. Also when a partition moved so often that its oldest part was forgotten.
   */
  readonly truncated: boolean;
  readonly records: number;
  /** Records without effect: repeated, late, or of fenced incarnations. */
  readonly void: number;
  /**
   * Records of the ownership and sessions logs that are no records of these, or of a type that this
   * version does not know: nobody can judge them. Fields that it does not know are ignored.
   */
  readonly unreadable: number;
  /** The highest revisions, a bounded number of them. */
  readonly rebalances: readonly RebalanceEvidence[];
  readonly first?: Violation;
}
