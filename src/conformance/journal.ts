// Reads the logs of the service while the kit runs: who holds what, the evidence of connections, the
// heartbeats; each record with where it stands. It never writes and never judges an instance.

import type { Verdict } from '../core/handover/ownership-log.js';
import { parseObject, parseOwnershipRecord } from '../core/handover/ownership-log.js';
import type { OwnershipRecord } from '../core/records.js';
import { evidencePartitions } from '../limits.js';
import { caughtUpWith, OwnershipView } from '../logs/ownership-view.js';
import { sessionsPartition, topicsOf } from '../logs/topics.js';
import type { Bus, InRecord, Position, Reader } from '../ports.js';
import { pollMs } from './limits.js';

export interface OwnershipEntry {
  /** Null: cannot be read. */
  readonly record: OwnershipRecord | null;
  readonly offset: number;
  readonly verdict: Verdict;
  readonly readAtMs: number;
}

export interface LogEntry {
  readonly record: Readonly<Record<string, unknown>>;
  /** Of the topic. */
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly readAtMs: number;
}

/** A `released` that was appended while the kit read. */
export interface Release {
  readonly partition: number;
  readonly instance: string;
  readonly incarnation: string;
  readonly offset: number;
  readonly timestampMs: number;
  /** End of its partition of the log of sessions when this record was read. */
  readonly sessionsEnd: Promise<number>;
}

export interface Journal {
  readonly releases: readonly Release[];
  readonly ownership: readonly OwnershipEntry[];
  readonly sessions: readonly LogEntry[];
  readonly leases: readonly LogEntry[];
  readonly control: readonly LogEntry[];
  readonly view: OwnershipView;
  /** Resolves when what is in the log now has been read. */
  caughtUp(log: 'ownership' | 'sessions' | 'leases'): Promise<void>;
  close(): Promise<void>;
}

/** `from`: whether what was there before is of interest, too; ownership and control are always read whole. */
export async function openJournal(
  bus: Bus,
  service: string,
  partitions: number,
  from: 'start' | 'end',
): Promise<Journal> {
  const topics = topicsOf(service);
  const ownership: OwnershipEntry[] = [];
  const view = new OwnershipView({
    bus,
    service,
    partitions,
    onRecord: (record, offset, verdict) =>
      void ownership.push({ record, offset, verdict, readAtMs: performance.now() }),
  });
  const follow = async (
    topic: string,
    count: number,
    position: Position,
  ): Promise<{ readonly entries: LogEntry[]; readonly reader: Reader }> => {
    const entries: LogEntry[] = [];
    const reader = await bus.open({
      topic,
      positions: new Map(Array.from({ length: count }, (_, p) => [p, position])),
      onRecords: (_partition, records) => void entries.push(...records.map(entryOf)),
      onJump: () => undefined,
    });
    return { entries, reader };
  };
  const [sessions, leases, control] = await Promise.all([
    follow(topics.sessions, evidencePartitions, from),
    follow(topics.leases, evidencePartitions, from),
    follow(topics.control, 1, 'start'),
    view.open(),
  ]);
  const releases: Release[] = [];
  const endOfSessions = async (partition: number): Promise<number> => {
    const bounds = await bus.bounds(topics.sessions, [sessionsPartition(partition)]);
    return bounds[0]?.high ?? 0;
  };
  const releasesReader = await bus.open({
    topic: topics.ownership,
    positions: new Map([[0, 'end']]),
    onRecords: (_partition, records) => {
      for (const { value, offset, timestampMs } of records) {
        const record = parseOwnershipRecord(value);
        if (record?.type !== 'released') continue;
        const { partition, instance, incarnation } = record;
        const sessionsEnd = endOfSessions(partition);
        sessionsEnd.catch(() => undefined); // Whoever asks for it hears.
        releases.push({ partition, instance, incarnation, offset, timestampMs, sessionsEnd });
      }
    },
    onJump: () => undefined,
  });
  const readers = { sessions: sessions.reader, leases: leases.reader };
  const journal: Journal = {
    releases,
    ownership,
    sessions: sessions.entries,
    leases: leases.entries,
    control: control.entries,
    view,
    caughtUp: (log) =>
      log === 'ownership'
        ? view.caughtUp()
        : caughtUpWith(bus, topics[log], () => readers[log].positions()),
    close: async () => {
      const readersOfTopics = [sessions, leases, control].map(({ reader }) => reader);
      await Promise.all([...readersOfTopics, releasesReader].map((reader) => reader.close()));
      await view.close();
    },
  };
  await Promise.all([
    view.caughtUp(),
    caughtUpWith(bus, topics.control, () => control.reader.positions()),
  ]);
  return journal;
}

function entryOf({ partition, offset, timestampMs, value }: InRecord): LogEntry {
  const record = parseObject(value) ?? {};
  return { record, partition, offset, timestampMs, readAtMs: performance.now() };
}

/** Polls until `look` finds something; null after `withinMs`. */
export async function until<T>(
  look: () => T | undefined | false,
  withinMs: number,
): Promise<T | null> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > untilMs) return null;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
