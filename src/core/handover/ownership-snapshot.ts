// Reads a checkpoint of the ownership log out of a document that anybody may have written. What is not
// whole is no checkpoint: the log is then read from its start. Never judges records.

import type { LastRecord, OwnershipSnapshot } from './ownership-log.js';
import { isNumber } from './goal-reading.js';

/** Null when it is no checkpoint of a log of P partitions. */
export function readSnapshot(body: unknown, partitions: number): OwnershipSnapshot | null {
  if (typeof body !== 'object' || body === null) return null;
  const { next, last, fenced, partitions: of } = body as Record<string, unknown>;
  if (of !== partitions || !isOffset(next) || !Array.isArray(last) || !Array.isArray(fenced)) {
    return null;
  }
  if (!fenced.every((incarnation) => typeof incarnation === 'string')) return null;
  const known = new Set<number>();
  for (const entry of last as unknown[]) {
    if (!Array.isArray(entry) || entry.length !== 2) return null;
    const [partition, record] = entry as [unknown, unknown];
    if (!isOffset(partition) || partition >= partitions || known.has(partition)) return null;
    if (!isLastRecord(record, next)) return null;
    known.add(partition);
  }
  return { partitions, next, last: last as OwnershipSnapshot['last'], fenced };
}

function isLastRecord(value: unknown, next: number): value is LastRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  const { type, offset, revision, url } = record;
  const texts = ['instance', 'incarnation', 'next'].every((f) => typeof record[f] === 'string');
  const isKnown = type === 'acquired' || type === 'released';
  const isBefore = isOffset(offset) && offset < next;
  return (
    isKnown && isBefore && isNumber(revision) && texts && (url === null || typeof url === 'string')
  );
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
