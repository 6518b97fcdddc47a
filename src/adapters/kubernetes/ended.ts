// Owns: the memory of processes that a kubelet reported as ended. Forgets the oldest; what it never
// saw is unknown, not ended.

import { endedRememberedMax } from './limits.js';

export interface EndedProcesses {
  add(uids: readonly string[]): void;
  has(uid: string): boolean;
}

export function rememberEnded(max = endedRememberedMax): EndedProcesses {
  const ended = new Set<string>();
  return {
    add: (uids) => {
      for (const uid of uids) ended.add(uid);
      for (const oldest of ended) {
        if (ended.size <= max) break;
        ended.delete(oldest);
      }
    },
    has: (uid) => ended.has(uid),
  };
}
