// Owns: which fences the leases log shows, so that a `fenced` elsewhere can be held against it. Never
// judges a lease: when an incarnation may speak is not to be seen in a log.

import { fencedRememberedMax } from './bounds.js';
import type { FencedValue } from './read-value.js';

export interface FencesReplay {
  /** `complete`: nothing of this partition of the log is missing so far. */
  apply(partition: number, complete: boolean, value: unknown): void;
  /** Whether the log contradicts a `fenced`: it is all there, and shows no such fence. */
  contradicts(fenced: FencedValue): boolean;
}

/** Where the leases of an ordinal lie, by docs/protocol.md: ordinal mod 12. */
const leasePartitions = 12;

export function replayFences(max = fencedRememberedMax): FencesReplay {
  /** Incarnation → whether it acknowledged its fence. */
  const fences = new Map<string, boolean>();
  /** Partition of the log → whether nothing is missing; absent where there is no record at all. */
  const completeOf = new Map<number, boolean>();
  let overflowed = false;

  return {
    apply: (partition, complete, value) => {
      if (partition < leasePartitions) completeOf.set(partition, complete);
      if (typeof value !== 'object' || value === null) return;
      const { type, incarnation } = value as { type?: unknown; incarnation?: unknown };
      if (typeof incarnation !== 'string') return;
      if (type === 'fence' && !fences.has(incarnation)) {
        if (fences.size >= max) overflowed = true;
        else fences.set(incarnation, false);
      }
      if (type === 'fence-acknowledged' && fences.has(incarnation)) fences.set(incarnation, true);
    },
    contradicts: ({ instance, incarnation, how }) => {
      const ordinal = /-(\d{1,6})$/.exec(instance)?.[1];
      const isKnown = ordinal !== undefined && completeOf.get(Number(ordinal) % leasePartitions);
      if (isKnown !== true || overflowed) return false;
      const acknowledged = fences.get(incarnation);
      return acknowledged === undefined || (how === 'acknowledged' && !acknowledged);
    },
  };
}
