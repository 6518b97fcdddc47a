// Owns: what the benchmarks ask of a peer: a way of distributing partitions that others use. A peer
// is implemented as well as its idea allows; it is never handicapped. Measures nothing.
import type { Change } from '../plan/measures.js';
import type { Owners } from '../plan/owners.js';

export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Kept between changes, or computed anew from P and N alone: then `before` is ignored. */
  readonly stateful: boolean;
  readonly assign: (change: Change, before: Owners) => Owners;
  /** A sentence when it cannot be run at this size in reasonable time. */
  readonly refuses?: (change: Change) => string | undefined;
}

/** The same P, weights and tolerance, with so many instances and nothing to begin with. */
export function firstOf(change: Change, instances: number): Change {
  return { ...change, instancesBefore: 0, instancesAfter: instances };
}
