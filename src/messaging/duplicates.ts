// Which messages are copies of an earlier one: by (from, client, id) and recipient, the first copy wins, within a
// window of the records' own timestamps, so that every instance that read the window judges alike.
// Never looks at a clock.

import { duplicatesKnownPerPartitionMax, duplicateWindowMs } from '../limits.js';

export interface DuplicateIndex {
  /** Null for a first copy, which is remembered; else the offset of the first copy. */
  note(key: string, offset: number, timestampMs: number): number | null;
  /** Offset of the first copy, if one is remembered. */
  find(key: string): number | null;
}

/** Names a send. Lengths keep apart what a separator could not. */
export function sendKey(user: string, client: string, id: string): string {
  return `${user.length}:${client.length}:${user}${client}${id}`;
}

/** Names a send in the log: one to somebody else in the same partition is no copy of it. */
export function copyKey(key: string, to: string): string {
  return `${to.length}:${to}${key}`;
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
