// Owns: how long a request may take to arrive, and how many connections there may be: nobody holds the server by
// sending slowly, by sending nothing, or by not reading. Never looks into a request.

import type { Server } from 'node:http';
import * as limits from './limits.js';

export interface ArrivalLimits {
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often the two above are looked at. */
  readonly everyMs: number;
  readonly silentMs: number;
  readonly connectionsMax: number;
}

export const arrivalDefaults: ArrivalLimits = {
  headersMs: limits.consoleHeadersMs,
  requestMs: limits.consoleRequestMs,
  everyMs: limits.consoleArrivalEveryMs,
  silentMs: limits.consoleSilentMs,
  connectionsMax: limits.consoleConnectionsMax,
};

/** For fastify, which makes the server. */
export const serverOptions = ({ headersMs, requestMs, everyMs, silentMs }: ArrivalLimits) => ({
  http: {
    connectionsCheckingInterval: everyMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
  },
  requestTimeout: requestMs,
  // Both ways: whoever does not read is silent, too, once what lies between is full.
  connectionTimeout: silentMs,
  keepAliveTimeout: silentMs,
});

export function limitConnections(server: Server, { connectionsMax }: ArrivalLimits): void {
  server.maxConnections = connectionsMax;
}
