// Owns: the independent check of an export: first the leases (which fences they show), then the
// ownership log, then the sessions logs, in the order of the export, into one report. It reads no
// topic and no file itself, and shares no code with what it checks.

import { describe, fencedWithoutFence } from './describe.js';
import { createGapHistogram, type GapHistogram } from './gap-histogram.js';
import { rebalancesReportedMax } from './bounds.js';
import { replayFences } from './fences-replay.js';
import { replayOwnership, type OwnershipReplay } from './ownership-replay.js';
import { claimedType, readOwnership, readSession } from './read-value.js';
import type { FencedValue, OwnershipValue, SessionValue } from './read-value.js';
import { replaySessions, type SessionsReplay } from './sessions-replay.js';
import type { EvidenceRecord, EvidenceReport, Violation, ViolationKind } from './types.js';

export interface EvidenceCheck {
  /**
   * Takes the next record; records come ordered by topic, partition, offset, so that the ownership
   * log is complete before the first record of a sessions log.
   */
  add(record: EvidenceRecord): void;
  finish(): EvidenceReport;
}

/** No service has more partitions: what names a higher one is no record of ours. */
const partitionsMax = 1_000_000;

/** `partitions`: P of the service where known; else the highest partition in the logs counts. */
export function checkEvidence(service: string, partitions?: number): EvidenceCheck {
  const violations: Record<ViolationKind, number> = {
    overlap: 0,
    'two-owners': 0,
    'opened-without-ownership': 0,
    'closed-differs': 0,
    'closed-without-opened': 0,
    'opened-after-fence': 0,
    'fenced-without-fence': 0,
  };
  const gapsOf = new Map<number, GapHistogram>();
  const fences = replayFences();
  let ownership: OwnershipReplay | undefined;
  /** The sessions partition being read; earlier ones are summed up and forgotten. */
  let sessions: { readonly partition: number; readonly replay: SessionsReplay } | undefined;
  const sum = { unclosed: 0, notReturned: 0, highestPartition: -1, overflowed: false };
  let first: Violation | undefined;
  let current: EvidenceRecord | undefined;
  const count = { records: 0, void: 0, unreadable: 0 };
  let truncated = false;
  /** Next offset expected in the log partition being read, and whether nothing is missing so far. */
  let place: { log: string; offset: number; complete: boolean } = {
    log: '',
    offset: 0,
    complete: true,
  };

  const notice = (record: EvidenceRecord): boolean => {
    const log = `${record.topic}/${record.partition}`;
    if (place.log !== log) place = { log, offset: 0, complete: true };
    if (record.offset !== place.offset) place.complete = false;
    place.offset = record.offset + 1;
    return place.complete;
  };

  const show = (kind: Violation['kind'], message: string, more: Partial<Violation> = {}): void => {
    if (first !== undefined || current === undefined) return;
    const { topic, partition, offset } = current;
    first = { kind, message, topic, partition, offset: String(offset), ...more };
  };

  const violated = (kind: ViolationKind, value: SessionValue, other: string | null): void => {
    violations[kind] += 1;
    show(kind, describe(kind, value, other), {
      servicePartition: value.partition,
      user: value.user,
      client: value.client,
      incarnation: value.incarnation,
      ...(other === null ? {} : { other }),
    });
  };

  const cannotRead = (record: EvidenceRecord, why: string): boolean => {
    count.unreadable += 1;
    const type = claimedType(record.value);
    const what = type === null ? '' : ` (its type is ${JSON.stringify(type)})`;
    show('unreadable-record', `${why}${what}: what it stood for cannot be checked`);
    return true;
  };

  const returned = (revision: number, gapMs: number): void => {
    const histogram = gapsOf.get(revision) ?? createGapHistogram();
    histogram.record(gapMs);
    gapsOf.set(revision, histogram);
    if (gapsOf.size > rebalancesReportedMax) gapsOf.delete(Math.min(...gapsOf.keys()));
  };

  const startSessions = (): SessionsReplay =>
    replaySessions({
      violated,
      returned,
      // Without any ownership record nobody is known to have held anything.
      heldAt: (partition, incarnation, revision) =>
        ownership?.heldAt(partition, incarnation, revision) ?? false,
      fencedByOwnership: (incarnation) =>
        truncated || ownership === undefined || ownership.isFenced(incarnation),
      complete: () => place.complete,
    });

  const endSessions = (): void => {
    if (sessions === undefined) return;
    const { replay } = sessions;
    sum.unclosed += replay.open();
    sum.notReturned += replay.notReturned();
    sum.highestPartition = Math.max(sum.highestPartition, replay.highestPartition());
    sum.overflowed ||= replay.overflowed();
  };

  const isElsewhere = (value: OwnershipValue | SessionValue | FencedValue): boolean =>
    value.type !== 'fenced' && value.partition >= (partitions ?? partitionsMax);

  const applyOwnership = (record: EvidenceRecord): boolean => {
    if (!notice(record)) truncated = true;
    ownership ??= replayOwnership(record.offset);
    const value = readOwnership(record.value);
    if (value === null) return cannotRead(record, `this is no record of ${record.topic}`);
    if (isElsewhere(value)) return cannotRead(record, 'there is no such partition');
    return ownership.apply(record.offset, value);
  };

  const applySession = (record: EvidenceRecord): boolean => {
    if (!notice(record)) truncated = true;
    if (sessions?.partition !== record.partition) {
      const isBack = sessions !== undefined && record.partition < sessions.partition;
      if (isBack) return cannotRead(record, 'records are not ordered by partition');
      endSessions();
      sessions = { partition: record.partition, replay: startSessions() };
    }
    const value = readSession(record.value);
    if (value === null) return cannotRead(record, `this is no record of ${record.topic}`);
    if (isElsewhere(value)) return cannotRead(record, 'there is no such partition');
    if (value.type === 'fenced') checkFence(value);
    return sessions.replay.apply(record.timestamp, value);
  };

  const checkFence = (value: FencedValue): void => {
    if (!fences.contradicts(value)) return;
    violations['fenced-without-fence'] += 1;
    show('fenced-without-fence', fencedWithoutFence(value), { incarnation: value.incarnation });
  };

  /** False when the record is void. */
  const apply = (record: EvidenceRecord): boolean => {
    switch (record.topic) {
      case `${service}.leases`:
        // What is no record of a lease proves nothing, and is missed where it should have.
        fences.apply(record.partition, notice(record), record.value);
        return true;
      case `${service}.ownership`:
        return applyOwnership(record);
      case `${service}.sessions`:
        return applySession(record);
      default:
        return true; // Not of this service.
    }
  };

  const finish = (): EvidenceReport => {
    endSessions();
    sum.overflowed ||= ownership?.overflowed() ?? false;
    if (sum.overflowed) {
      show('too-much-to-check', 'more was open or fenced at once than the check remembers');
    }
    const seen = Math.max(sum.highestPartition, ownership?.highestPartition() ?? -1) + 1;
    const moved = ownership?.moved() ?? new Map<number, number>();
    const revisions = [...new Set([...moved.keys(), ...gapsOf.keys()])].sort((a, b) => a - b);
    const isEmpty = count.records > 0 && (ownership === undefined || sessions === undefined);
    const isClean = Object.values(violations).every((n) => n === 0);
    return {
      ok: count.unreadable === 0 && !sum.overflowed && isClean,
      overlaps: violations.overlap,
      ownershipOverlaps: violations.overlap + violations['two-owners'],
      violations: { ...violations },
      ownershipGaps: ownership?.gaps(partitions ?? seen) ?? [],
      unclosed: sum.unclosed,
      notReturned: sum.notReturned,
      truncated: truncated || isEmpty || (ownership?.forgot() ?? false),
      ...count,
      rebalances: revisions.slice(-rebalancesReportedMax).map((revision) => ({
        revision,
        moved: moved.get(revision) ?? 0,
        gapMs: (gapsOf.get(revision) ?? createGapHistogram()).summary(),
      })),
      ...(first === undefined ? {} : { first }),
    };
  };

  return {
    add: (record) => {
      count.records += 1;
      current = record;
      if (!apply(record)) count.void += 1;
    },
    finish,
  };
}
