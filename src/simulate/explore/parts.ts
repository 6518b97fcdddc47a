// Owns: the shapes of what travels between the parts of an explored world. Types only.

import type { OwnershipChange, SessionChange } from '../../core/records.js';

/** A frame from server to client, as parsed from JSON. */
export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** What goes to the sessions log. */
export type SessionEntry = SessionChange;

/** Everything that one event makes an incarnation want. */
export interface HostOut {
  readonly own: OwnershipChange[];
  readonly evidence: SessionEntry[];
  readonly frames: { readonly connection: string; readonly frame: Frame }[];
  /** Incarnations to fence. */
  readonly fences: string[];
}
