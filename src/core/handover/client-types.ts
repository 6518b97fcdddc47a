// The words of the client's state machine: its state, what happens to it, what it wants done. Types
// only, and the one place that lists them.

/** Waits and bounds, all from src/limits.ts; handed in because core reads nothing. */
export interface ClientConfig {
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** Jitter on top of the directory's `Retry-After`. */
  readonly retryJitterMs: number;
  readonly redirectsMax: number;
  readonly askWithinMs: number;
  readonly dialWithinMs: number;
  readonly welcomeWithinMs: number;
  readonly sendGiveUpMs: number;
  readonly sendsInFlightMax: number;
  readonly sendsQueuedMax: number;
  readonly sendsPerSecondMax: number;
  readonly refusalsMax: number;
}

/** What the directory answers, as far as a client needs it. */
export interface ClientSession {
  readonly url: string;
  readonly token: string;
  readonly instance: string;
}

export type ClientPhase =
  'idle' | 'asking' | 'waiting' | 'dialling' | 'parked' | 'welcomed' | 'stopped';

export type StopReason = 'closed' | 'replaced' | 'superseded' | 'refused' | 'denied';

export interface PendingSend {
  readonly id: string;
  readonly to: string;
  readonly body: string;
  readonly sinceMs: number;
  /** The socket on which it was last sent; null when it never was. */
  readonly sentOn: number | null;
}

/** A gap under way: since when, and whom it left. */
export interface OpenGap {
  readonly sinceMs: number;
  readonly from: string | null;
  readonly fromRevision: number | null;
  readonly planned: boolean;
  /** Of the `disconnect` with `moved` that began it; null when something else did. */
  readonly told: number | null;
}

export interface ClientState {
  readonly config: ClientConfig;
  readonly phase: ClientPhase;
  /** When the phase ends by itself; null for never. */
  readonly deadlineMs: number | null;
  /** In `waiting`: what comes then. */
  readonly then: 'ask' | 'dial';
  /** Number of the current question to the directory, and of the current socket. */
  readonly ask: number;
  readonly socket: number;
  /** Whether that socket may still exist. */
  readonly socketOpen: boolean;
  readonly token: string | null;
  readonly url: string | null;
  /** First offset not yet seen; null before the first welcome. */
  readonly next: number | null;
  /** Revision of the last disconnect or redirect, echoed in the hello. */
  readonly echo: number | null;
  readonly instance: string | null;
  readonly revision: number | null;
  readonly aliveEveryMs: number;
  readonly suspended: boolean;
  readonly redirects: number;
  readonly failures: number;
  readonly refusals: number;
  readonly gap: OpenGap | null;
  readonly pending: readonly PendingSend[];
  /** A frame of ours was refused, and no error says which: sends go out singly until that is known. */
  readonly oneByOne: boolean;
  /** Token bucket of sends. */
  readonly sendTokens: number;
  readonly sendTokensAtMs: number;
}

/** A frame from the server, parsed from JSON, not yet trusted. */
export type ServerFrame = Readonly<Record<string, unknown>>;

/** `random` is in [0, 1): the jitter of a wait that may follow. */
export type ClientEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'answered'; readonly ask: number; readonly session: ClientSession }
  | {
      readonly kind: 'unanswered';
      readonly ask: number;
      readonly retryAfterMs: number | null;
      readonly random: number;
    }
  | { readonly kind: 'denied'; readonly ask: number; readonly message: string }
  | { readonly kind: 'opened'; readonly socket: number }
  | {
      readonly kind: 'frame';
      readonly socket: number;
      readonly frame: ServerFrame;
      readonly random: number;
    }
  | {
      readonly kind: 'lost';
      readonly socket: number;
      readonly code: number;
      readonly random: number;
    }
  | { readonly kind: 'send'; readonly id: string; readonly to: string; readonly body: string }
  | { readonly kind: 'close' }
  | { readonly kind: 'wake'; readonly random: number };

export interface ReceivedMessage {
  readonly offset: string;
  readonly id: string;
  readonly from: string;
  readonly client: string;
  readonly to: string;
  readonly body: string;
  readonly sentAtMs: number;
}

export interface FinishedMove {
  readonly gapMs: number;
  readonly from: string | null;
  readonly to: string;
  readonly revision: number;
  /** Told by a DISCONNECT, not by a lost socket. */
  readonly planned: boolean;
}

export type ClientAction =
  /** `unreachable`: the address where its last answer led to nobody. */
  | { readonly kind: 'ask'; readonly ask: number; readonly unreachable?: string }
  | { readonly kind: 'dial'; readonly socket: number; readonly url: string }
  /** Drop the socket at once: none of its frames counts any more. */
  | { readonly kind: 'destroy'; readonly socket: number }
  /** Close politely: the last frame was `bye`. */
  | { readonly kind: 'finish'; readonly socket: number }
  | { readonly kind: 'write'; readonly socket: number; readonly frame: object }
  | { readonly kind: 'deliver'; readonly message: ReceivedMessage }
  | { readonly kind: 'accepted'; readonly id: string; readonly offset: string }
  | {
      readonly kind: 'send-failed';
      readonly id: string;
      readonly why: 'gave-up' | 'stopped' | 'queue-full';
    }
  /** It would be refused at every repeat; in the server's words. */
  | {
      readonly kind: 'send-failed';
      readonly id: string;
      readonly why: 'refused';
      readonly message: string;
    }
  | { readonly kind: 'moved'; readonly move: FinishedMove }
  | { readonly kind: 'stopped'; readonly reason: StopReason; readonly message: string };

export interface ClientStep {
  readonly state: ClientState;
  readonly actions: readonly ClientAction[];
}
