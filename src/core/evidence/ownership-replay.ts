// Owns: a second, independent reading of the ownership log, for the check: which records took
// effect, who held what at which revisions, what each revision moved. Deliberately not the state
// machine that instances run: one mistake must not be able to hide in both.

import type { Range } from '../ranges.js';
import { createFencedSet } from './fenced-set.js';
import { rebalancesReportedMax, tenuresPerPartitionMax } from './bounds.js';
import type { FencedValue, OwnershipValue } from './read-value.js';

/** A stretch in which an incarnation held a partition, in revisions. */
interface Tenure {
  readonly incarnation: string;
  readonly from: number;
  /** Revision of its release; null while it holds, or when it was fenced. */
  to: number | null;
}

interface PartitionHistory {
  lastOffset: number;
  lastType: 'acquired' | 'released';
  instance: string;
  incarnation: string;
  highest: number;
  /** Up to this revision the history is not (or no longer) known: taken on trust. */
  trustedUpTo: number;
  readonly tenures: Tenure[];
}

export interface OwnershipReplay {
  /** Applies the record at an offset; false when it has no effect. Offsets ascend. */
  apply(offset: number, record: OwnershipValue | FencedValue): boolean;
  /** Whether the incarnation held the partition at that revision, as far as the log can tell. */
  heldAt(partition: number, incarnation: string, revision: number): boolean;
  /** Ranges of 0..partitions-1 without a holder. */
  gaps(partitions: number): Range[];
  /** Revision → partitions that another instance had before. */
  moved(): ReadonlyMap<number, number>;
  isFenced(incarnation: string): boolean;
  /** Highest partition seen, -1 for none. */
  highestPartition(): number;
  /** Older stretches of ownership were forgotten: what they would have shown was not checked. */
  forgot(): boolean;
  /** More incarnations were fenced than are remembered: the rest cannot be judged. */
  overflowed(): boolean;
}

/** Replays from `startOffset`: above 0 the log was trimmed, and earlier records are taken on trust. */
export function replayOwnership(startOffset: number): OwnershipReplay {
  const histories = new Map<number, PartitionHistory>();
  const fenced = createFencedSet();
  const moved = new Map<number, number>();
  let highestPartition = -1;
  let forgot = false;

  const takesEffect = (record: OwnershipValue, history: PartitionHistory | undefined): boolean => {
    if (fenced.has(record.incarnation)) return false;
    if (history === undefined) {
      if (record.prev !== null) return record.prev < startOffset; // Builds on what was trimmed.
      return record.type === 'acquired';
    }
    if (record.prev !== history.lastOffset) return false;
    const isHeld = history.lastType === 'acquired' && !fenced.has(history.incarnation);
    if (record.type === 'released') return isHeld && history.incarnation === record.incarnation;
    return !isHeld && record.revision >= history.highest;
  };

  const begin = (record: OwnershipValue, offset: number): PartitionHistory => {
    const history: PartitionHistory = {
      lastOffset: offset,
      lastType: record.type,
      instance: record.instance,
      incarnation: record.incarnation,
      highest: record.revision,
      trustedUpTo: startOffset > 0 ? record.revision : -1,
      tenures: [],
    };
    histories.set(record.partition, history);
    return history;
  };

  const addTenure = (history: PartitionHistory, tenure: Tenure): void => {
    history.tenures.push(tenure);
    if (history.tenures.length <= tenuresPerPartitionMax) return;
    const oldest = history.tenures.shift();
    history.trustedUpTo = Math.max(history.trustedUpTo, oldest?.to ?? oldest?.from ?? 0);
    forgot = true;
  };

  const countMoved = (revision: number): void => {
    moved.set(revision, (moved.get(revision) ?? 0) + 1);
    if (moved.size > rebalancesReportedMax) moved.delete(Math.min(...moved.keys()));
  };

  return {
    apply: (offset, record) => {
      if (record.type === 'fenced') {
        fenced.add(record.incarnation);
        return true;
      }
      highestPartition = Math.max(highestPartition, record.partition);
      const known = histories.get(record.partition);
      if (!takesEffect(record, known)) return false;
      const history = known ?? begin(record, offset);
      const { incarnation, instance, revision } = record;
      if (record.type === 'acquired') {
        const hasMoved = known !== undefined && known.instance !== instance;
        if (hasMoved) countMoved(revision);
        addTenure(history, { incarnation, from: revision, to: null });
      } else {
        const open = history.tenures.at(-1);
        if (open === undefined) addTenure(history, { incarnation, from: 0, to: revision });
        else open.to = revision;
      }
      Object.assign(history, { lastOffset: offset, lastType: record.type, instance, incarnation });
      history.highest = Math.max(history.highest, revision);
      return true;
    },
    heldAt: (partition, incarnation, revision) => {
      const history = histories.get(partition);
      if (history === undefined) return startOffset > 0;
      if (revision <= history.trustedUpTo) return true;
      return history.tenures.some(
        (tenure) =>
          tenure.incarnation === incarnation &&
          tenure.from <= revision &&
          (tenure.to === null || revision <= tenure.to),
      );
    },
    gaps: (partitions) => {
      const gaps: [number, number][] = [];
      for (let p = 0; p < partitions; p += 1) {
        const history = histories.get(p);
        if (history?.lastType === 'acquired' && !fenced.has(history.incarnation)) continue;
        const last = gaps.at(-1);
        if (last !== undefined && last[1] === p - 1) last[1] = p;
        else gaps.push([p, p]);
      }
      return gaps;
    },
    moved: () => moved,
    isFenced: (incarnation) => fenced.has(incarnation),
    highestPartition: () => highestPartition,
    forgot: () => forgot,
    overflowed: () => fenced.overflowed(),
  };
}
