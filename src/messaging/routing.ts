// What the session directory needs to know of ownership: who holds a partition, and what is meant to
// be. Types only; src/logs/routing.ts reads it from the logs, tests from a table.

import type { Route } from '../core/handover/route.js';
import type { OwnedRange } from '../core/records.js';

export type { Route };

export interface Routing {
  /** Who holds the partition, or its target once it is released; null while nobody live does. */
  routeOf(partition: number): Route | null;
  /** The present revision; null before the first. */
  distribution(): { readonly revision: number; readonly ranges: readonly OwnedRange[] } | null;
}
