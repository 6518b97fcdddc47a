// Owns: what people and platforms around the machines keep to in an explored world: how a new
// incarnation reads the ownership log, and when an instance may be removed. A test puts a broken rule
// in the place of one of these to see that exploration finds it. Same answers as the product's own
// code; the platform and the activities are tested apart.

import type { OwnershipLog } from '../../core/handover/ownership-log.js';
import { instanceName } from '../../core/records.js';
import type { OwnedRange, OwnershipRecord } from '../../core/records.js';
import { service } from './host.js';

export interface Rules {
  /** The records that a new incarnation reads, each at its offset. */
  readonly replay: (
    log: readonly OwnershipRecord[],
  ) => readonly (readonly [record: OwnershipRecord, offset: number])[];
  /** Whether the control plane, having read the whole log, may end an instance. */
  readonly mayRemove: (
    log: OwnershipLog,
    latest: readonly OwnedRange[],
    ordinal: number,
  ) => boolean;
}

export const realRules: Rules = {
  replay: (log) => log.map((record, offset) => [record, offset] as const),
  mayRemove: (log, latest, ordinal) => {
    for (const [from, to, owner] of latest) {
      if (owner === ordinal) return false;
      for (let p = from; p <= to; p += 1)
        if (log.holderOf(p)?.instance !== instanceName(service, owner)) return false;
    }
    return true;
  },
};
