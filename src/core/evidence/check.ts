// Owns: the independent check of an export: first the ownership log, then the sessions logs, in the
// order of the export, into one report. It reads no topic and no file itself.

import { createGapHistogram, type GapHistogram } from './gap-histogram.js';
import { replayOwnership, type OwnershipReplay } from './ownership-replay.js';
import { readOwnership, readSession, type SessionValue } from './read-value.js';
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

/** `partitions`: P of the service where known; else the highest partition in the logs counts. */
export function checkEvidence(service: string, partitions?: number): EvidenceCheck {
  const violations: Record<ViolationKind, number> = {
    overlap: 0,
    'two-owners': 0,
    'opened-without-ownership': 0,
    'closed-differs': 0,
  };
  const gapsOf = new Map<number, GapHistogram>();
  const sessions = new Map<number, SessionsReplay>();
  let ownership: OwnershipReplay | undefined;
  let first: Violation | undefined;
  let current: EvidenceRecord | undefined;
  let records = 0;
  let voids = 0;
  let unreadable = 0;
  let truncated = false;
  /** Next offset expected, per topic and partition. */
  let expected: { readonly log: string; readonly offset: number } | undefined;

  const notice = (record: EvidenceRecord): void => {
    const log = `${record.topic}/${record.partition}`;
    const wanted = expected?.log === log ? expected.offset : 0;
    if (record.offset !== wanted) truncated = true;
    expected = { log, offset: record.offset + 1 };
  };

  const violated = (kind: ViolationKind, value: SessionValue, other: string | null): void => {
    violations[kind] += 1;
    if (first !== undefined || current === undefined) return;
    first = {
      kind,
      message: describe(kind, value, other),
      topic: current.topic,
      partition: current.partition,
      offset: String(current.offset),
      servicePartition: value.partition,
      user: value.user,
      client: value.client,
      incarnation: value.incarnation,
      ...(other === null ? {} : { other }),
    };
  };

  const cannotRead = (record: EvidenceRecord): boolean => {
    const { topic, partition, offset } = record;
    unreadable += 1;
    first ??= {
      kind: 'unreadable-record',
      message: `this is no record of ${topic}: what it stood for cannot be checked`,
      topic,
      partition,
      offset: String(offset),
    };
    return true;
  };

  const startSessions = (): SessionsReplay =>
    replaySessions({
      violated,
      returned: (revision, gapMs) => {
        const histogram = gapsOf.get(revision) ?? createGapHistogram();
        histogram.record(gapMs);
        gapsOf.set(revision, histogram);
      },
      // Without any ownership record nobody is known to have held anything.
      heldAt: (partition, incarnation, revision) =>
        ownership?.heldAt(partition, incarnation, revision) ?? false,
    });

  /** False when the record is void. */
  const apply = (record: EvidenceRecord): boolean => {
    switch (record.topic) {
      case `${service}.ownership`: {
        notice(record);
        ownership ??= replayOwnership(record.offset);
        const value = readOwnership(record.value);
        return value === null ? cannotRead(record) : ownership.apply(record.offset, value);
      }
      case `${service}.sessions`: {
        notice(record);
        const replay = sessions.get(record.partition) ?? startSessions();
        sessions.set(record.partition, replay);
        const value = readSession(record.value);
        return value === null ? cannotRead(record) : replay.apply(record.timestamp, value);
      }
      default:
        return true; // Leases prove nothing here: what they led to stands in the other two logs.
    }
  };

  return {
    add: (record) => {
      records += 1;
      current = record;
      if (!apply(record)) voids += 1;
    },
    finish: () => {
      const replays = [...sessions.values()];
      const seen = [ownership, ...replays].map((replay) => replay?.highestPartition() ?? -1);
      const count = partitions ?? Math.max(-1, ...seen) + 1;
      const moved = ownership?.moved() ?? new Map<number, number>();
      const revisions = [...new Set([...moved.keys(), ...gapsOf.keys()])].sort((a, b) => a - b);
      return {
        ok: unreadable === 0 && Object.values(violations).every((n) => n === 0),
        overlaps: violations.overlap,
        violations: { ...violations },
        ownershipGaps: ownership?.gaps(count) ?? [],
        unclosed: replays.reduce((sum, replay) => sum + replay.open(), 0),
        truncated: truncated || (records > 0 && (ownership === undefined || sessions.size === 0)),
        records,
        void: voids,
        unreadable,
        rebalances: revisions.map((revision) => ({
          revision,
          moved: moved.get(revision) ?? 0,
          gapMs: (gapsOf.get(revision) ?? createGapHistogram()).summary(),
        })),
        ...(first === undefined ? {} : { first }),
      };
    },
  };
}

function describe(kind: ViolationKind, record: SessionValue, other: string | null): string {
  const who = `${record.user}/${record.client} (partition ${record.partition})`;
  const where = `${record.instance} (${record.incarnation})`;
  switch (kind) {
    case 'overlap':
      return `${who} was connected to ${where} while still connected to ${other}`;
    case 'two-owners':
      return `${who} was connected to ${where} while ${other} still served that partition`;
    case 'opened-without-ownership':
      return `${who} was connected to ${where}, which never held the partition at revision ${record.revision}`;
    case 'closed-differs':
      return `connection ${record.connection} was closed as ${who} on ${where}, which is not what it was opened as (by ${other})`;
  }
}
