// Reads control messages out of untrusted JSON. Whoever can write to the topic, by mistake or of a
// newer version, must not be able to stop an instance or to break Tiling: a message that is not whole
// is no message. Never judges who is behind (goal.ts does).

import type { AddressBook, ControlMessage, OwnedRange, Pace } from '../records.js';

/**
 * Revisions and epochs grow by one a change: one every second for thirty years. A higher number is a
 * mistake, and obeying it would make everything that follows look old.
 */
export const numberMax = 1_000_000_000;
const urlMaxChars = 2_048;
/** Where a waves' pace ends to be one. */
const paceMax = 1_000_000;

/** Why a record is skipped; `unknown-type` may be one of a newer version. */
export type SkipReason = 'not-an-object' | 'unknown-type' | 'malformed' | 'breaks-tiling';

/** `partitions`: P where known; without it any end of the ranges is taken. */
export function readControlMessage(
  record: Record<string, unknown> | null,
  partitions?: number,
): ControlMessage | SkipReason {
  if (record === null) return 'not-an-object';
  const { type } = record;
  switch (type) {
    case 'cancel-prepare':
    case 'hold':
    case 'resume':
    case 'report':
      return hasBase(record) ? (record as unknown as ControlMessage) : 'malformed';
    case 'prepare':
    case 'distribution':
      return readRanges(record, partitions);
    default:
      return typeof type === 'string' ? 'unknown-type' : 'malformed';
  }
}

/** A revision or an epoch: whole, from 0, and no higher than any service gets. */
export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= numberMax;
}

function hasBase(record: Record<string, unknown>): boolean {
  const { epoch, revision, rebalance } = record;
  return isNumber(epoch) && isNumber(revision) && typeof rebalance === 'string';
}

function readRanges(
  record: Record<string, unknown>,
  partitions: number | undefined,
): ControlMessage | SkipReason {
  const { ranges, instances, hash } = record;
  const book = readAddressBook(instances);
  const pace = readPace(record['pace']);
  if (!hasBase(record) || typeof hash !== 'string' || book === null || pace === null) {
    return 'malformed';
  }
  if (!Array.isArray(ranges)) return 'malformed';
  if (!isTiling(ranges, partitions)) return 'breaks-tiling';
  return { ...(record as unknown as ControlMessage & WithBook), instances: book, pace };
}

type WithBook = { readonly type: 'distribution' | 'prepare' };

/** Sorted, without holes and overlaps, from 0 to P-1, each with an ordinal. */
function isTiling(
  ranges: readonly unknown[],
  partitions: number | undefined,
): ranges is readonly OwnedRange[] {
  let next = 0;
  for (const range of ranges) {
    if (!Array.isArray(range) || range.length !== 3 || !range.every(isNumber)) return false;
    const [from, to] = range as [number, number, number];
    if (from !== next || to < from) return false;
    next = to + 1;
  }
  return partitions === undefined ? next > 0 : next === partitions;
}

/** Null when it is none. Addresses are passed on to clients. */
function readAddressBook(value: unknown): AddressBook | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const book = new Map<string, { readonly url: string; readonly incarnation?: string }>();
  for (const [name, entry] of Object.entries(value as Record<string, unknown>)) {
    if (typeof entry !== 'object' || entry === null) return null;
    const { url, incarnation } = entry as { url?: unknown; incarnation?: unknown };
    if (!isUrl(url)) return null;
    book.set(name, typeof incarnation === 'string' ? { url, incarnation } : { url });
  }
  return Object.fromEntries(book);
}

/** One word, and no longer than addresses are. */
export function isUrl(value: unknown): value is string {
  return typeof value === 'string' && value.length <= urlMaxChars && /^\S+$/.test(value);
}

/** Why a record that no parser took is none. */
export function skipReason(record: Record<string, unknown> | null, known: string[]): SkipReason {
  if (record === null) return 'not-an-object';
  const { type } = record;
  return typeof type === 'string' && !known.includes(type) ? 'unknown-type' : 'malformed';
}

/** For senders that leave a field of the pace out. */
const unsaidPace: Pace = { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 64 };

/** Null when a field that is there is no pace: with 0 a wave would wait for ever. */
function readPace(value: unknown): Pace | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const pace: Record<keyof Pace, number> = { ...unsaidPace };
  for (const field of Object.keys(unsaidPace) as (keyof Pace)[]) {
    const found = (value as Record<string, unknown>)[field];
    if (found === undefined) continue;
    if (typeof found !== 'number' || !(found > 0) || found > paceMax) return null;
    pace[field] = found;
  }
  return pace;
}
