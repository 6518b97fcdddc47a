// The client of a Messaging service as a passive state machine: which socket it may have, what it
// brings in its hello, when it moves, asks the directory or waits. Owns the rules of the protocol on
// the client's side; never a socket, a clock or a random source.
//
//   idle ─start─► asking ─answered─► dialling ─opened─► parked ─welcome─► welcomed
//                   ▲  ▲                ▲  ▲               │ redirect (≤ 3)  │ disconnect "moved"
//        after wait │  └── waiting ◄── lost└───────────────┴─────────────────┘ (after delayMs)
//                   └────── disconnect "leaving", redirects used up, `expired`
//
// Before every dial the old socket is destroyed, and frames of any but the current socket are
// ignored: that is what makes two connections at once impossible.

import { parseOffset } from '../records.js';
import { acceptSend, enqueueSend, expireSends, flushSends, sendsWakeAtMs } from './client-sends.js';
import {
  onDisconnect,
  onRedirect,
  onServerError,
  onWelcome,
  readMessage,
} from './client-frames.js';
import { ask, dial, hello, lose, stop } from './client-moves.js';
import type { ClientConfig, ClientEvent, ClientState, ClientStep } from './client-types.js';

export type * from './client-types.js';

/** A client that has not started. `next`: what an earlier life of this device had seen, if known. */
export function newClient(config: ClientConfig, next: number | null = null): ClientState {
  return {
    config,
    phase: 'idle',
    deadlineMs: null,
    then: 'ask',
    ask: 0,
    socket: 0,
    socketOpen: false,
    token: null,
    url: null,
    next,
    echo: null,
    instance: null,
    revision: null,
    aliveEveryMs: 0,
    suspended: false,
    redirects: 0,
    failures: 0,
    refusals: 0,
    gap: null,
    pending: [],
    oneByOne: false,
    sendTokens: config.sendsPerSecondMax,
    sendTokensAtMs: 0,
  };
}

/** One event in, the new state and what to do out. `nowMs` is monotonic. */
export function clientStep(state: ClientState, event: ClientEvent, nowMs: number): ClientStep {
  if (state.phase === 'stopped') {
    if (event.kind !== 'send') return { state, actions: [] };
    return { state, actions: [{ kind: 'send-failed', id: event.id, why: 'stopped' }] };
  }
  switch (event.kind) {
    case 'start':
      return state.phase === 'idle' ? ask(state, nowMs) : nothing(state);
    case 'answered': {
      if (!isCurrentAsk(state, event.ask)) return nothing(state);
      const { url, token } = event.session;
      return dial({ ...state, url, token, echo: null, redirects: 0 }, nowMs);
    }
    case 'unanswered':
      if (!isCurrentAsk(state, event.ask)) return nothing(state);
      return lose(state, event.random, nowMs, event.retryAfterMs);
    case 'denied':
      if (!isCurrentAsk(state, event.ask)) return nothing(state);
      return stop(state, 'denied', event.message);
    case 'opened':
      if (event.socket !== state.socket || state.phase !== 'dialling') return nothing(state);
      return hello(state, nowMs);
    case 'frame':
      return event.socket === state.socket && state.socketOpen
        ? onFrame(state, event, nowMs)
        : nothing(state);
    case 'lost':
      if (event.socket !== state.socket || !state.socketOpen) return nothing(state);
      if (event.code === 4003) return stop(state, 'replaced', 'a newer session took over');
      return lose(state, event.random, nowMs);
    case 'send':
      return enqueueSend(state, event, nowMs);
    case 'close':
      return stop(state, 'closed', 'closed by its owner');
    case 'wake':
      return onWake(state, event.random, nowMs);
  }
}

/** When the driver must send `wake`, at the latest; null when nothing is due. */
export function clientWakeAtMs(state: ClientState): number | null {
  if (state.phase === 'stopped') return null;
  const sends = sendsWakeAtMs(state);
  if (state.deadlineMs === null) return sends;
  return sends === null ? state.deadlineMs : Math.min(sends, state.deadlineMs);
}

function onWake(before: ClientState, random: number, nowMs: number): ClientStep {
  const expired = expireSends(before, nowMs);
  const state = expired.state;
  const due = state.deadlineMs !== null && nowMs >= state.deadlineMs;
  const after = !due
    ? flushSends(state, nowMs)
    : state.phase !== 'waiting'
      ? lose(state, random, nowMs) // asked, dialled, parked or heard nothing for too long
      : state.then === 'dial'
        ? dial(state, nowMs)
        : ask(state, nowMs);
  return { state: after.state, actions: [...expired.actions, ...after.actions] };
}

function onFrame(
  before: ClientState,
  event: Extract<ClientEvent, { kind: 'frame' }>,
  nowMs: number,
): ClientStep {
  const { frame, random } = event;
  // Any frame of a welcomed socket is a sign of life.
  const state: ClientState =
    before.phase === 'welcomed'
      ? { ...before, deadlineMs: nowMs + 2.5 * before.aliveEveryMs }
      : before;
  switch (frame['type']) {
    case 'welcome':
      return state.phase === 'parked' ? onWelcome(state, frame, nowMs) : nothing(state);
    case 'message': {
      const message = state.phase === 'welcomed' ? readMessage(frame) : null;
      const offset = parseOffset(frame['offset']);
      if (message === null || offset === null) return nothing(state);
      if (state.next !== null && offset < state.next) return nothing(state);
      return { state: { ...state, next: offset + 1 }, actions: [{ kind: 'deliver', message }] };
    }
    case 'accepted': {
      const { id, offset } = frame;
      if (typeof id !== 'string' || typeof offset !== 'string') return nothing(state);
      return acceptSend(state, id, offset, nowMs);
    }
    case 'alive': {
      const next = parseOffset(frame['next']);
      return nothing({
        ...state,
        suspended: frame['suspended'] === true,
        next: next === null ? state.next : Math.max(state.next ?? 0, next),
      });
    }
    case 'disconnect':
      return onDisconnect(state, frame, random, nowMs);
    case 'redirect':
      return onRedirect(state, frame, random, nowMs);
    case 'error':
      return onServerError(state, frame, random, nowMs);
    default:
      return nothing(state); // a newer server may say more
  }
}

function isCurrentAsk(state: ClientState, ask: number): boolean {
  return state.phase === 'asking' && state.ask === ask;
}

function nothing(state: ClientState): ClientStep {
  return { state, actions: [] };
}
