// Owns: the sockets of a crowd as seen from outside: by which way they dial, when each step of a move
// happened, and when a socket last brought something. Only watches: the client library decides.

import { WebSocket } from 'ws';
import type { SocketLike } from '../client/client.js';
import { frameMaxBytes } from '../limits.js';

/** One planned move, step by step, on the wall clock of this machine. */
export interface MoveSteps {
  readonly user: string;
  readonly device: number;
  readonly disconnectedAtMs: number;
  readonly destroyedAtMs: number;
  readonly dialledAtMs: number;
  readonly openedAtMs: number;
  readonly helloAtMs: number;
  readonly welcomedAtMs: number;
}

/** When a socket that was open at the last mark last brought data. */
export interface LastWord {
  readonly url: string;
  readonly atMs: number;
}

export interface Sockets {
  /** What a client of the crowd opens its sockets with. */
  openFor(user: string, device: number): (url: string) => SocketLike;
  /** Forgets all that was seen; from now on the sockets that are open at this moment are watched. */
  mark(): void;
  steps(): readonly MoveSteps[];
  lastWords(): readonly LastWord[];
}

/** What carries data or says that one is connected; `alive` and farewells do not. */
const isData = /^\{"type":"(message|welcome|accepted)"/;

interface Open {
  readonly url: string;
  spokeAtMs: number;
}

/** `via`: address of an instance → where to dial instead. */
export function createSockets(via: Readonly<Record<string, string>>): Sockets {
  const open = new Set<Open>();
  let marked: readonly Open[] = [];
  let steps: MoveSteps[] = [];

  return {
    openFor: (user, device) => {
      // A move is seen on two sockets: the old one brings the first two times.
      let disconnectedAtMs = 0;
      let destroyedAtMs = 0;
      return (url) => {
        const isMove = disconnectedAtMs > 0;
        const began = { disconnectedAtMs, destroyedAtMs };
        disconnectedAtMs = 0;
        const dialledAtMs = wallMs();
        let openedAtMs = 0;
        let helloAtMs = 0;
        const self: Open = { url, spokeAtMs: 0 };
        open.add(self);
        const socket = new WebSocket(dialled(url, via), {
          perMessageDeflate: false,
          maxPayload: frameMaxBytes,
        });
        socket.on('open', () => (openedAtMs = wallMs()));
        socket.on('message', (data: Buffer) => {
          // The type comes first in every frame of ours; nothing more is looked at.
          const start = data.toString('latin1', 0, 24);
          if (isData.test(start)) self.spokeAtMs = wallMs();
          if (start.startsWith('{"type":"disconnect"')) disconnectedAtMs = wallMs();
          else if (isMove && start.startsWith('{"type":"welcome"')) {
            const times = { dialledAtMs, openedAtMs, helloAtMs, welcomedAtMs: wallMs() };
            steps.push({ user, device, ...began, ...times });
          }
        });
        socket.on('close', () => open.delete(self));
        const send = socket.send.bind(socket) as (data: string) => void;
        const terminate = socket.terminate.bind(socket);
        socket.send = (data: unknown) => {
          if (helloAtMs === 0) helloAtMs = wallMs();
          send(data as string);
        };
        socket.terminate = () => {
          destroyedAtMs = wallMs();
          terminate();
        };
        return socket;
      };
    },
    mark: () => {
      marked = [...open];
      for (const one of marked) one.spokeAtMs = 0;
      steps = [];
    },
    steps: () => steps,
    lastWords: () => {
      const latest = new Map<string, number>();
      for (const { url, spokeAtMs } of marked) {
        if (spokeAtMs > 0) latest.set(url, Math.max(latest.get(url) ?? 0, spokeAtMs));
      }
      return [...latest].map(([url, atMs]) => ({ url, atMs }));
    },
  };
}

function dialled(url: string, via: Readonly<Record<string, string>>): string {
  return via[url] ?? url;
}

/** With fractions, and steady within a process. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
