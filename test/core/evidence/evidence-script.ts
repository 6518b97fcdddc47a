// Writes small logs by hand: each call appends one record at the next offset of its log.
import { checkEvidence } from '../../../src/core/evidence/check.js';
import type { EvidenceRecord, EvidenceReport } from '../../../src/core/evidence/types.js';

export interface EvidenceScript {
  acquired(p: number, incarnation: string, revision: number, prev: number | null): number;
  released(p: number, incarnation: string, revision: number, prev: number | null): number;
  /** In the ownership log. */
  fenced(incarnation: string): void;
  opened(p: number, who: string, connection: string, incarnation: string, revision: number): void;
  closed(p: number, who: string, connection: string, incarnation: string, reason?: string): void;
  /** In the sessions partition of p. */
  fencedFor(p: number, incarnation: string): void;
  at(ms: number): void;
  records(): readonly EvidenceRecord[];
  check(partitions?: number): EvidenceReport;
}

/** `incarnation` names are `A1`, `B1` …: the letter is the instance. */
export function evidenceScript(startOffset = 0): EvidenceScript {
  const ownership: EvidenceRecord[] = [];
  const sessions = new Map<number, EvidenceRecord[]>();
  let nowMs = 1_000;
  const own = (value: object): number => {
    const offset = startOffset + ownership.length;
    ownership.push({ topic: 's.ownership', partition: 0, offset, timestamp: nowMs, value });
    return offset;
  };
  const log = (p: number, value: object): void => {
    const partition = p % 12;
    const records = sessions.get(partition) ?? [];
    sessions.set(partition, records);
    const offset = records.length;
    records.push({ topic: 's.sessions', partition, offset, timestamp: nowMs, value });
  };
  const change = (
    type: string,
    p: number,
    incarnation: string,
    revision: number,
    prev: number | null,
  ) =>
    own({
      type,
      partition: p,
      revision,
      instance: `s-${incarnation[0]}`,
      incarnation,
      prev: prev === null ? null : String(prev),
      next: '0',
    });
  const connection = (p: number, who: string, id: string, incarnation: string) => {
    const [user, client] = who.split('/');
    const instance = `s-${incarnation[0]}`;
    return {
      partition: p,
      user,
      client,
      session: `${who}-1`,
      connection: id,
      instance,
      incarnation,
    };
  };
  const records = () => [
    ...ownership,
    ...[...sessions.keys()]
      .sort((a, b) => a - b)
      .flatMap((partition) => sessions.get(partition) ?? []),
  ];
  return {
    acquired: (p, incarnation, revision, prev) =>
      change('acquired', p, incarnation, revision, prev),
    released: (p, incarnation, revision, prev) =>
      change('released', p, incarnation, revision, prev),
    fenced: (incarnation) =>
      void own({ type: 'fenced', instance: 's', incarnation, how: 'acknowledged' }),
    opened: (p, who, id, incarnation, revision) =>
      log(p, { type: 'opened', ...connection(p, who, id, incarnation), revision }),
    closed: (p, who, id, incarnation, reason = 'moved') =>
      log(p, { type: 'closed', ...connection(p, who, id, incarnation), revision: 1, reason }),
    fencedFor: (p, incarnation) =>
      log(p, { type: 'fenced', instance: 's', incarnation, how: 'acknowledged' }),
    at: (ms) => void (nowMs = ms),
    records,
    check: (partitions) => checkRecords(records(), partitions),
  };
}

/** The verdict on records of the service `s`. */
export function checkRecords(
  records: readonly EvidenceRecord[],
  partitions?: number,
): EvidenceReport {
  const check = checkEvidence('s', partitions);
  for (const record of records) check.add(record);
  return check.finish();
}

/** A holds partition 0 with alice connected, and hands it over to B properly at revision 2. */
export function properMove(): EvidenceScript {
  const log = evidenceScript();
  const first = log.acquired(0, 'A1', 1, null);
  const released = log.released(0, 'A1', 2, first);
  log.acquired(0, 'B1', 2, released);
  log.at(1_000);
  log.opened(0, 'alice/phone', 'c1', 'A1', 1);
  log.at(5_000);
  log.closed(0, 'alice/phone', 'c1', 'A1');
  log.at(5_040);
  log.opened(0, 'alice/phone', 'c2', 'B1', 2);
  return log;
}
