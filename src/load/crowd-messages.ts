// The words between a process of the load generator and its parent. Types only.

import type { LastWord, MoveSteps } from './sockets.js';

export interface CrowdStart {
  readonly directoryUrl: string;
  readonly directoryKey: string;
  /** Users of all processes: `<prefix>-1` … `<prefix>-<users>`; this one has every `of`th. */
  readonly prefix: string;
  readonly users: number;
  readonly devices: number;
  readonly index: number;
  readonly of: number;
  /** Of this process. */
  readonly messagesPerSecond: number;
  /** Address of an instance → where to dial instead. */
  readonly via: Readonly<Record<string, string>>;
}

/** Parent → process. */
export type Order =
  | { readonly kind: 'start'; readonly start: CrowdStart }
  /** Messages from now on belong to this window; null: no messages. */
  | { readonly kind: 'chat'; readonly window: number | null }
  /** Forget all gaps; times since a mark are counted from now (monotonic clock of the machine). */
  | { readonly kind: 'mark'; readonly atMs: number }
  | { readonly kind: 'report'; readonly ask: number }
  | { readonly kind: 'stop' };

/** A message as a tuple, because there are many: window, from, to, number. */
export type SeenMessage = readonly [window: number, from: string, to: string, number: number];

export type Seen =
  | readonly [what: 'sending' | 'accepted' | 'unanswered', ...message: SeenMessage]
  | readonly [what: 'arrived', ...message: SeenMessage, device: number];

/** Process → parent. */
export type Word =
  | { readonly kind: 'ready' }
  | { readonly kind: 'saw'; readonly seen: readonly Seen[] }
  | { readonly kind: 'present'; readonly connected: number }
  | { readonly kind: 'report'; readonly ask: number; readonly report: CrowdReport };

/** Since the last mark. */
export interface CrowdReport {
  /** Gaps of moves that were told by a DISCONNECT, of lost connections, and from the mark to the
   * end of each of both: encoded histograms. */
  readonly planned: string;
  readonly lost: string;
  readonly sinceMark: string;
  /** Revision → planned moves that ended at it. */
  readonly movedTo: readonly (readonly [revision: number, moves: number])[];
  /** Instance → clients that it had at the mark. */
  readonly hadAtMark: readonly (readonly [instance: string, clients: number])[];
  /** Clients without a connection, and what they do instead. */
  readonly missing: readonly string[];
  readonly steps: readonly MoveSteps[];
  readonly lastWords: readonly LastWord[];
}
