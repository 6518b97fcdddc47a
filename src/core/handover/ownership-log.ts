// The ownership log as a replicated state machine: every reader that applies the same records at the
// same offsets reaches the same state and the same verdicts. It owns who holds what; it never
// appends, waits or looks at a clock.
//
// A record takes effect only if it is valid where it stands:
//   acquired  `prev` is the last valid record of p; that one is `released`, or its holder is fenced,
//             or there is none; revision not lower than any earlier valid record of p
//   released  `prev` is the last valid record of p, and that one is `acquired` of the same incarnation
//   fenced    always; it is no record of a partition and changes no `prev`
// Anything by a fenced incarnation is void, and void records change nothing.

import { parseOffset } from '../records.js';
import { isNumber, isUrl } from './goal-reading.js';
import type { OwnershipChange, OwnershipRecord } from '../records.js';

export type VoidReason = 'malformed' | 'fenced' | 'prev' | 'held' | 'revision' | 'not-holder';
export type Verdict =
  { readonly valid: true } | { readonly valid: false; readonly reason: VoidReason };

/** The last valid record of a partition. */
export interface LastRecord {
  readonly type: 'acquired' | 'released';
  readonly offset: number;
  readonly instance: string;
  readonly incarnation: string;
  /** Highest revision of all valid records of the partition so far. */
  readonly revision: number;
  readonly url: string | null;
  /** The writer's position in the partition's messages: a hint. */
  readonly next: string;
}

export interface OwnershipSnapshot {
  readonly partitions: number;
  /** Offset of the next record to apply. */
  readonly next: number;
  readonly last: readonly (readonly [partition: number, last: LastRecord])[];
  readonly fenced: readonly string[];
}

const VALID: Verdict = { valid: true };
const voidFor = (reason: VoidReason): Verdict => ({ valid: false, reason });

export class OwnershipLog {
  readonly partitions: number;
  private next = 0;
  private readonly lastOf: (LastRecord | undefined)[];
  private readonly fenced = new Set<string>();

  constructor(partitions: number, from?: OwnershipSnapshot) {
    this.partitions = partitions;
    this.lastOf = new Array<LastRecord | undefined>(partitions).fill(undefined);
    if (from === undefined) return;
    this.next = from.next;
    for (const [partition, last] of from.last) this.lastOf[partition] = last;
    for (const incarnation of from.fenced) this.fenced.add(incarnation);
  }

  /** Applies the record that stands at `offset`; null stands for one that cannot be read. */
  apply(record: OwnershipRecord | null, offset: number): Verdict {
    this.next = offset + 1;
    if (record === null) return voidFor('malformed');
    if (record.type === 'fenced') {
      this.fenced.add(record.incarnation);
      return VALID;
    }
    const verdict = this.judge(record);
    if (verdict.valid) {
      this.lastOf[record.partition] = {
        type: record.type,
        offset,
        instance: record.instance,
        incarnation: record.incarnation,
        revision: Math.max(record.revision, this.lastOf[record.partition]?.revision ?? 0),
        url: record.url ?? (record.type === 'released' ? this.urlOf(record.partition) : null),
        next: record.next,
      };
    }
    return verdict;
  }

  private judge(record: OwnershipChange): Verdict {
    if (record.partition < 0 || record.partition >= this.partitions) return voidFor('malformed');
    if (this.fenced.has(record.incarnation)) return voidFor('fenced');
    const last = this.lastOf[record.partition];
    const prev = record.prev === null ? null : parseOffset(record.prev);
    if (prev !== (last?.offset ?? null)) return voidFor('prev');
    if (record.type === 'released') {
      const holds = last?.type === 'acquired' && last.incarnation === record.incarnation;
      return holds ? VALID : voidFor('not-holder');
    }
    if (last === undefined) return VALID;
    if (last.type === 'acquired' && !this.fenced.has(last.incarnation)) return voidFor('held');
    return record.revision >= last.revision ? VALID : voidFor('revision');
  }

  private urlOf(partition: number): string | null {
    return this.lastOf[partition]?.url ?? null;
  }

  /** Offset of the next record to apply. */
  position(): number {
    return this.next;
  }

  last(partition: number): LastRecord | null {
    return this.lastOf[partition] ?? null;
  }

  /** Who holds the partition: the writer of a valid `acquired` that is neither released nor fenced. */
  holderOf(partition: number): LastRecord | null {
    const last = this.lastOf[partition];
    if (last === undefined || last.type !== 'acquired') return null;
    return this.fenced.has(last.incarnation) ? null : last;
  }

  isFenced(incarnation: string): boolean {
    return this.fenced.has(incarnation);
  }

  /** Highest revision in any valid record; 0 for an empty log. */
  highestRevision(): number {
    let highest = 0;
    for (const last of this.lastOf)
      if (last !== undefined) highest = Math.max(highest, last.revision);
    return highest;
  }

  /** Actual ownership as ranges, ascending, covering 0..P-1; `holder` null where nobody holds. */
  holdings(): readonly {
    readonly from: number;
    readonly to: number;
    readonly holder: LastRecord | null;
  }[] {
    const runs: { from: number; to: number; holder: LastRecord | null }[] = [];
    for (let p = 0; p < this.partitions; p += 1) {
      const holder = this.holderOf(p);
      const run = runs.at(-1);
      if (run !== undefined && run.holder?.incarnation === holder?.incarnation) run.to = p;
      else runs.push({ from: p, to: p, holder });
    }
    return runs;
  }

  snapshot(): OwnershipSnapshot {
    const last: (readonly [number, LastRecord])[] = [];
    this.lastOf.forEach((record, partition) => {
      if (record !== undefined) last.push([partition, record]);
    });
    return { partitions: this.partitions, next: this.next, last, fenced: [...this.fenced] };
  }
}

/** Reads a record of the ownership topic; null when it is none (every reader then judges it void). */
export function parseOwnershipRecord(value: string | null): OwnershipRecord | null {
  const record = parseObject(value);
  if (record === null) return null;
  if (!isName(record['instance']) || !isName(record['incarnation'])) return null;
  if (record['type'] === 'fenced') return record as unknown as OwnershipRecord;
  if (record['type'] !== 'acquired' && record['type'] !== 'released') return null;
  // A revision beyond any that a service reaches would make every later claim look old.
  const whole = Number.isSafeInteger(record['partition']) && isNumber(record['revision']);
  const prevOk = record['prev'] === null || parseOffset(record['prev']) !== null;
  if (!whole || !prevOk) return null;
  const { url, next, ...rest } = record;
  // Hints decide nothing about validity: readers must judge alike, whatever stands there.
  return {
    ...rest,
    next: parseOffset(next) === null ? '0' : next,
    ...(isUrl(url) ? { url } : {}),
  } as unknown as OwnershipRecord;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Parses one JSON object; null for anything else. */
export function parseObject(value: string | null): Record<string, unknown> | null {
  if (value === null) return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
