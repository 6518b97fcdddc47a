// Owns: what a policy may say and no evaluation carries out yet. `apply` refuses it, so that nobody relies
// on what does not happen; `policy lint` tells it. An entry goes when its field is carried out. Pure.

import type { Policy } from './policy.js';

export interface NotYet {
  readonly field: string;
  readonly found: string | number;
  /** One sentence without a full stop: what does not happen. */
  readonly text: string;
  readonly allowed: string;
}

/** In the order of the reference in docs/policy.md; empty when all of the policy is carried out. */
export function notYet({ warmSpares }: Policy): readonly NotYet[] {
  const found: NotYet[] = [];
  if (warmSpares > 0) {
    const text = 'not carried out yet: no spare is kept running';
    found.push({ field: 'warmSpares', found: warmSpares, text, allowed: '0' });
  }
  return found;
}
