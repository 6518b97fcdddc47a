// What a service sees of the instance library, and what the library needs of the service. The
// library owns the lease, ownership, warm-up, hand-over, parking and the evidence of connections;
// the service owns its sockets, frames and messages. Types only.

import type { GapCause } from '../core/handover/told-gap.js';
import type { ClosedReason } from '../core/records.js';
import type { OnSkipped } from '../logs/skipped.js';
import type { Bus, Clock, ConfigDb, InRecord } from '../ports.js';
import type { Trace } from '../trace-port.js';
import type { OnMistake } from './mistakes.js';

/** A verified client at the moment of its hello. */
export interface ClientIdentity {
  readonly partition: number;
  readonly user: string;
  /** Names the device. */
  readonly client: string;
  /** Session id; of two sessions of one (user, client) the newer wins: by time, then by id. */
  readonly session: string;
  readonly sessionAtMs: number;
}

export interface MoveNotice {
  readonly reason: 'moved' | 'replaced' | 'leaving';
  /** Where the partition goes; absent for `replaced` and `leaving`. */
  readonly url?: string;
  readonly revision: number;
  readonly delayMs: number;
}

/**
 * One socket, as the library sees it. Each method is called at most once, except `suspend`;
 * after `disconnect`, `redirect` or `refuse` the service closes the socket (terminating it after
 * `closeHandshakeMs`) and then calls `Instance.closed`, exactly once per admitted connection,
 * whoever began the closing.
 */
export interface ServiceConnection {
  /** Evidence is written and the partition is held: the client is connected from now on. */
  welcome(welcome: { readonly connection: string; readonly revision: number }): void;
  /** Only after `welcome`. Nothing may be sent to the client after this notice. */
  disconnect(notice: MoveNotice): void;
  /** Only before `welcome`: another instance holds the partition. */
  redirect(to: { readonly url: string; readonly revision: number }): void;
  /** Only before `welcome`, or when the instance ends: closes with 44xx, or 4503 for `unavailable`. */
  refuse(code: 'superseded' | 'too-many' | 'unavailable', message: string): void;
  /** The lease lapsed (or came back): only `alive` frames marked suspended go on meanwhile. */
  suspend(suspended: boolean): void;
}

/** The service's side: where the library delivers the records of warm and held partitions. */
export interface PartitionSink {
  /**
   * The records that follow are all that the log has since then, by its own times; -Infinity: all that
   * it has. Comes once before the first of them.
   */
  onBegin?(partition: number, sinceMs: number): void;
  /**
   * Records of a partition, in offset order, each once, from a duplicate window back to the tail and
   * on. Called for warm partitions too, which deliver nothing to clients (`Instance.maySpeak`), and
   * without records, `end` being the next offset, once a partition was read to its tail.
   */
  onRecords(partition: number, records: readonly InRecord[], end: number): void;
  /** Records between were trimmed; what is buffered stays, the next record has offset `found`. */
  onJump(partition: number, expected: number, found: number): void;
  /** No longer warm nor held: forget the buffer. */
  onForget(partition: number): void;
}

export type InstanceState = 'starting' | 'ready' | 'leaving' | 'fenced' | 'stopped';

export interface Instance {
  readonly service: string;
  readonly name: string;
  readonly incarnation: string;
  state(): InstanceState;
  /**
   * Welcomes, parks, redirects or refuses; the answer comes through the connection's methods, which
   * may be called before `admit` returns. `revision` is what the hello echoed of a `disconnect` or
   * `redirect`; null when it brought none.
   */
  admit(identity: ClientIdentity, revision: number | null, connection: ServiceConnection): void;
  /** The socket is certainly closed; `reason` as it shall stand in the evidence. */
  closed(connection: ServiceConnection, reason: ClosedReason): void;
  /**
   * Whether this instance may speak for the partition at this very moment: held by the log, lease
   * good. Call it synchronously before every frame that carries or accepts data.
   */
  maySpeak(partition: number): boolean;
  /** Whether the lease is good: whether anything at all may be said. */
  leaseGood(): boolean;
  /**
   * A client reported its gap (its own clock, untrusted): of a move that it was told of (`moved`, the
   * default), which the objective is about, or `other`, as after a lost connection.
   */
  recordGap(revision: number, gapMs: number, cause?: GapCause): void;
  /**
   * Says that it leaves and serves on until the control plane has drained it; when nobody answers, or
   * once `hurried` resolves, tells clients `leaving` and releases everything in waves. Then stops.
   * Bounded by `withinMs`.
   */
  leave(withinMs: number, hurried: Promise<unknown>): Promise<void>;
  /** Stops at once, releasing nothing: as a crash, but tidy. */
  stop(): Promise<void>;
  /** Resolves when the incarnation is fenced or gave up: the process must end. */
  readonly ended: Promise<'fenced' | 'stopped' | 'left'>;
  /** Figures for probes, metrics and reports. */
  status(): {
    readonly state: InstanceState;
    readonly revision: number;
    readonly epoch: number;
    readonly held: number;
    readonly warm: number;
    readonly parked: number;
    readonly clients: number;
    readonly leaseGood: boolean;
  };
}

/** How a service starts its instance; adapters are handed in, nothing is read from the environment. */
export interface InstanceOptions {
  readonly service: string;
  readonly name: string;
  readonly ordinal: number;
  /** P; never changes for a running service. */
  readonly partitions: number;
  /** Where clients reach this instance. */
  readonly url: string;
  readonly sink: PartitionSink;
}

/** The outside world of an instance. `reports` may be away: nothing that safety rests on is in it. */
export interface InstanceDependencies {
  readonly bus: Bus;
  readonly reports: Pick<ConfigDb, 'saveReport' | 'saveWarmed' | 'latestCheckpoint'>;
  readonly clock: Clock;
  readonly log: (event: InstanceEvent) => void;
  /** Unique per life of the process; by default a random UUID. */
  readonly incarnation?: string;
  /**
   * Whether the platform says that the process of an incarnation has ended: then fencing it does not
   * wait for its lease. False when that is not known.
   */
  readonly hasEnded?: (incarnation: string) => boolean;
  /** Each record of a topic that is none of ours, for a counter; the log says it now and then. */
  readonly onSkipped?: OnSkipped;
  /** Takes spans of hand-overs and hellos (docs/observability.md); absent: nothing is traced. */
  readonly trace?: Trace | undefined;
  /** Each time the service does what it must not, for a counter; the log says it now and then. */
  readonly onMistake?: OnMistake;
}

/** One line of an instance's own log; never holds a token, a body or an address with a password. */
export interface InstanceEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}
