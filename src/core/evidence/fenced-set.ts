// Owns: the incarnations that a log has fenced, in bounded memory. Beyond the bound it stops
// remembering and says so: the verdict is then "not ok", because forgetting a fence could hide what a
// fenced incarnation did later.

import { fencedRememberedMax } from './bounds.js';

export interface FencedSet {
  add(incarnation: string): void;
  has(incarnation: string): boolean;
  /** More were fenced than are remembered. */
  overflowed(): boolean;
}

export function createFencedSet(max = fencedRememberedMax): FencedSet {
  const fenced = new Set<string>();
  let overflowed = false;
  return {
    add: (incarnation) => {
      if (fenced.has(incarnation)) return;
      if (fenced.size >= max) overflowed = true;
      else fenced.add(incarnation);
    },
    has: (incarnation) => fenced.has(incarnation),
    overflowed: () => overflowed,
  };
}
