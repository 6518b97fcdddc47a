// Simulated sockets between clients and instances: frames arrive in order, late, or never when the
// line is cut. The server's end looks like the socket that the Messaging server's own connection code
// is written for. Owns no rule of the protocol.

import type { WebSocket } from 'ws';
import type { Kernel } from '../kernel.js';
import type { Process } from './process.js';

/** The client's end. */
export interface ClientEnd {
  opened(): void;
  frame(text: string): void;
  lost(code: number): void;
}

/** Whoever listens at an address. */
export interface Listener {
  readonly process: Process;
  readonly sockets: Set<Socket>;
  accept(socket: WebSocket): void;
  /** Seen from above: what is written to whom at this very moment. */
  wrote(socket: Socket, text: string): void;
}

const lostCode = 1006;

export class Socket {
  readonly end: ClientEnd;
  /** Who the client is, for whoever looks from above. */
  readonly who: number;
  private readonly kernel: Kernel;
  private readonly latencyMs: () => number;
  private listener: Listener | null = null;
  private server: ServerEnd | null = null;
  private clientOpen = true;
  private toServerAtMs = 0;
  private toClientAtMs = 0;
  private isCut = false;

  constructor(kernel: Kernel, who: number, latencyMs: () => number, end: ClientEnd) {
    this.kernel = kernel;
    this.who = who;
    this.latencyMs = latencyMs;
    this.end = end;
  }

  /** Reaches whoever listens when the first packet arrives. */
  dial(find: () => Listener | null): void {
    this.toServerAtMs = this.kernel.nowMs + 2 * this.latencyMs();
    this.kernel.at(this.toServerAtMs, () => {
      const listener = find();
      if (listener === null) {
        this.toClient(() => this.lose(lostCode));
        return;
      }
      this.listener = listener;
      listener.sockets.add(this);
      listener.process.deliver(() => {
        if (!listener.sockets.has(this)) return;
        this.server = new ServerEnd(this, listener);
        listener.accept(this.server as unknown as WebSocket);
        this.toClient(() => {
          if (this.clientOpen) this.end.opened();
        });
      });
    });
  }

  // ---------------------------------------------------------------- the client's side

  write(text: string): void {
    this.toServer(() => this.server?.emit('message', { toString: () => text }, false));
  }

  /** The client drops it at once. */
  destroy(): void {
    if (!this.clientOpen) return;
    this.clientOpen = false;
    this.toServer(() => this.endServer());
  }

  /** Somebody pulled a plug: neither end is told. */
  cut(): void {
    this.isCut = true;
  }

  /** The network drops it: both ends are told, each at its time. */
  drop(): void {
    this.toClient(() => this.lose(lostCode));
    this.toServer(() => this.endServer());
  }

  // ---------------------------------------------------------------- the server's side

  send(text: string): void {
    this.listener?.wrote(this, text);
    this.toClient(() => {
      if (this.clientOpen) this.end.frame(text);
    });
  }

  /** The closing handshake: the client answers when it reads the close. */
  close(code: number): void {
    this.toClient(() => {
      this.toServer(() => this.endServer());
      this.lose(code);
    });
  }

  terminate(): void {
    this.kernel.at(this.kernel.nowMs, () => this.listener?.process.deliver(() => this.endServer()));
    this.toClient(() => this.lose(lostCode));
  }

  ping(): void {
    this.toClient(() => {
      if (this.clientOpen) this.toServer(() => this.server?.emit('pong'));
    });
  }

  /** The server's process is gone. */
  serverEnded(isTold: boolean): void {
    this.listener?.sockets.delete(this);
    this.server = null;
    if (isTold) this.toClient(() => this.lose(lostCode));
  }

  isOpenForClient(): boolean {
    return this.clientOpen;
  }

  private endServer(): void {
    const { server } = this;
    this.server = null;
    this.listener?.sockets.delete(this);
    server?.emit('close');
  }

  private lose(code: number): void {
    if (!this.clientOpen) return;
    this.end.lost(code);
    this.clientOpen = false;
  }

  private toServer(run: () => void): void {
    this.toServerAtMs = Math.max(this.toServerAtMs, this.kernel.nowMs + this.latencyMs());
    this.kernel.at(this.toServerAtMs, () => {
      if (!this.isCut) this.listener?.process.deliver(run);
    });
  }

  private toClient(run: () => void): void {
    this.toClientAtMs = Math.max(this.toClientAtMs, this.kernel.nowMs + this.latencyMs());
    this.kernel.at(this.toClientAtMs, () => {
      if (!this.isCut) run();
    });
  }
}

type Handler = (...args: unknown[]) => void;

/** As much of a `ws` socket as a connection of the Messaging server uses. */
class ServerEnd {
  readonly OPEN = 1;
  readonly bufferedAmount = 0;
  readyState = 1;
  close: (code: number, reason?: string) => void;
  private readonly socket: Socket;
  private readonly listener: Listener;
  private readonly handlers = new Map<string, Handler>();

  constructor(socket: Socket, listener: Listener) {
    this.socket = socket;
    this.listener = listener;
    this.close = (code) => socket.close(code);
  }

  on(event: string, handler: Handler): void {
    this.handlers.set(event, handler);
  }

  emit(event: string, ...args: unknown[]): void {
    if (event === 'close') this.readyState = 3;
    this.handlers.get(event)?.(...args);
  }

  send(text: string): void {
    if (this.readyState === 1 && this.listener.process.alive) this.socket.send(text);
  }

  terminate(): void {
    this.socket.terminate();
  }

  ping(): void {
    this.socket.ping();
  }
}
