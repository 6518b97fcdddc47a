// What a connection is to its server, and what it needs of it. Types only.

import type { Instance } from '../instance/api.js';
import type { Clock, Later } from '../ports.js';
import type { AcceptLine } from './accept-line.js';
import type { ErrorCode } from './close-codes.js';
import type { PartitionFeeds } from './partition-feed.js';
import type { OnMistake } from '../instance/mistakes.js';
import type { Publish } from './served-client.js';
import type { Service } from './service.js';
import type { ServerStats } from './stats.js';
import type { VerifyToken } from './tokens.js';

/** What all connections of a server share. */
export interface ConnectionDeps {
  readonly instance: Pick<Instance, 'name' | 'admit' | 'closed' | 'maySpeak' | 'recordGap'>;
  readonly verify: VerifyToken;
  readonly feeds: PartitionFeeds;
  readonly service: Pick<Service, 'frames' | 'welcomed'>;
  /** Where records of the service go that a client publishes. */
  readonly publish: Publish;
  /** The service does what it must not. */
  readonly onMistake: OnMistake;
  readonly clock: Clock;
  readonly later: Later;
  readonly stats: Omit<ServerStats, 'clients' | 'registry'>;
  readonly aliveEveryMs: number;
  /** Hellos wait here for their turn, in their order. */
  readonly line: AcceptLine;
  /** It has said hello. */
  onGreeted(connection: Connection): void;
  /** Call `resume` soon: the instance may not speak just now. */
  onStalled(connection: Connection): void;
  onClosed(connection: Connection): void;
}

export interface Connection {
  /** Tells a welcomed client that it is still there; finds out whether the client is. */
  alive(): void;
  /** Goes on with what was held back. */
  resume(): void;
  /** Error frame, then close. */
  fail(code: ErrorCode, message: string): void;
  /** Ends the socket at once. */
  drop(): void;
}
