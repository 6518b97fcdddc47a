// Which messages are copies of an earlier one: by the key that its service gives a record, the first copy wins, within a
// window of the records' own timestamps, so that every instance that read the window judges alike.
// Never looks at a clock.

import { duplicatesKnownPerPartitionMax, duplicateWindowMs } from '../limits.js';

export interface DuplicateIndex {
  /** Null for a first copy, which is remembered; else the offset of the first copy. */
  note(key: string, offset: number, timestampMs: number): number | null;
  /** Offset of the first copy, if one is remembered. */
  find(key: string): number | null;
}

export function createDuplicateIndex(keysMax = duplicatesKnownPerPartitionMax): DuplicateIndex {
  const first = new Map<string, { readonly offset: number; readonly timestampMs: number }>();

  const forgetOld = (nowMs: number): void => {
    for (const [key, { timestampMs }] of first) {
      if (first.size <= keysMax && nowMs - timestampMs <= duplicateWindowMs) return;
      first.delete(key);
    }
  };

  return {
    note: (key, offset, timestampMs) => {
      const known = first.get(key);
      if (known !== undefined && timestampMs - known.timestampMs <= duplicateWindowMs) {
        return known.offset === offset ? null : known.offset;
      }
      if (known !== undefined) first.delete(key); // keeps the order of age
      first.set(key, { offset, timestampMs });
      forgetOld(timestampMs);
      return null;
    },
    find: (key) => first.get(key)?.offset ?? null,
  };
}
