// Which partitions' messages an instance reads: what is wanted, what is read, and the next step from the
// one to the other. One value, compared again after every answer, so that a question or an assignment
// that took long can never drop what is wanted by now. Passive: it asks nobody and has no clock.
//
//   wanted ─ask─► answered ─assign─► read ─(reached its tail)─► warm
//                                     └ (forgotten, and `forgetDue`) ─assign without it─► gone
//
// Forgetting is lazy, so that no change of the set falls into a hand-over. What was dropped is gone for
// the service at once; wanted again, it is asked about anew, but not before the reader has let it go.

export interface ReadingStart {
  readonly partition: number;
  /** The first offset to read. */
  readonly from: number;
  /** The end that must be reached before the partition counts as warm. */
  readonly tail: number;
}

export type ReadingStep =
  | { readonly kind: 'none' }
  /** Where to begin with these: `answered` follows. */
  | { readonly kind: 'ask'; readonly partitions: readonly number[] }
  /**
   * Read exactly these: from an offset, or (null) from where the reader stands; `assigned` follows.
   * `dropped` are no longer read, whatever the reader still brings of them.
   */
  | {
      readonly kind: 'assign';
      readonly from: ReadonlyMap<number, number | null>;
      readonly dropped: readonly number[];
    };

interface Read {
  /** Not yet with the reader: where it shall begin. */
  from: number | null;
  /** Null once it is warm. */
  tail: number | null;
}

export class Reading {
  private readonly wanted = new Set<number>();
  private readonly read = new Map<number, Read>();
  /** The reader's set differs from `read`, or may. */
  private stale = false;
  private forgetting = false;

  /** Answers those that are warm already. */
  warm(partitions: readonly number[]): number[] {
    for (const partition of partitions) this.wanted.add(partition);
    return partitions.filter((partition) => this.read.get(partition)?.tail === null);
  }

  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.wanted.delete(partition);
  }

  /** From now until the next step what is not wanted may go. */
  forgetDue(): void {
    this.forgetting = true;
  }

  isRead(partition: number): boolean {
    return this.read.has(partition);
  }

  /** Read, and its tail not reached yet. */
  isCold(partition: number): boolean {
    return typeof this.read.get(partition)?.tail === 'number';
  }

  /** What is to be done now. An `assign` that failed is answered by asking for the next step again. */
  next(): ReadingStep {
    const dropped = this.forgetting ? this.drop() : [];
    if (this.stale) {
      const from = new Map([...this.read].map(([partition, { from }]) => [partition, from]));
      return { kind: 'assign', from, dropped };
    }
    const partitions = [...this.wanted].filter((partition) => !this.read.has(partition));
    return partitions.length > 0 ? { kind: 'ask', partitions } : { kind: 'none' };
  }

  /** Takes what is still wanted; the rest of the answer is of no use any more. */
  answered(starts: readonly ReadingStart[]): void {
    for (const { partition, from, tail } of starts) {
      if (!this.wanted.has(partition) || this.read.has(partition)) continue;
      this.read.set(partition, { from, tail });
      this.stale = true;
    }
  }

  /** The reader reads what the last `assign` said. */
  assigned(step: ReadingStep & { readonly kind: 'assign' }): void {
    this.stale = false;
    for (const partition of step.from.keys()) {
      const read = this.read.get(partition);
      if (read !== undefined) read.from = null;
    }
  }

  /** Partitions that still have to reach their tail. */
  cold(): number[] {
    return [...this.read.keys()].filter((partition) => this.isCold(partition));
  }

  /** The reader's next offset; true when that makes the partition warm. */
  reached(partition: number, next: number): boolean {
    const read = this.read.get(partition);
    if (read === undefined || read.tail === null || read.from !== null || next < read.tail)
      return false;
    read.tail = null;
    return true;
  }

  private drop(): number[] {
    this.forgetting = false;
    const dropped = [...this.read.keys()].filter((partition) => !this.wanted.has(partition));
    for (const partition of dropped) this.read.delete(partition);
    this.stale ||= dropped.length > 0;
    return dropped;
  }
}
