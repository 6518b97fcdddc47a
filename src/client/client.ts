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
import { failureOf, hide, wordsOf, type ConnectFailedError } from './connect-failed.js';
import {
  checkSession,
  directoryAt,
  SessionDeniedError,
  SessionUnavailableError,
  waitOf,
} from './directory.js';
import { checkMessage, checkOptions } from './options.js';
import { checkOwnFrame } from './own-frame.js';
import { SendFailedError } from './send-failed.js';
import {
  destroy,
  finish,
  globalSocket,
  parseFrame,
  type OpenSocket,
  type SocketLike,
} from './socket.js';

export { ConnectFailedError } from './connect-failed.js';
export { SessionDeniedError, SessionUnavailableError } from './directory.js';
export { SendFailedError } from './send-failed.js';
export type { OpenSocket, SocketLike } from './socket.js';

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
  /** Each time it could not be connected, or lost its connection: what failed, why, when it is tried again. */
  readonly onTrouble?: (error: ConnectFailedError) => void;
  readonly onStop?: (reason: StopReason, message: string) => void;
}

export interface Client {
  /** Resolves when Kafka has the message; rejects with SendFailedError. */
  send(to: string, body: string): Promise<{ readonly offset: string }>;
  /**
   * A frame of the service's own, once: false, and nothing is said, while it is not welcomed.
   * @throws TypeError for what has no `type`, and for the types that are the protocol's.
   */
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

/** Tokens that are kept out of messages: a server may name one of before. */
const tokensHiddenMax = 8;

/**
 * Connects, and stays connected until `close`, `replaced` or a refusal for good. Begins after the caller's
 * turn, so that no callback is called before the client is there.
 */
export function connect(options: ConnectOptions): Client {
  return connectBy(options, globalSocket);
}

/** As `connect`, by other sockets where the options name none. */
export function connectBy(options: ConnectOptions, otherwise: () => OpenSocket): Client {
  checkOptions(options);
  const openSocket = options.openSocket?.bind(options) ?? otherwise();
  const clientName = options.client ?? 'default';
  const getSession =
    options.getSession?.bind(options) ?? directoryAt(options.directoryUrl, options.directoryKey);
  const idPrefix = `${Math.random().toString(36).slice(2, 10)}${Date.now().toString(36)}`;
  const answers = new Map<
    string,
    { resolve: (value: { offset: string }) => void; reject: (error: Error) => void }
  >();
  let state = newClient(config, parseOffset(options.next ?? null));
  let toldPhase = state.phase;
  let socket: SocketLike | null = null;
  let sends = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAtMs = Infinity;
  let finished: Promise<void> = Promise.resolve();
  /** What no message may repeat; of tokens the last ones. */
  let tokens: readonly string[] = [];
  const secrets = () => [...tokens, options.directoryKey];

  /** `words`: what was said of it that the state machine need not know. */
  const handle = (event: ClientEvent, words = ''): void => {
    const nowMs = performance.now();
    const before = state;
    const step = clientStep(before, event, nowMs);
    state = step.state;
    if (options.onTrouble !== undefined) {
      const around = { nowMs, words, secrets: [...secrets(), before.url] };
      const trouble = failureOf(before, event, step.state, around);
      if (trouble !== null) tell(() => options.onTrouble?.(trouble));
    }
    for (const action of step.actions) perform(action);
    // A callback may have closed the client meanwhile, and that has been told.
    if (state.phase !== toldPhase) {
      const phase = (toldPhase = state.phase);
      tell(() => options.onState?.(phase));
    }
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
        return tell(() => options.onStop?.(action.reason, hide(action.message, secrets())));
    }
  };

  const isWelcomed = (): boolean => state.phase === 'welcomed';
  const settle = (id: string) => {
    const answer = answers.get(id);
    answers.delete(id);
    return answer;
  };

  const askFor = async (ask: number, unreachable?: string): Promise<void> => {
    let session: ClientSession;
    try {
      // Async, so that one which throws at once is heard of after this step has ended.
      const asking = (async () => getSession(options.user, clientName, unreachable))();
      session = checkSession(await asking);
    } catch (error) {
      const words = wordsOf(error);
      if (error instanceof SessionDeniedError) {
        handle({ kind: 'denied', ask, message: error.message }, words);
      } else {
        const retryAfterMs = error instanceof SessionUnavailableError ? waitOf(error) : null;
        handle({ kind: 'unanswered', ask, retryAfterMs, random: Math.random() }, words);
      }
      return;
    }
    tokens = [session.token, ...tokens].slice(0, tokensHiddenMax);
    handle({ kind: 'answered', ask, session });
  };

  const open = (number: number, url: string): void => {
    /** Of an error, which says more than the close that follows; browsers say nothing. */
    let words = '';
    const lost = (code: number) =>
      handle({ kind: 'lost', socket: number, code, random: Math.random() }, words);
    const listen = (opened: SocketLike): void => {
      opened.onopen = () => handle({ kind: 'opened', socket: number });
      opened.onmessage = (event: { data: unknown }) => {
        const frame = parseFrame(event.data);
        if (frame === null) return;
        handle({ kind: 'frame', socket: number, frame, random: Math.random() });
        if (!protocolTypes.has(frame['type']) && isWelcomed()) tell(() => options.onFrame?.(frame));
      };
      opened.onclose = (event: { code?: number; reason?: string }) => {
        words ||= event.reason ?? '';
        lost(event.code ?? 1006);
      };
      // `close` follows.
      opened.onerror = (event: { message?: string }) => void (words ||= event.message ?? '');
    };
    try {
      const opened = openSocket(url);
      listen(opened);
      socket = opened;
    } catch (error) {
      // A url that no socket can be made of; told after this step has ended.
      words = wordsOf(error);
      queueMicrotask(() => lost(1006));
    }
  };

  queueMicrotask(() => handle({ kind: 'start' }));
  return {
    send: (to, body) =>
      new Promise((resolve, reject) => {
        checkMessage({ to, body });
        sends += 1;
        const id = `${idPrefix}-${sends}`;
        answers.set(id, { resolve, reject });
        handle({ kind: 'send', id, to, body });
      }),
    say: (frame) => {
      checkOwnFrame(frame);
      return isWelcomed() && (socket?.send(JSON.stringify(frame)), true);
    },
    close: async () => {
      handle({ kind: 'close' });
      await finished;
    },
    phase: () => state.phase,
    next: () => (state.next === null ? null : offsetText(state.next)),
    instance: () => state.instance,
  };
}
