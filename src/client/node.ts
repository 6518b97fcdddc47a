// The client library for Node, whose older versions have no WebSocket of their own: the same
// `connect`, with `ws`. Never imported by browsers.

import { WebSocket } from 'ws';
import { frameMaxBytes } from '../limits.js';
import { connectBy, type Client, type ConnectOptions, type SocketLike } from './client.js';

export type { Client, ConnectOptions } from './client.js';
export { ConnectFailedError, SendFailedError } from './client.js';

/** As `connect` of client.ts. */
export function connect(options: ConnectOptions): Client {
  const openSocket = (url: string): SocketLike =>
    new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: frameMaxBytes,
    });
  return connectBy(options, () => openSocket);
}
