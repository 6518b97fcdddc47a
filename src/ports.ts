// What the product needs from the outside world: interfaces with their laws in the comments. Every
// implementation, real or in memory, passes the same contract suite in test/contract. This file
// never mentions a client library.

import type {
  CheckpointDoc,
  DecisionDoc,
  DistributionDoc,
  InstanceReport,
  LoadDoc,
  PlanDoc,
  PolicyDoc,
  RebalanceDoc,
  WarmedDoc,
} from './documents.js';

export type * from './documents.js';
export type * from './platform-port.js';

// ---------------------------------------------------------------- Clock

/** Time as an argument: core never sees this, drivers hand its readings on. */
export interface Clock {
  /** Never goes back; for durations and leases. Milliseconds from an arbitrary start. */
  monotonicMs(): number;
  /** For people and records; never compared between machines. */
  wallMs(): number;
}

/** Runs something once, a while later; the answer calls it off. `afterMs` later by `setTimeout`, or in virtual time. */
export type Later = (run: () => void, afterMs: number) => () => void;

// ---------------------------------------------------------------- Bus (Kafka)

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** -1 keeps for ever. */
  readonly retentionMs: number;
  readonly timestamps: 'append' | 'create';
}

/** How a topic is kept: what production needs of it (doctor asks). */
export interface TopicSettings {
  readonly topic: string;
  /** Of its partition that has fewest. */
  readonly replicas: number;
  readonly minInSync: number;
  /** A replica that lacks records may become leader: acknowledged records can be lost. */
  readonly unclean: boolean;
  readonly compacted: boolean;
  readonly retentionMs: number;
  readonly timestamps: 'append' | 'create';
  /** Kafka's `compression.type`. */
  readonly compression: string;
}

export interface OutRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key?: string;
  readonly value: string;
}

export interface InRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
}

/**
 * An ordered, idempotent writer. Laws: `append` resolves with one offset per record, in order, only
 * after all in-sync replicas have them; records of one call and of successive calls keep their order
 * per partition; calls made while one is under way are sent together next (group commit); a failed
 * append may or may not have been written, and once one has failed for good the appender says so for
 * all that were behind it. At most `appendQueueMax` records wait.
 */
export interface Appender {
  append(records: readonly OutRecord[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Where to start reading: an offset, the oldest kept record, or only what comes from now on. */
export type Position = number | 'start' | 'end';

export interface ReaderSpec {
  readonly topic: string;
  readonly positions: ReadonlyMap<number, Position>;
  /** Long poll; small only where a partition set changes inside a client's gap. */
  readonly maxWaitMs?: number;
  /**
   * In offset order per partition, each record once, nothing skipped silently: a record that cannot be
   * read comes without value. `end`: high watermark seen.
   */
  onRecords(partition: number, records: readonly InRecord[], end: number): void | Promise<void>;
  /** The next record is not the expected one (trimmed, truncated): continues at `found`. */
  onJump(partition: number, expected: number, found: number): void;
}

/**
 * Reads exactly the partitions it was told to. Laws: `open` resolves when every partition has a
 * definite position ('end' = the high watermark at that moment, so nothing appended after `open`
 * resolved is missed); `assign` replaces the set, partitions that stay are not read again or skipped;
 * after `close` resolved no callback is made. Readers survive a broker's absence: they retry for ever,
 * quietly, and go on where they were.
 */
export interface Reader {
  /** Next offset per partition. */
  positions(): ReadonlyMap<number, number>;
  assign(positions: ReadonlyMap<number, Position>): Promise<void>;
  close(): Promise<void>;
}

export interface Bounds {
  readonly partition: number;
  /** Oldest kept offset. */
  readonly low: number;
  /** Offset that the next record will get. */
  readonly high: number;
}

/** Where the latest part of a partition begins, by the log's own times. */
export interface WindowStart {
  readonly from: number;
  /** Nothing from here on lies before `from`; -Infinity: nothing kept does. */
  readonly sinceMs: number;
  /** Offset that the next record will get. */
  readonly high: number;
}

export interface Bus {
  /**
   * Creates what is missing, and sees to it that nothing is stored compressed; throws BadInputError
   * when a topic has another number of partitions.
   */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  appender(name: string): Promise<Appender>;
  open(spec: ReaderSpec): Promise<Reader>;
  /**
   * Of all partitions, or of these: what it costs grows with their number. Of a topic that does not
   * exist: throws BadInputError, without waiting for it.
   */
  bounds(topic: string, of?: readonly number[]): Promise<readonly Bounds[]>;
  /** As it is now; 0 for a topic that is not there. */
  partitionCount(topic: string): Promise<number>;
  /** Per partition the first offset whose record is not older than `atMs`; the end if none. */
  offsetsSince(
    topic: string,
    atMs: number,
    of?: readonly number[],
  ): Promise<ReadonlyMap<number, number>>;
  /**
   * Per partition the window of `windowMs` that ends with its newest record. The times of records are
   * compared with each other, never with a clock: whoever asks, whenever, may be minutes fast or slow.
   */
  windowStarts(
    topic: string,
    windowMs: number,
    of: readonly number[],
  ): Promise<ReadonlyMap<number, WindowStart>>;
  /** Records [from, to) of one partition, at most `max`; for clients that come back late. */
  readRange(
    topic: string,
    partition: number,
    from: number,
    to: number,
    max: number,
  ): Promise<readonly InRecord[]>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- ConfigDB (MongoDB)

/** A lost race is a normal result. */
export type InsertResult<T> =
  { readonly kind: 'committed' } | { readonly kind: 'conflict'; readonly existing: T };

/**
 * Intent and history. Laws: writes are majority-acknowledged and journalled, reads are majority
 * reads; inserting a number twice commits exactly one of them and tells the other; nothing is
 * rolled back by deleting; no transactions, TTL or partial indexes are relied on.
 */
export interface ConfigDb {
  insertDistribution(doc: DistributionDoc): Promise<InsertResult<DistributionDoc>>;
  latestDistribution(service: string): Promise<DistributionDoc | null>;
  distribution(service: string, revision: number): Promise<DistributionDoc | null>;

  /**
   * Takes the next epoch by one insert, retrying a bounded number of lost races; above `above`, too,
   * where an epoch was seen that this database does not know.
   */
  takeEpoch(service: string, by: string, atMs: number, above?: number): Promise<number>;
  /** 0 when none was taken. */
  latestEpoch(service: string): Promise<number>;

  insertPolicy(doc: PolicyDoc): Promise<InsertResult<PolicyDoc>>;
  latestPolicy(service: string): Promise<PolicyDoc | null>;

  /** Idempotent by id. */
  savePlan(doc: PlanDoc): Promise<void>;
  plan(id: string): Promise<PlanDoc | null>;
  /** Merged into what is there, by id. */
  saveRebalance(doc: RebalanceDoc): Promise<void>;
  rebalances(service: string, limit: number): Promise<readonly RebalanceDoc[]>;
  /** Bounded: the oldest beyond `decisionsMax` per service are removed now and then. */
  recordDecision(doc: DecisionDoc): Promise<void>;
  /** Newest first. */
  decisions(service: string, sinceMs: number, limit: number): Promise<readonly DecisionDoc[]>;

  /** Last one per instance wins. */
  saveReport(report: InstanceReport): Promise<void>;
  reports(service: string): Promise<readonly InstanceReport[]>;
  saveWarmed(doc: WarmedDoc): Promise<void>;
  warmed(service: string, rebalance: string): Promise<readonly WarmedDoc[]>;

  /** Last one per day and length of a step wins; bounded: days beyond `loadDaysMax` go. */
  saveLoad(doc: LoadDoc): Promise<void>;
  /** Days that began at `sinceMs` or later, of steps so long, oldest first. */
  loads(service: string, stepMs: number, sinceMs: number): Promise<readonly LoadDoc[]>;

  saveCheckpoint(doc: CheckpointDoc): Promise<void>;
  latestCheckpoint(service: string): Promise<CheckpointDoc | null>;

  services(): Promise<readonly string[]>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- Metrics

export interface LoadSample {
  readonly instance: string;
  readonly clients: number;
  /** Age of the sample when it was read. */
  readonly ageMs: number;
}

/** Where connected users per instance come from: the instances' reports, or Prometheus. */
export interface MetricsSource {
  /** One sample per instance that answered; who is missing is simply not there. */
  load(service: string): Promise<readonly LoadSample[]>;
}
