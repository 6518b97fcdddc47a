// Owns: a second, independent reading of the ownership log, for the check: which records took
// effect, who held what at which revisions, what each revision moved. Deliberately not the state
// machine that instances run: one mistake must not be able to hide in both.

import type { Range } from '../ranges.js';
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
  /** Revision of the first record that is still there. */
  readonly firstRevision: number;
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
  /** Highest partition seen, -1 for none. */
  highestPartition(): number;
}

/** Replays from `startOffset`: above 0 the log was trimmed, and earlier records are taken on trust. */
export function replayOwnership(startOffset: number): OwnershipReplay {
  const histories = new Map<number, PartitionHistory>();
  const fenced = new Set<string>();
  const moved = new Map<number, number>();
  let highestPartition = -1;

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
      firstRevision: record.revision,
      tenures: [],
    };
    histories.set(record.partition, history);
    return history;
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
        if (hasMoved) moved.set(revision, (moved.get(revision) ?? 0) + 1);
        history.tenures.push({ incarnation, from: revision, to: null });
      } else {
        const open = history.tenures.at(-1);
        if (open === undefined) history.tenures.push({ incarnation, from: 0, to: revision });
        else open.to = revision;
      }
      Object.assign(history, { lastOffset: offset, lastType: record.type, instance, incarnation });
      history.highest = Math.max(history.highest, revision);
      return true;
    },
    heldAt: (partition, incarnation, revision) => {
      const history = histories.get(partition);
      const wasTrimmed = startOffset > 0;
      if (history === undefined) return wasTrimmed;
      if (wasTrimmed && revision <= history.firstRevision) return true;
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
    highestPartition: () => highestPartition,
  };
}
