// The sends of a client that have no answer yet: sent in their order, repeated with the same id on
// the next socket, given up after a bound. Owns the order and the pace; never a socket.

import type { ClientAction, ClientState, ClientStep, PendingSend } from './client-types.js';

/** Appends a send; refused when the queue is full. */
export function enqueueSend(
  state: ClientState,
  send: { readonly id: string; readonly to: string; readonly body: string },
  nowMs: number,
): ClientStep {
  if (state.pending.length >= state.config.sendsQueuedMax) {
    return { state, actions: [{ kind: 'send-failed', id: send.id, why: 'queue-full' }] };
  }
  const entry: PendingSend = {
    id: send.id,
    to: send.to,
    body: send.body,
    sinceMs: nowMs,
    sentOn: null,
  };
  return flushSends({ ...state, pending: [...state.pending, entry] }, nowMs);
}

/**
 * Writes what may be written now: only when welcomed, in order, at most `sendsInFlightMax`
 * unanswered and `sendsPerSecondMax` in a second. Repeats are marked, so that a server need not
 * search for what was never sent before.
 */
export function flushSends(state: ClientState, nowMs: number): ClientStep {
  if (state.phase !== 'welcomed' || state.pending.length === 0) return { state, actions: [] };
  const { sendsPerSecondMax } = state.config;
  const sendsInFlightMax = inFlightMax(state);
  let tokens = tokensAt(state, nowMs);
  let inFlight = 0;
  const actions: ClientAction[] = [];
  const pending = state.pending.map((send) => {
    if (send.sentOn === state.socket) {
      inFlight += 1;
      return send;
    }
    if (inFlight >= sendsInFlightMax || tokens < 1) {
      // Nothing behind it may overtake it.
      inFlight = sendsInFlightMax;
      return send;
    }
    tokens -= 1;
    inFlight += 1;
    const frame = { type: 'send', id: send.id, to: send.to, body: send.body };
    actions.push({
      kind: 'write',
      socket: state.socket,
      frame: send.sentOn === null ? frame : { ...frame, repeat: true },
    });
    return { ...send, sentOn: state.socket };
  });
  if (actions.length === 0) return { state, actions };
  return {
    state: {
      ...state,
      pending,
      sendTokens: Math.min(tokens, sendsPerSecondMax),
      sendTokensAtMs: nowMs,
    },
    actions,
  };
}

/** The answer to a send; an id that is not pending (given up, answered twice) changes nothing. */
export function acceptSend(
  state: ClientState,
  id: string,
  offset: string,
  nowMs: number,
): ClientStep {
  const pending = state.pending.filter((send) => send.id !== id);
  if (pending.length === state.pending.length) return { state, actions: [] };
  // Everything that was under way when a frame was refused has been accepted: it was none of these.
  const oneByOne = state.oneByOne && pending.some((send) => send.sentOn !== null);
  const flushed = flushSends({ ...state, pending, oneByOne }, nowMs);
  return {
    state: flushed.state,
    actions: [{ kind: 'accepted', id, offset }, ...flushed.actions],
  };
}

/**
 * The server refused a frame (`bad-frame`, `too-large`), and does not say which. A send that it will
 * never take would be repeated with every reconnect, and hold up all others. So the unanswered ones are
 * repeated singly, and the one that is refused alone is the one: it fails, and is not said again.
 */
export function blameSend(state: ClientState, message: string): ClientStep {
  const suspects = state.pending.filter((send) => send.sentOn === state.socket);
  const [only] = suspects;
  if (state.phase !== 'welcomed' || only === undefined) return { state, actions: [] };
  if (!state.oneByOne || suspects.length > 1) {
    return { state: { ...state, oneByOne: true }, actions: [] };
  }
  const pending = state.pending.filter((send) => send !== only);
  return {
    state: { ...state, pending, oneByOne: pending.some((send) => send.sentOn !== null) },
    actions: [{ kind: 'send-failed', id: only.id, why: 'refused', message }],
  };
}

function inFlightMax({ oneByOne, config }: ClientState): number {
  return oneByOne ? 1 : config.sendsInFlightMax;
}

/** Gives up what is unanswered for too long; its outcome is unknown. */
export function expireSends(state: ClientState, nowMs: number): ClientStep {
  const tooOld = (send: PendingSend) => nowMs - send.sinceMs >= state.config.sendGiveUpMs;
  const expired = state.pending.filter(tooOld);
  if (expired.length === 0) return { state, actions: [] };
  return {
    state: { ...state, pending: state.pending.filter((send) => !tooOld(send)) },
    actions: expired.map((send) => ({ kind: 'send-failed', id: send.id, why: 'gave-up' })),
  };
}

/** When the sends need a wake-up: for the first to give up, or for the pace. */
export function sendsWakeAtMs(state: ClientState): number | null {
  const first = state.pending[0];
  if (first === undefined) return null;
  const giveUp = first.sinceMs + state.config.sendGiveUpMs;
  if (state.phase !== 'welcomed' || state.sendTokens >= 1) return giveUp;
  const inFlight = state.pending.filter((send) => send.sentOn === state.socket).length;
  // Nothing to write, or an answer must come first: the pace is not what holds it up.
  if (inFlight === state.pending.length || inFlight >= inFlightMax(state)) return giveUp;
  const refill = (1 - state.sendTokens) * (1000 / state.config.sendsPerSecondMax);
  return Math.min(giveUp, state.sendTokensAtMs + Math.ceil(refill));
}

function tokensAt(state: ClientState, nowMs: number): number {
  const { sendsPerSecondMax } = state.config;
  const since = Math.max(0, nowMs - state.sendTokensAtMs);
  return Math.min(sendsPerSecondMax, state.sendTokens + (since * sendsPerSecondMax) / 1000);
}
