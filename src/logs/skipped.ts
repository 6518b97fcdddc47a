// What a reader of the logs does with a record that is none of ours: it goes on, and says so once per
// kind and minute, counting every one. Never decides what is a record (the parsers do).

import type { SkipReason } from '../core/handover/goal-reading.js';
import { skipLogEveryMs } from '../limits.js';

export interface SkippedRecord {
  readonly log: 'control' | 'ownership' | 'leases' | 'messages';
  readonly reason: SkipReason;
  readonly partition: number;
  readonly offset: number;
}

export type OnSkipped = (skipped: SkippedRecord) => void;

/**
 * Counts every skipped record and says the first of each kind, then at most one a minute: a topic full
 * of somebody else's records must not fill the logs too. The record itself is never quoted.
 */
export function createSkipNotes(options: {
  readonly nowMs: () => number;
  readonly say: (detail: Readonly<Record<string, string | number>>) => void;
  readonly count?: OnSkipped | undefined;
}): OnSkipped {
  /** At most logs × reasons of these. */
  const kinds = new Map<string, { saidAtMs: number; unsaid: number }>();
  return (skipped) => {
    options.count?.(skipped);
    const kind = `${skipped.log} ${skipped.reason}`;
    const known = kinds.get(kind);
    const nowMs = options.nowMs();
    if (known !== undefined && nowMs - known.saidAtMs < skipLogEveryMs) {
      known.unsaid += 1;
      return;
    }
    kinds.set(kind, { saidAtMs: nowMs, unsaid: 0 });
    options.say({ ...skipped, unsaidBefore: known?.unsaid ?? 0 });
  };
}
