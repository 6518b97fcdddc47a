// The positions of one reader and the laws of delivery, for every implementation of Bus: offset
// order per partition, each record once, every gap reported. Never fetches: whoever fetched
// something hands it in, also twice, and only what is new goes out.

import type { InRecord, ReaderSpec } from '../ports.js';

/**
 * Records of one partition as one fetch returned them, in offset order. `first`: the offset it
 * begins with; `after`: the offset behind its last (both count what is no record, like markers).
 * `end`: high watermark.
 */
export interface Fetched {
  readonly partition: number;
  readonly end: number;
  readonly records: readonly InRecord[];
  readonly first: number;
  readonly after: number;
}

export interface Cursor {
  readonly partition: number;
  /** Offset of the next record to hand out. */
  next: number;
  /** Callbacks under way or waiting; while there are any the partition is not fetched. */
  pending: number;
  last: Promise<void>;
  gone: boolean;
}

type Callbacks = Pick<ReaderSpec, 'onRecords' | 'onJump'>;

export class Cursors {
  readonly #cursors = new Map<number, Cursor>();
  readonly #callbacks: Callbacks;
  /** A callback threw: a programmer error, fatal for the reader. */
  readonly #onFault: (error: unknown) => void;
  /** A partition may be fetched again, or is new. */
  readonly #onReady: () => void;
  #silent = false;

  constructor(callbacks: Callbacks, onReady: () => void, onFault: (error: unknown) => void) {
    this.#callbacks = callbacks;
    this.#onReady = onReady;
    this.#onFault = onFault;
  }

  /** No callback is made after this. */
  silence(): void {
    this.#silent = true;
  }

  positions(): ReadonlyMap<number, number> {
    return new Map([...this.#cursors.values()].map(({ partition, next }) => [partition, next]));
  }

  has(partition: number): boolean {
    return this.#cursors.has(partition);
  }

  partitions(): number[] {
    return [...this.#cursors.keys()];
  }

  get(partition: number): Cursor | undefined {
    return this.#cursors.get(partition);
  }

  /** Those that may be fetched now. */
  *ready(): Generator<Cursor> {
    for (const cursor of this.#cursors.values()) if (cursor.pending === 0) yield cursor;
  }

  /** Replaces the set at once; partitions that stay keep their position. */
  replace(partitions: Iterable<number>, starts: ReadonlyMap<number, number>): void {
    const wanted = new Set(partitions);
    for (const [partition, cursor] of this.#cursors) {
      if (wanted.has(partition)) continue;
      cursor.gone = true;
      this.#cursors.delete(partition);
    }
    for (const partition of wanted) {
      const next = starts.get(partition);
      if (this.#cursors.has(partition) || next === undefined) continue;
      this.#cursors.set(partition, {
        partition,
        next,
        pending: 0,
        last: Promise.resolve(),
        gone: false,
      });
    }
    this.#onReady();
  }

  /** Hands out what is new in an answer, in parts where offsets are missing in between. */
  deliver(fetched: Fetched, asked: Cursor): void {
    // Not the same cursor: given up and taken again in the meantime, from another position.
    if (asked.gone || this.#silent || fetched.after <= asked.next) return;
    if (fetched.first > asked.next) this.jump(asked, fetched.first);
    const records = fetched.records.filter((record) => record.offset >= asked.next);
    asked.next = fetched.after;
    if (records.length === 0) return;
    this.#call(asked, () => this.#callbacks.onRecords(asked.partition, records, fetched.end));
  }

  /** The next record is not the expected one: says so, in its place among the records. */
  jump(cursor: Cursor, found: number): void {
    const expected = cursor.next;
    if (cursor.gone || expected === found) return;
    cursor.next = found;
    this.#call(cursor, () => this.#callbacks.onJump(cursor.partition, expected, found));
  }

  /** At once when nothing is under way for the partition, otherwise behind it. */
  #call(cursor: Cursor, callback: () => void | Promise<void>): void {
    if (cursor.pending > 0) {
      this.#follow(
        cursor,
        cursor.last.then(() => (cursor.gone || this.#silent ? undefined : callback())),
      );
      return;
    }
    if (cursor.gone || this.#silent) return;
    try {
      const result = callback();
      if (result instanceof Promise) this.#follow(cursor, result);
    } catch (error) {
      this.#onFault(error);
    }
  }

  #follow(cursor: Cursor, result: Promise<void>): void {
    cursor.pending += 1;
    cursor.last = result.then(
      () => undefined,
      (error: unknown) => this.#onFault(error),
    );
    void cursor.last.then(() => {
      cursor.pending -= 1;
      if (cursor.pending === 0 && !cursor.gone && !this.#silent) this.#onReady();
    });
  }
}
