// The bytes of one partition in a fetch: batch after batch, each read or, when it cannot be, passed over
// as a whole. Total: whatever the bytes are, it answers how far they reach and never throws, because what
// one producer wrote into one partition must cost nobody else anything.
// The format: https://kafka.apache.org/documentation/#messageformat (record batch, magic 2).

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { batchInflatedMaxBytes, unreadableOffsetsMax } from '../../limits.js';
import { crc32c } from './crc32c.js';

const inflate = promisify(gunzip);

export interface RawRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  /** Null also for each record of a batch that cannot be read: something stood there. */
  readonly value: Buffer | null;
}

export interface Batches {
  readonly records: readonly RawRecord[];
  /** Offset of the first batch and the one behind the last; -1 when there is no whole batch. */
  readonly first: number;
  readonly after: number;
  /** Time of the last batch's newest record; -1 when there is none. */
  readonly lastTimestampMs: number;
  /** Batches that were passed over. */
  readonly unreadable: readonly { readonly offset: number; readonly why: string }[];
}

// Where the fields of a batch are, from its beginning.
const lengthAt = 8;
const magicAt = 16;
const crcAt = 17;
const attributesAt = 21;
const lastOffsetDeltaAt = 23;
const firstTimestampAt = 27;
const maxTimestampAt = 35;
const countAt = 57;
const recordsAt = 61;
/** What `length` does not count. */
const lengthOverhead = 12;
const currentMagic = 2;
const offsetMax = 2 ** 52;

const codecMask = 0x07;
const appendTimeFlag = 0x08;
const controlFlag = 0x20;
const codecs = ['', 'gzip', 'snappy', 'lz4', 'zstd'];
const gzip = 1;

/** Reads whole batches; a broker cuts the last one off where the answer is full. */
export async function readBatches(bytes: Buffer): Promise<Batches> {
  const records: RawRecord[] = [];
  const unreadable: { offset: number; why: string }[] = [];
  let first = -1;
  let after = -1;
  let lastTimestampMs = -1;
  for (let at = 0; at + magicAt < bytes.length;) {
    const length = bytes.readInt32BE(at + lengthAt);
    const end = at + lengthOverhead + length;
    // Shorter than its own format number: no batch, and nothing behind it can be found.
    if (length <= magicAt - lengthOverhead || end > bytes.length) break;
    const batch = bytes.subarray(at, end);
    const base = Number(batch.readBigInt64BE(0));
    // No broker counts so far: these are no batches, and numbers beyond are not exact.
    if (base < 0 || base > offsetMax) break;
    if (first < 0) first = base;
    const following = end + lengthAt <= bytes.length ? Number(bytes.readBigInt64BE(end)) : Infinity;
    const read = await readBatch(batch, base, following);
    if (read.timestampMs !== null) lastTimestampMs = read.timestampMs;
    if (typeof read.records === 'string') {
      unreadable.push({ offset: base, why: read.records });
      const from = Math.max(base, read.last - unreadableOffsetsMax + 1);
      for (let offset = from; offset <= read.last; offset += 1) {
        records.push({ offset, timestampMs: read.timestampMs ?? 0, key: null, value: null });
      }
    } else for (const record of read.records) records.push(record);
    after = Math.max(after, read.last + 1);
    at = end;
  }
  return { records, first, after, lastTimestampMs, unreadable };
}

interface ReadBatch {
  /** Last offset of the batch. */
  readonly last: number;
  readonly timestampMs: number | null;
  /** Its records, or why they cannot be read. */
  readonly records: readonly RawRecord[] | string;
}

/** `following`: where the next batch begins; a damaged one must not claim to reach beyond it. */
async function readBatch(batch: Buffer, base: number, following: number): Promise<ReadBatch> {
  const magic = batch.readInt8(magicAt);
  // Older formats: one message, or a wrapper that has the offset of its last one.
  if (magic < currentMagic) {
    return { last: base, timestampMs: null, records: `message format ${magic}` };
  }
  if (batch.length < recordsAt) return { last: base, timestampMs: null, records: 'cut off' };
  const reach = base + Math.max(0, batch.readInt32BE(lastOffsetDeltaAt));
  const last = following > base ? Math.min(reach, following - 1) : reach;
  const timestampMs = Number(batch.readBigInt64BE(maxTimestampAt));
  const wrong = (why: string) => ({ last, timestampMs, records: why });
  if (magic > currentMagic) return wrong(`message format ${magic}`);
  if (batch.readUInt32BE(crcAt) !== crc32c(batch.subarray(attributesAt))) return wrong('checksum');
  const attributes = batch.readInt16BE(attributesAt);
  // Markers of transactions are no records of anybody.
  if ((attributes & controlFlag) !== 0) return { last, timestampMs, records: [] };
  const codec = attributes & codecMask;
  if (codec > gzip) return wrong(`compressed with ${codecs[codec] ?? `codec ${codec}`}`);
  const times = {
    base: Number(batch.readBigInt64BE(firstTimestampAt)),
    append: (attributes & appendTimeFlag) !== 0 ? timestampMs : null,
  };
  try {
    const packed = batch.subarray(recordsAt);
    const body =
      codec === gzip ? await inflate(packed, { maxOutputLength: batchInflatedMaxBytes }) : packed;
    return {
      last,
      timestampMs,
      records: readRecords(body, batch.readInt32BE(countAt), [base, last], times),
    };
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'damaged');
  }
}

/** Throws on bytes that are no records. */
function readRecords(
  bytes: Buffer,
  count: number,
  [base, last]: readonly [number, number],
  times: { readonly base: number; readonly append: number | null },
): RawRecord[] {
  const cursor = { bytes, at: 0 };
  const records: RawRecord[] = [];
  for (let i = 0; i < count; i += 1) {
    const length = readVarint(cursor);
    const end = cursor.at + length;
    if (length <= 0 || end > bytes.length) throw new Error('a record reaches beyond its batch');
    cursor.at += 1; // attributes: none are defined
    const timestampMs = times.append ?? times.base + readVarint(cursor);
    if (times.append !== null) readVarint(cursor);
    const offset = base + readVarint(cursor);
    if (offset < base || offset > last) throw new Error('a record lies outside of its batch');
    const key = readBytes(cursor, end);
    const value = readBytes(cursor, end);
    cursor.at = end; // headers: nobody here looks at them
    records.push({ offset, timestampMs, key, value });
  }
  return records;
}

interface Bytes {
  readonly bytes: Buffer;
  at: number;
}

function readBytes(cursor: Bytes, end: number): Buffer | null {
  const length = readVarint(cursor);
  if (length < 0) return null;
  const from = cursor.at;
  cursor.at += length;
  if (cursor.at > end) throw new Error('a field reaches beyond its record');
  return cursor.bytes.subarray(from, cursor.at);
}

/** Zig-zag, at most ten bytes. Exact up to 2^53, which is more than an offset or a time needs. */
function readVarint(cursor: Bytes): number {
  let value = 0;
  for (let factor = 1, i = 0; i < 10; i += 1, factor *= 128) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new Error('a number is cut off');
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  throw new Error('a number is too long');
}
