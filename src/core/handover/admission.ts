// Where a client of a partition belongs, as one instance sees it: here, here in a moment, elsewhere,
// or nobody knows. A pure answer from log, goal and phase.

import { ownerIn, urlIn } from './goal.js';
import type { Goal } from './goal.js';
import type { OwnershipLog } from './ownership-log.js';
import type { Admission, Phase } from './phase.js';

export interface AdmissionView {
  readonly service: string;
  readonly ordinal: number;
  readonly incarnation: string;
  readonly log: OwnershipLog;
  readonly target: Goal | null;
  readonly phase: Phase['kind'] | 'idle';
  /** The instance ends and takes nothing more. */
  readonly leaving: boolean;
}

/** `revision` is what the client's hello echoed of a `disconnect` or `redirect`, if anything. */
export function admissionOf(
  view: AdmissionView,
  partition: number,
  revision: number | null,
): Admission {
  const { phase, target } = view;
  if (phase === 'held') return { kind: 'serve', revision: target?.revision ?? 0 };
  const givenAway = phase === 'closing' || phase === 'releasing' || phase === 'released';
  const owner = target === null ? null : ownerIn(target.ranges, partition);
  if (!givenAway && !view.leaving) {
    // A client that echoes a revision which has not reached us yet was told to come here.
    const aheadOfUs = revision !== null && revision > (target?.revision ?? 0);
    if (owner === view.ordinal || aheadOfUs || phase === 'acquiring') return { kind: 'park' };
  }
  const holder = view.log.holderOf(partition);
  if (!givenAway && holder?.url != null && holder.incarnation !== view.incarnation) {
    return {
      kind: 'redirect',
      url: holder.url,
      revision: Math.max(holder.revision, target?.revision ?? 0),
    };
  }
  if (target !== null && owner !== null && owner !== view.ordinal) {
    const url = urlIn(target, view.service, owner);
    if (url !== null) return { kind: 'redirect', url, revision: target.revision };
  }
  return { kind: 'unavailable' };
}
