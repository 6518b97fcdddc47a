// What the session directory needs to know of ownership: who holds a partition, and what is meant to
// be. Types only; src/logs/routing.ts reads it from the logs, tests from a table.

import type { Route } from '../core/handover/route.js';
import type { OwnedRange } from '../core/records.js';

export type { Route };

/** Somebody has just found nobody at this address. */
export interface Doubt {
  readonly url: string;
  /** Monotonic: what was heard of its instance before does not count. */
  readonly sinceMs: number;
}

export interface Routing {
  /**
   * Who holds the partition, or its target once it is released; null while nobody live does: no
   * holder, or one that has been silent for too long, or not been heard of since the `doubt`.
   */
  routeOf(partition: number, doubt?: Doubt): Route | null;
  /** The present revision; null before the first. */
  distribution(): { readonly revision: number; readonly ranges: readonly OwnedRange[] } | null;
  /** Called after whatever may change a route. */
  onChange(listener: () => void): void;
}
