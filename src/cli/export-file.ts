// Owns: the form of an export of the three logs, one JSON object a line, ordered by topic,
// partition, offset; reading it strictly and writing it whole or not at all. Never judges evidence.

import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { EvidenceRecord } from '../core/evidence/types.js';
import { BadInputError } from '../errors.js';

const offsetPattern = /^\d{1,15}$/;

/** A record as its line, without the newline. */
export function exportLine(record: EvidenceRecord): string {
  const { topic, partition, offset, timestamp, value } = record;
  return JSON.stringify({ topic, partition, offset: String(offset), timestamp, value });
}

/** The records of a file, in order; BadInputError naming the line that is wrong. */
export async function* readExport(path: string): AsyncGenerator<EvidenceRecord> {
  const file = createReadStream(path, 'utf8');
  await once(file, 'open').catch((cause: Error) => {
    throw new BadInputError(`cannot read ${path}: ${cause.message}`, {
      field: '--input',
      found: path,
      allowed: 'a readable file of one JSON object a line',
      cause,
    });
  });
  let number = 0;
  let previous: EvidenceRecord | undefined;
  for await (const line of createInterface({ input: file, crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    const record = parseExportLine(line, number);
    if (previous !== undefined && !isAfter(previous, record)) {
      throw wrong(number, 'offset', record.offset, 'records ordered by topic, partition, offset');
    }
    previous = record;
    yield record;
  }
}

/** One line; BadInputError naming the line and the field. */
export function parseExportLine(line: string, number: number): EvidenceRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw wrong(number, undefined, line, 'one JSON object');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw wrong(number, undefined, line, 'one JSON object');
  }
  const { topic, partition, offset, timestamp, value } = parsed as Record<string, unknown>;
  if (typeof topic !== 'string' || topic === '') {
    throw wrong(number, 'topic', topic, 'the name of a topic');
  }
  if (typeof partition !== 'number' || !Number.isSafeInteger(partition) || partition < 0) {
    throw wrong(number, 'partition', partition, 'a whole number from 0');
  }
  if (typeof offset !== 'string' || !offsetPattern.test(offset)) {
    throw wrong(number, 'offset', offset, 'a string of digits');
  }
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) {
    throw wrong(number, 'timestamp', timestamp, 'milliseconds as a number');
  }
  if (value === undefined) throw wrong(number, 'value', value, 'the value of the record as JSON');
  return { topic, partition, offset: Number(offset), timestamp, value };
}

/** Writes records as they come and gives the file its name only when it is complete. */
export async function writeExport(
  path: string,
  records: AsyncIterable<EvidenceRecord>,
  onRecord: (record: EvidenceRecord) => void,
): Promise<void> {
  const partial = `${path}.partial`;
  const file = createWriteStream(partial);
  try {
    await once(file, 'open');
    for await (const record of records) {
      onRecord(record);
      if (!file.write(`${exportLine(record)}\n`)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
    await rename(partial, path);
  } catch (cause) {
    file.destroy();
    await rm(partial, { force: true });
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EISDIR') throw cause;
    throw new BadInputError(`cannot write ${path}: ${(cause as Error).message}`, {
      field: '--export',
      found: path,
      allowed: 'a file in a directory that exists',
      cause,
    });
  }
}

function isAfter(previous: EvidenceRecord, next: EvidenceRecord): boolean {
  if (previous.topic !== next.topic) return previous.topic < next.topic;
  if (previous.partition !== next.partition) return previous.partition < next.partition;
  return previous.offset < next.offset;
}

function wrong(line: number, field: string | undefined, found: unknown, allowed: string) {
  const what = field === undefined ? '' : `${field} `;
  return new BadInputError(`line ${line}: ${what}must be ${allowed}`, {
    field: field === undefined ? `line ${line}` : `line ${line}: ${field}`,
    found: found === undefined ? 'nothing' : found,
    allowed,
  });
}
