// Owns: one client as exploration sees it: the real state machine and its sockets. Its clock is its
// own: what it waits for may be over at any time. What only measures (gaps, back-off, counters of
// failures) is left out of its state. Never decides which instance answers.

import type {
  ClientConfig,
  ClientEvent,
  ClientState,
  ClientStep,
} from '../../core/handover/client.js';
import { ordinalOf } from '../../core/records.js';
import { copyOf } from './graph.js';
import type { Frame } from './parts.js';

export interface ClientWire {
  readonly socket: number;
  readonly ordinal: number;
  /** Place of the incarnation that took the connection; -1 while it is being dialled. */
  slot: number;
  connection: string | null;
  /** Sent to the client, not read yet. */
  readonly frames: Frame[];
  welcomed: boolean;
}

export interface ClientPart {
  readonly state: ClientState;
  readonly wires: readonly ClientWire[];
  /** Number of its session. */
  readonly session: number;
  /** Offset of the message that must come next; null before the first welcome. */
  readonly expected: number | null;
}

export interface Hello {
  readonly token: string;
  readonly next: string | null;
  readonly revision?: number;
}

export interface ClientOutcome {
  readonly part: ClientPart;
  readonly hello: Hello | null;
  readonly violation: string | null;
}

export const clientConfig: ClientConfig = {
  backoffFirstMs: 1,
  backoffMaxMs: 1,
  retryJitterMs: 1,
  redirectsMax: 3,
  askWithinMs: 1,
  dialWithinMs: 1,
  welcomeWithinMs: 1,
  sendGiveUpMs: 1,
  sendsInFlightMax: 1,
  sendsQueuedMax: 1,
  sendsPerSecondMax: 1,
  refusalsMax: 5,
};

export type StepFunction = (state: ClientState, event: ClientEvent, nowMs: number) => ClientStep;

/** One event of a client. `frameOf`: the socket whose next frame it reads. */
export function clientOutcome(
  step: StepFunction,
  before: ClientPart,
  event: ClientEvent | { readonly kind: 'read'; readonly socket: number },
): ClientOutcome {
  const wires = copyOf(before.wires) as ClientWire[];
  let { expected } = before;
  let violation: string | null = null;
  let hello: Hello | null = null;
  let frame: Frame | null = null;
  let happened: ClientEvent;
  if (event.kind === 'read') {
    const { socket } = event;
    frame = wires.find((wire) => wire.socket === socket)?.frames.shift() ?? null;
    happened = { kind: 'frame', socket, frame: frame ?? {}, random: 0 };
  } else happened = event;

  const { state, actions } = step(before.state, happened, 0);
  const session = happened.kind === 'answered' ? Number(state.token) : before.session;
  for (const action of actions) {
    switch (action.kind) {
      case 'dial': {
        const { socket, url } = action;
        const ordinal = ordinalOf(url) ?? 0;
        wires.push({ socket, ordinal, slot: -1, connection: null, frames: [], welcomed: false });
        break;
      }
      case 'destroy':
      case 'finish':
        drop(wires, action.socket);
        break;
      case 'write':
        if ((action.frame as Frame).type === 'hello') hello = action.frame as unknown as Hello;
        break;
      case 'deliver': {
        const offset = Number(action.message.offset);
        violation ??= misdelivered(offset, expected);
        expected = offset + 1;
        break;
      }
      default:
        break;
    }
  }
  if (happened.kind === 'lost') drop(wires, happened.socket);
  if (frame?.type === 'welcome' && event.kind === 'read') {
    const wire = wires.find(({ socket }) => socket === event.socket);
    if (wire !== undefined && state.phase === 'welcomed' && state.socket === wire.socket) {
      wire.welcomed = true;
      const next = Number(frame['next']);
      if (expected !== null && next > expected)
        violation ??= `NoLoss: the client goes on at message ${next} and never gets ${expected}`;
      expected ??= next;
    }
  }
  return { part: normal({ state, wires, session, expected }), hello, violation };
}

function misdelivered(offset: number, expected: number | null): string | null {
  if (expected === null || offset === expected) return null;
  return offset > expected
    ? `NoLoss: the client gets message ${offset} and never message ${expected}`
    : `NoDup: the client gets message ${offset} again`;
}

function drop(wires: ClientWire[], socket: number): void {
  const at = wires.findIndex((wire) => wire.socket === socket);
  if (at >= 0) wires.splice(at, 1);
}

/** Sockets and questions are numbered anew, the clock starts at 0, measurements are left out. */
function normal({ state, wires, session, expected }: ClientPart): ClientPart {
  const by = Math.min(state.socket, ...wires.map(({ socket }) => socket)) - 1;
  return {
    state: {
      ...state,
      deadlineMs: state.deadlineMs === null ? null : 0,
      socket: state.socket - by,
      ask: 0,
      instance: null,
      revision: null,
      aliveEveryMs: 0,
      failures: 0,
      gap: null,
      sendTokensAtMs: 0,
      url: state.phase === 'waiting' && state.then === 'dial' ? state.url : null,
    },
    wires: wires.map((wire) => ({ ...wire, socket: wire.socket - by })),
    session,
    expected,
  };
}
