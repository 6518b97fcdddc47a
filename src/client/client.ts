// The client library of a Messaging service, for browsers and Node: a thin driver around the state
// machine of src/core/handover/client.ts. Owns the socket, the timer and the promises of sends;
// never decides where to connect or what to repeat.

import {
  clientStep,
  clientWakeAtMs,
  newClient,
  type ClientAction,
  type ClientConfig,
  type ClientEvent,
  type ClientPhase,
  type ClientSession,
  type FinishedMove,
  type ReceivedMessage,
  type ServerFrame,
  type StopReason,
} from '../core/handover/client.js';
import { offsetText, parseOffset } from '../core/records.js';
import * as limits from '../limits.js';
import { tell } from './callbacks.js';
import { directoryAt, SessionDeniedError, SessionUnavailableError } from './directory.js';
import { SendFailedError } from './send-failed.js';

export { SessionDeniedError, SessionUnavailableError } from './directory.js';
export { SendFailedError } from './send-failed.js';

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

export interface ConnectOptions {
  readonly user: string;
  /** Names the device; default `"default"`. */
  readonly client?: string;
  /** Where sessions come from: a directory and its key, or a function of your own (a BFF). */
  readonly directoryUrl?: string;
  readonly directoryKey?: string;
  readonly getSession?: (
    user: string,
    client: string,
    /** Where the last session led to nobody: hand it on to the directory. */
    unreachable?: string,
  ) => Promise<ClientSession>;
  /** Default: in Node `ws`, elsewhere the global `WebSocket`. */
  readonly openSocket?: OpenSocket;
  /** First offset that an earlier life of this device had not seen. */
  readonly next?: string | null;
  readonly onMessage?: (message: ReceivedMessage) => void;
  /** A frame of the service's own, of another type than the protocol's. */
  readonly onFrame?: (frame: ServerFrame) => void;
  readonly onMove?: (move: FinishedMove) => void;
  readonly onState?: (phase: ClientPhase) => void;
  readonly onStop?: (reason: StopReason, message: string) => void;
}

export interface Client {
  /** Resolves when Kafka has the message; rejects with SendFailedError. */
  send(to: string, body: string): Promise<{ readonly offset: string }>;
  /** A frame of the service's own, once: false, and nothing is said, while it is not welcomed. */
  say(frame: object): boolean;
  /** Says `bye`; resolves when the socket is gone. */
  close(): Promise<void>;
  phase(): ClientPhase;
  /** First offset not yet seen, to be kept by a device that restarts; null before the first welcome. */
  next(): string | null;
  /** Name of the instance that welcomed it last. */
  instance(): string | null;
}

const config: ClientConfig = {
  backoffFirstMs: limits.clientBackoffFirstMs,
  backoffMaxMs: limits.clientBackoffMaxMs,
  retryJitterMs: limits.clientRetryJitterMs,
  redirectsMax: limits.redirectsMax,
  askWithinMs: limits.clientAskWithinMs,
  dialWithinMs: limits.clientDialWithinMs,
  welcomeWithinMs: limits.clientWelcomeWithinMs,
  sendGiveUpMs: limits.sendGiveUpMs,
  sendsInFlightMax: limits.clientSendsInFlightMax,
  sendsQueuedMax: limits.clientSendsQueuedMax,
  sendsPerSecondMax: limits.clientSendsPerSecondMax,
  refusalsMax: limits.clientRefusalsMax,
};

/** Frames of a server that the state machine reads. */
const protocolTypes = new Set<unknown>(
  'welcome message accepted alive disconnect redirect error'.split(' '),
);

/** Connects, and stays connected until `close`, `replaced` or a refusal for good. */
export function connect(options: ConnectOptions): Client {
  const clientName = options.client ?? 'default';
  const openSocket = options.openSocket ?? globalSocket();
  const getSession = options.getSession ?? directoryAt(options.directoryUrl, options.directoryKey);
  const idPrefix = `${Math.random().toString(36).slice(2, 10)}${Date.now().toString(36)}`;
  const answers = new Map<
    string,
    { resolve: (value: { offset: string }) => void; reject: (error: Error) => void }
  >();
  let state = newClient(config, parseOffset(options.next ?? null));
  let socket: SocketLike | null = null;
  let sends = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAtMs = Infinity;
  let finished: Promise<void> = Promise.resolve();

  const handle = (event: ClientEvent): void => {
    const before = state.phase;
    const step = clientStep(state, event, performance.now());
    state = step.state;
    for (const action of step.actions) perform(action);
    if (state.phase !== before) tell(() => options.onState?.(state.phase));
    arm();
  };

  /** Never re-armed for a later time: alive frames would reset a timer each; it just fires early. */
  const arm = (): void => {
    const at = clientWakeAtMs(state);
    if (at === null) {
      clearTimeout(timer);
      timerAtMs = Infinity;
    } else if (at < timerAtMs) {
      clearTimeout(timer);
      timerAtMs = at;
      timer = setTimeout(
        () => {
          timerAtMs = Infinity;
          handle({ kind: 'wake', random: Math.random() });
        },
        Math.max(0, Math.ceil(at - performance.now())),
      );
    }
  };

  const perform = (action: ClientAction): void => {
    switch (action.kind) {
      case 'ask':
        return void askFor(action.ask, action.unreachable);
      case 'dial':
        return open(action.socket, action.url);
      case 'destroy':
        if (socket !== null) destroy(socket);
        socket = null;
        return;
      case 'finish':
        if (socket !== null) finished = finish(socket);
        socket = null;
        return;
      case 'write':
        return void socket?.send(JSON.stringify(action.frame));
      case 'deliver':
        return tell(() => options.onMessage?.(action.message));
      case 'accepted':
        return settle(action.id)?.resolve({ offset: action.offset });
      case 'send-failed':
        return settle(action.id)?.reject(
          action.why === 'refused'
            ? new SendFailedError(action.id, action.why, action.message)
            : new SendFailedError(action.id, action.why),
        );
      case 'moved':
        return tell(() => options.onMove?.(action.move));
      case 'stopped':
        return tell(() => options.onStop?.(action.reason, action.message));
    }
  };

  const isWelcomed = (): boolean => state.phase === 'welcomed';
  const settle = (id: string) => {
    const answer = answers.get(id);
    answers.delete(id);
    return answer;
  };

  const askFor = async (ask: number, unreachable?: string): Promise<void> => {
    try {
      const session = await getSession(options.user, clientName, unreachable);
      handle({ kind: 'answered', ask, session });
    } catch (error) {
      if (error instanceof SessionDeniedError) {
        handle({ kind: 'denied', ask, message: error.message });
      } else {
        const retryAfterMs = error instanceof SessionUnavailableError ? error.retryAfterMs : null;
        handle({ kind: 'unanswered', ask, retryAfterMs, random: Math.random() });
      }
    }
  };

  const open = (number: number, url: string): void => {
    const lost = (code: number) =>
      handle({ kind: 'lost', socket: number, code, random: Math.random() });
    let opened: SocketLike;
    try {
      opened = openSocket(url);
    } catch {
      // A url that no socket can be made of; told after this step has ended.
      queueMicrotask(() => lost(1006));
      return;
    }
    socket = opened;
    opened.onopen = () => handle({ kind: 'opened', socket: number });
    opened.onmessage = (event: { data: unknown }) => {
      const frame = parseFrame(event.data);
      if (frame === null) return;
      handle({ kind: 'frame', socket: number, frame, random: Math.random() });
      if (!protocolTypes.has(frame['type']) && isWelcomed()) tell(() => options.onFrame?.(frame));
    };
    opened.onclose = (event: { code?: number }) => lost(event.code ?? 1006);
    opened.onerror = () => undefined; // `close` follows and says all there is to say
  };

  handle({ kind: 'start' });
  return {
    send: (to, body) =>
      new Promise((resolve, reject) => {
        sends += 1;
        const id = `${idPrefix}-${sends}`;
        answers.set(id, { resolve, reject });
        handle({ kind: 'send', id, to, body });
      }),
    say: (frame) => isWelcomed() && (socket?.send(JSON.stringify(frame)), true),
    close: async () => {
      handle({ kind: 'close' });
      await finished;
    },
    phase: () => state.phase,
    next: () => (state.next === null ? null : offsetText(state.next)),
    instance: () => state.instance,
  };
}

/** Drops a socket and forgets its events: the protocol forbids to read on after a move began. */
function destroy(socket: SocketLike): void {
  silence(socket);
  if (socket.terminate === undefined) socket.close();
  else socket.terminate();
}

/** After `bye`: the server closes with 1000; whoever does not is dropped. */
function finish(socket: SocketLike): Promise<void> {
  return new Promise((resolve) => {
    silence(socket);
    const timer = setTimeout(done, limits.closeAfterErrorMs);
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

function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}

function globalSocket(): OpenSocket {
  const { WebSocket } = globalThis as { WebSocket?: new (url: string) => SocketLike };
  if (WebSocket === undefined) {
    throw new TypeError('there is no global WebSocket here: hand one in as openSocket');
  }
  return (url) => new WebSocket(url);
}
