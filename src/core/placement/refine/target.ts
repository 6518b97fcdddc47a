// How much more than its lower bound a plan may move before ranges are broken up to move less. Decides nothing.
import type { Dealing, Situation } from '../situation.js';

/** So much of the lower bound may be moved above it. */
export const spareShare = 0.003;

/** What may be moved without being worth an exchange. `weight`: what each staying instance ends with. */
export function targetOf(s: Situation, dealing: Dealing, weight: readonly number[]): number {
  const after = [...weight, ...s.names.slice(s.staying).map(() => 0)];
  return dealing.lowerBound(after, dealing.dealt) * (1 + spareShare);
}

/** The part of a target that is above the lower bound. */
export function spareOf(target: number): number {
  return target * (spareShare / (1 + spareShare));
}
