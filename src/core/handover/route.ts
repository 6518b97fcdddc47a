// Where a partition's clients belong, as one reader of the logs sees it: who holds it, else the present
// revision's target once it is released. What the session directory answers; a pure function.

import { instanceName } from '../records.js';
import { ownerIn, urlIn, type Goal } from './goal.js';
import type { LastRecord } from './ownership-log.js';

export interface Route {
  readonly instance: string;
  readonly url: string;
  readonly revision: number;
}

/** The part of an ownership log that a route depends on. */
export interface Holders {
  holderOf(partition: number): LastRecord | null;
  last(partition: number): LastRecord | null;
}

/** Null while nobody live holds the partition nor is about to. */
export function routeIn(
  log: Holders,
  target: Goal | null,
  service: string,
  partition: number,
): Route | null {
  const holder = log.holderOf(partition);
  if (holder?.url != null) {
    const revision = Math.max(holder.revision, target?.revision ?? 0);
    return { instance: holder.instance, url: holder.url, revision };
  }
  if (log.last(partition)?.type !== 'released' || target === null) return null;
  const ordinal = ownerIn(target.ranges, partition);
  const url = ordinal === null ? null : urlIn(target, service, ordinal);
  if (ordinal === null || url === null) return null;
  return { instance: instanceName(service, ordinal), url, revision: target.revision };
}
