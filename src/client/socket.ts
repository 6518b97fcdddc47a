// Owns: what the client library needs of a WebSocket, and how one is left. Never decides when.

import type { ServerFrame } from '../core/handover/client.js';
import { closeAfterErrorMs } from '../limits.js';

/** What the library needs of a WebSocket: browsers' own, or `ws`, which can also `terminate`. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  terminate?(): void;
}
export type OpenSocket = (url: string) => SocketLike;

/** Drops a socket and forgets its events: the protocol forbids to read on after a move began. */
export function destroy(socket: SocketLike): void {
  silence(socket);
  if (socket.terminate === undefined) socket.close();
  else socket.terminate();
}

/** After `bye`: the server closes with 1000; whoever does not is dropped. */
export function finish(socket: SocketLike): Promise<void> {
  return new Promise((resolve) => {
    silence(socket);
    const timer = setTimeout(done, closeAfterErrorMs);
    function done(): void {
      clearTimeout(timer);
      destroy(socket);
      resolve();
    }
    socket.onclose = done;
  });
}

function silence(socket: SocketLike): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  // `ws` throws on an error event that nobody hears, also after terminate().
  socket.onerror = () => undefined;
}

/** Null for what is no JSON object. */
export function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}

/** That of browsers and newer Nodes. @throws TypeError where there is none */
export function globalSocket(): OpenSocket {
  const { WebSocket } = globalThis as { WebSocket?: new (url: string) => SocketLike };
  if (WebSocket === undefined) {
    throw new TypeError('there is no global WebSocket here: hand one in as openSocket');
  }
  return (url) => new WebSocket(url);
}
