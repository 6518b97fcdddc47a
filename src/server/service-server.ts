// The server of one instance of any service: accepts WebSockets, and ties sockets, delivery and the
// service's own hooks to the instance library. Owns the listening socket and the clocks of `alive`; never
// decides who holds what.

import { createServer } from 'node:http';
import type { Logger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import type { TurnLimits } from '../core/turns.js';
import type { Instance, PartitionSink } from '../instance/api.js';
import { later } from '../instance/later.js';
import { createMistakeNotes, type OnMistake } from '../instance/mistakes.js';
import { createSkipNotes } from '../logs/skipped.js';
import {
  aliveEveryMs as aliveEveryMsDefault,
  closeHandshakeMs,
  connectionsPerInstanceMax,
  frameMaxBytes,
  greetingSocketsMax,
  httpHeadWithinMs,
} from '../limits.js';
import type { Bus, Clock } from '../ports.js';
import { acceptsDefault, createAcceptLine } from './accept-line.js';
import { errorCloseCodes } from './close-codes.js';
import { serveConnection, type Connection, type ConnectionDeps } from './connection.js';
import { openDoors } from './doors.js';
import { errorFrame } from './frames.js';
import type { KeySet } from './key-set.js';
import { guardedService } from './guarded-service.js';
import { listenHttp } from './listen.js';
import { originCheck } from './origins.js';
import { createPartitionFeeds } from './partition-feed.js';
import { createRangeReads } from './range-reads.js';
import { createPublish } from './served-client.js';
import type { CreateService } from './service.js';
import { createStats, type ServerStats } from './stats.js';
import { tokenVerifier } from './tokens.js';

export interface ServiceServerOptions {
  readonly create: CreateService;
  /** Told of each, besides log and metrics. */
  readonly onMistake?: OnMistake;
  readonly service: string;
  /** Instance name, for metrics and the producer. */
  readonly name: string;
  /** P; never changes for a running service. */
  readonly partitions: number;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host?: string | undefined;
  /** A function is asked at every hello: keys that are rotated. */
  readonly jwks: KeySet | (() => KeySet);
  /** Pages that may connect, by origin; any by default (origins.ts says why). */
  readonly origins?: readonly string[] | undefined;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly aliveEveryMs?: number;
  /** Copies of the listening handle besides its own (doors.ts); none by default. */
  readonly moreDoors?: number;
  readonly connectionsMax?: number;
  readonly greetingMax?: number;
  /** How fast hellos are taken in; by default what src/limits.ts says. */
  readonly accepts?: TurnLimits;
}

export interface ServiceServer {
  /** Hand it to the instance library. */
  readonly sink: PartitionSink;
  readonly stats: ServerStats;
  readonly port: number;
  /** From here on clients are served; earlier ones are refused as `unavailable`. */
  attach(instance: Instance): void;
  /** Tells every client `unavailable`, closes, and resolves when the port is free. Bounded. */
  close(): Promise<void>;
}

/** The wheel of `alive` frames: clients are spread over so many turns of one period. */
const aliveSlots = 20;
/** How soon what was held back is tried again, when the library has nothing to tell. */
const stalledRetryMs = 50;

/** Listens at once, so that a taken port is found before anything else starts. */
export async function startServiceServer(options: ServiceServerOptions): Promise<ServiceServer> {
  const { service, name, partitions, bus, clock, log } = options;
  const topic = `${service}.messages`;
  const aliveEveryMs = options.aliveEveryMs ?? aliveEveryMsDefault;
  const connectionsMax = options.connectionsMax ?? connectionsPerInstanceMax;
  const stats = createStats({ service, instance: name });
  const verify = tokenVerifier({ jwks: options.jwks, service, partitions });
  const line = createAcceptLine(options.accepts ?? acceptsDefault, clock, later);
  const allowOrigin = originCheck(options.origins);
  const greetingMax = options.greetingMax ?? greetingSocketsMax;
  const timeouts = {
    headersTimeout: httpHeadWithinMs,
    requestTimeout: httpHeadWithinMs,
    connectionsCheckingInterval: httpHeadWithinMs / 5,
  };
  const http = createServer(timeouts, (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
    response.end('This port speaks WebSocket only.\n');
  });
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: frameMaxBytes,
    perMessageDeflate: false,
    clientTracking: false,
    verifyClient: ({ origin }: { origin: string | undefined }, done) => {
      const isAllowed = allowOrigin(origin);
      if (!isAllowed) stats.turnedAway('origin');
      done(isAllowed, 403, 'this origin may not connect');
    },
  });
  // It hears the errors of `http` too, those of listening included, and throws what nobody takes.
  sockets.on('error', (error) => log.error({ error: error.message }, 'websocket server'));
  const port = await listenHttp(http, options);
  // Beside what follows: clients of the life before are waiting, and one door is enough to begin with.
  const doors = openDoors(http, options.moreDoors ?? 0);
  const appender = await bus.appender(`messages-${name}`);
  const reads = createRangeReads(bus, topic);
  const nowMs = () => clock.monotonicMs();
  const onMistake = createMistakeNotes({
    nowMs,
    say: (detail) => log.error(detail, 'mistake'),
    count: (kind, detail) => {
      stats.mistake(kind);
      options.onMistake?.(kind, detail);
    },
  });
  const made = options.create({
    ...{ service, name, partitions, topic, clock, later, appender, reads },
    firstCopy: (partition, key) => feeds.firstCopy(partition, key),
    onAccepted: () => stats.accepted(),
    log: ({ level, event, detail }) => log[level](detail ?? {}, event),
    metrics: stats.registry,
  });
  const guarded = guardedService(made, onMistake);
  const feeds = createPartitionFeeds({
    reads,
    service: guarded,
    onDelivered: () => stats.delivered(),
    onSkipped: createSkipNotes({
      nowMs,
      say: (detail) => log.warn(detail, 'record-skipped'),
      count: stats.skipped,
    }),
  });

  const connections = new Set<Connection>();
  /** Those without a hello, the oldest first. */
  const greeting = new Set<Connection>();
  const wheel = Array.from({ length: aliveSlots }, () => new Set<Connection>());
  const stalled = new Set<Connection>();
  let stalledTimer: ReturnType<typeof setTimeout> | undefined;
  let deps: ConnectionDeps | null = null;
  let turn = 0;

  const retryStalled = (): void => {
    stalledTimer = undefined;
    const waiting = [...stalled];
    stalled.clear();
    for (const connection of waiting) connection.resume();
  };
  const aliveTimer = setInterval(() => {
    turn = (turn + 1) % aliveSlots;
    for (const connection of wheel[turn] ?? []) connection.alive();
  }, aliveEveryMs / aliveSlots);

  sockets.on('connection', (socket) => {
    if (deps === null) {
      stats.turnedAway('not-ready');
      return refuse(socket, 'unavailable', 'the instance is not ready');
    }
    if (connections.size >= connectionsMax) {
      stats.turnedAway('full');
      return refuse(socket, 'too-many', `the instance has ${connectionsMax} connections`);
    }
    const connection = serveConnection(socket, deps);
    connections.add(connection);
    greeting.add(connection);
    // Whoever means it says hello at once: the oldest that has not makes room.
    for (const oldest of greeting) {
      if (greeting.size <= greetingMax) break;
      greeting.delete(oldest);
      oldest.fail('too-many', `more than ${greetingMax} sockets have not said hello`);
    }
    // The slot just turned: the first `alive` comes one period after the connection.
    wheel[turn]?.add(connection);
  });

  return {
    sink: feeds.sink,
    stats,
    port,
    attach: (instance) => {
      deps = {
        instance,
        verify,
        feeds,
        service: guarded,
        publish: createPublish(appender, topic, partitions),
        onMistake,
        clock,
        stats,
        aliveEveryMs,
        later,
        line,
        onGreeted: (connection) => {
          greeting.delete(connection);
        },
        onStalled: (connection) => {
          stalled.add(connection);
          stalledTimer ??= setTimeout(retryStalled, stalledRetryMs);
        },
        onClosed: (connection) => {
          connections.delete(connection);
          greeting.delete(connection);
          stalled.delete(connection);
          for (const slot of wheel) slot.delete(connection);
        },
      };
    },
    close: async () => {
      deps = null;
      line.close();
      clearInterval(aliveTimer);
      clearTimeout(stalledTimer);
      for (const connection of connections) {
        connection.fail('unavailable', 'the instance is shutting down');
      }
      void doors.then((opened) => opened.close());
      sockets.close();
      const freed = new Promise<void>((resolve) => http.close(() => resolve()));
      // Clients may read the reason; then the port must be free for the next incarnation.
      const drop = setTimeout(() => {
        for (const connection of connections) connection.drop();
        http.closeAllConnections();
      }, closeHandshakeMs);
      await freed;
      clearTimeout(drop);
      await appender.close();
    },
  };
}

/** For sockets that never became a connection. */
function refuse(socket: WebSocket, code: 'unavailable' | 'too-many', message: string): void {
  socket.on('error', () => undefined);
  socket.send(errorFrame(code, message));
  socket.close(errorCloseCodes[code], code);
  setTimeout(() => socket.terminate(), closeHandshakeMs);
}
