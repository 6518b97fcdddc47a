// Owns: what the logs say about one run: the independent check of all that is in them, and when each
// record of the run was appended. Never asks an instance.
import { checkEvidence } from '../../src/core/evidence/check.js';
import type { EvidenceReport } from '../../src/core/evidence/types.js';
import { openLogs } from '../../src/logs/read-logs.js';
import { evidenceFaults } from '../../src/local/evidence.js';
import { topicsOf } from '../../src/logs/topics.js';
import type { World } from './world.js';

/** Append times, on the wall clock of the broker, which is this machine's. */
export interface LogTimes {
  /** `user/client` → the last `closed` for a move, the first `opened` at the revision. */
  readonly closed: ReadonlyMap<string, LogTime>;
  readonly opened: ReadonlyMap<string, LogTime>;
  /** Partition → at the revision. */
  readonly released: ReadonlyMap<number, number>;
  readonly acquired: ReadonlyMap<number, number>;
}

export interface LogTime {
  readonly partition: number;
  readonly atMs: number;
}

export interface LogsSeen {
  readonly report: EvidenceReport;
  /** What is wrong beyond overlaps, one sentence each. */
  readonly faults: readonly string[];
  readonly times: LogTimes;
  /** `opened` of a watched incarnation that were appended after the watched moment. */
  readonly openedLate: number;
}

export interface LogsWish {
  /** Times are kept of records at this revision; none when absent. */
  readonly revision?: number;
  readonly watched?: { readonly incarnation: string; readonly sinceMs: number };
}

/** Replays both logs from their beginning. */
export async function readEvidence(
  { cluster, name }: World,
  { revision, watched }: LogsWish,
): Promise<LogsSeen> {
  const logs = await openLogs(cluster.bus, name);
  const topics = topicsOf(name);
  const check = checkEvidence(name, logs.partitions);
  const [closed, opened] = [new Map<string, LogTime>(), new Map<string, LogTime>()];
  const [released, acquired] = [new Map<number, number>(), new Map<number, number>()];
  let openedLate = 0;
  for await (const record of logs.records) {
    check.add(record);
    const value = record.value as Readonly<Record<string, unknown>>;
    const { timestamp: atMs, topic } = record;
    const partition = Number(value['partition']);
    const { type } = value;
    const isLate = type === 'opened' && value['incarnation'] === watched?.incarnation;
    if (watched !== undefined && isLate && atMs > watched.sinceMs) openedLate += 1;
    if (revision === undefined) continue;
    if (topic === topics.ownership && value['revision'] === revision) {
      if (type === 'released') released.set(partition, atMs);
      if (type === 'acquired') acquired.set(partition, atMs);
    } else if (topic === topics.sessions) {
      const key = `${String(value['user'])}/${String(value['client'])}`;
      if (type === 'opened' && value['revision'] === revision && !opened.has(key)) {
        opened.set(key, { partition, atMs });
      }
      if (type === 'closed' && value['reason'] === 'moved') closed.set(key, { partition, atMs });
    }
  }
  const report = check.finish();
  const times = { closed, opened, released, acquired };
  return { report, faults: evidenceFaults(report), times, openedLate };
}
