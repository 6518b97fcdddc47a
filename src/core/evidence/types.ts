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
 * incarnation than its `opened`.
 */
export type ViolationKind =
  'overlap' | 'two-owners' | 'opened-without-ownership' | 'closed-differs';

/** The first counter-example, with where to find it. */
export interface Violation {
  /** `unreadable-record`: evidence that is no record of its log; then the members below `offset` are absent. */
  readonly kind: ViolationKind | 'unreadable-record';
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
  readonly violations: Readonly<Record<ViolationKind, number>>;
  /** Ranges that nobody holds at the end. */
  readonly ownershipGaps: readonly Range[];
  /** Connections still open at the end. */
  readonly unclosed: number;
  /**
   * A log of evidence does not start at offset 0, has holes, or has no record at all: what is
   * missing was not checked.
   */
  readonly truncated: boolean;
  readonly records: number;
  /** Records without effect: repeated, late, or of fenced incarnations. */
  readonly void: number;
  /** Records of the ownership and sessions logs that are no records of these: nobody can judge them. */
  readonly unreadable: number;
  readonly rebalances: readonly RebalanceEvidence[];
  readonly first?: Violation;
}
