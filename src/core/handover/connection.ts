// One client connection as the instance sees it, and what may happen to it. Types and two small
// comparisons; the transitions live in connections.ts.

import type { ClosedReason, MoveNoticeReason } from '../records.js';
import type { ArrivalLimits } from './arrival-delay.js';

export interface Identity {
  readonly partition: number;
  readonly user: string;
  readonly client: string;
  readonly session: string;
  readonly sessionAtMs: number;
}

export type Stage = 'parked' | 'behind' | 'opening' | 'open' | 'closing';

export interface Connection {
  readonly id: string;
  readonly identity: Identity;
  readonly parkedAtMs: number;
  stage: Stage;
  /** The revision under which `opened` was written. */
  revision: number;
  /** Told to go, or its socket is closed, while `opened` was on its way: never welcome it. */
  evicted: boolean;
  socketClosed: ClosedReason | null;
  /** What the evidence shall say, when we decided it. */
  reason: ClosedReason | null;
}

export type ConnectionAction =
  | {
      readonly kind: 'opened' | 'closed';
      readonly id: string;
      readonly identity: Identity;
      readonly revision: number;
      readonly reason?: ClosedReason;
    }
  | { readonly kind: 'welcome'; readonly id: string; readonly revision: number }
  | {
      readonly kind: 'disconnect';
      readonly id: string;
      readonly reason: MoveNoticeReason;
      readonly url: string | null;
      readonly revision: number;
      /** How long the client shall stay away, so that not all arrive at the same instant. */
      readonly delayMs: number;
    }
  | {
      readonly kind: 'redirect';
      readonly id: string;
      readonly url: string;
      readonly revision: number;
    }
  | {
      readonly kind: 'refuse';
      readonly id: string;
      readonly code: 'superseded' | 'too-many' | 'unavailable';
    }
  | { readonly kind: 'drained'; readonly partition: number };

export interface ConnectionLimits extends Partial<ArrivalLimits> {
  readonly parkedMs: number;
  readonly parkedClientsMax: number;
}

/** Why and where to clients are told to go. */
export interface Notice {
  readonly reason: MoveNoticeReason;
  readonly url: string | null;
  readonly revision: number;
  /** Clients that the receiver takes a second from this donor; without it nobody is delayed. */
  readonly acceptPerSecond?: number;
}

/** One session at a time per (user, client). */
export function keyOf(identity: Identity): string {
  return JSON.stringify([identity.user, identity.client]);
}

/** Of two sessions of one (user, client) the newer wins: by time, then by id. The same one is not older. */
export function isNewer(a: Identity, b: Identity): boolean {
  if (a.sessionAtMs !== b.sessionAtMs) return a.sessionAtMs > b.sessionAtMs;
  return a.session > b.session;
}
