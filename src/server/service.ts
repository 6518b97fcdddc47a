// What a service is, beyond its sockets and the client protocol: how a record of its partitions is read,
// what its clients may say besides the protocol's own frames, what it does when one comes. Messaging is
// one of these (messages.ts). Types only.

import type { Registry } from 'prom-client';
import type { ClosedReason } from '../core/records.js';
import type { InstanceEvent } from '../instance/api.js';
import type { Appender, Clock, InRecord, Later } from '../ports.js';
import type { ErrorCode } from './close-codes.js';
import type { RangeReads } from './range-reads.js';

/** A record as it is delivered to every client of a user: each once, in offset order. */
export interface Delivery {
  readonly offset: number;
  /** User whose clients get it. */
  readonly to: string;
  /** The text frame, the same for every client of the user; at most `frameMaxBytes`. */
  readonly frame: string;
  /** Records of one key are copies of each other, of which the first counts; null: it has none. */
  readonly key: string | null;
}

/** Null for what is none of the service's. Total, pure: late clients have old records read again. */
export type ReadRecord = (record: InRecord) => Delivery | null;

/** Fields of a client's own frame: untrusted. */
export type OwnFrame = Readonly<Record<string, unknown>> & { readonly type: string };

/** A welcomed client, as its service sees it. */
export interface ServedClient {
  readonly partition: number;
  readonly user: string;
  /** Names the device. */
  readonly client: string;
  /** Offset from which records are delivered to it. */
  readonly next: number;
  /** What it wanted is no longer kept: it has missed something. */
  readonly truncated: boolean;
  /** Monotonic; null for a client that was never welcomed before: it cannot repeat anything. */
  readonly cameBackAtMs: number | null;
  readonly marksRepeats: boolean;
  /** Connected, and its partition held with a good lease, at this very moment. */
  readonly maySpeak: () => boolean;
  /** One frame, as an object or as JSON. False, and nothing is written, when `maySpeak` says no. */
  readonly send: (frame: string | object) => boolean;
  /**
   * Appends a record to `<service>.messages`, where the key says; by default the client's user. Resolves
   * with its offset once every in-sync replica has it; rejects while `maySpeak` says no.
   */
  readonly publish: (value: object, key?: string) => Promise<number>;
  /** It is owed a frame that may not be written now; `resume` follows soon, perhaps too soon. */
  readonly stalled: () => void;
  /** Error frame, then close. */
  readonly fail: (code: ErrorCode, message: string) => void;
}

/** One welcomed client's place in the service, until it is gone. */
export interface ClientHandler {
  /** It said one of the service's own frames; may be called while `maySpeak` says no. */
  readonly frame?: (frame: OwnFrame) => void | Promise<void>;
  /** After `stalled`: look again. */
  readonly resume?: () => void;
  /** Nothing can be said to it any more. */
  readonly gone?: (reason: ClosedReason) => void;
}

export interface Service {
  readonly read: ReadRecord;
  /** Types of frames that its clients may say besides the protocol's. */
  readonly frames?: readonly string[];
  /** A client is connected; what came for it meanwhile follows when this has returned. */
  readonly welcomed?: (client: ServedClient) => ClientHandler | undefined | void;
  /**
   * Each record of a warm or held partition, in offset order, once, from some two minutes back: for state
   * that is kept by partition. Warm ones too: the state is ready before the partition is held.
   */
  readonly onRecord?: (record: InRecord) => void;
  /** Neither warm nor held any more: drop the partition's state. Needed by whoever has `onRecord`. */
  readonly onForget?: (partition: number) => void;
}

/** What a service is given when it is made, once per instance. */
export interface ServiceContext {
  readonly service: string;
  /** Of the instance. */
  readonly name: string;
  /** P */
  readonly partitions: number;
  /** `<service>.messages` */
  readonly topic: string;
  readonly clock: Clock;
  readonly later: Later;
  /** A line of the instance's own log; never a token or a body. */
  readonly log: (event: InstanceEvent) => void;
  /** What is registered here is served at `/metrics`. */
  readonly metrics: Registry;
  /** Writes records in order; shared by all clients of the instance. */
  readonly appender: Appender;
  /** Reads out of turn. */
  readonly reads: RangeReads;
  /** Counts what was answered `accepted`. */
  readonly onAccepted?: () => void;
  /** Offset of the first record of a key, if this instance reads that partition: `undefined` if not. */
  readonly firstCopy: (partition: number, key: string) => number | null | undefined;
}

export type CreateService = (context: ServiceContext) => Service;
