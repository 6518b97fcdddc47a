// The elementary moves of a client: ask the directory, dial, say hello, wait, lose, stop. Each of
// them leaves at most one socket. Never decides when.

import { offsetText } from '../records.js';
import type { ClientAction, ClientState, ClientStep, OpenGap, StopReason } from './client-types.js';

/** Asks the directory for a session, and tells it where it has just sent us in vain. */
export function ask(state: ClientState, nowMs: number): ClientStep {
  const dropped = drop(state);
  const number = state.ask + 1;
  const unreachable = state.phase === 'waiting' ? state.url : null;
  const question: ClientAction = { kind: 'ask', ask: number };
  return {
    state: {
      ...dropped.state,
      phase: 'asking',
      ask: number,
      redirects: 0,
      deadlineMs: nowMs + state.config.askWithinMs,
    },
    actions: [...dropped.actions, unreachable === null ? question : { ...question, unreachable }],
  };
}

/** Destroys the old socket, then dials `state.url`. */
export function dial(state: ClientState, nowMs: number): ClientStep {
  if (state.url === null) return ask(state, nowMs);
  const dropped = drop(state);
  const socket = state.socket + 1;
  return {
    state: {
      ...dropped.state,
      phase: 'dialling',
      socket,
      socketOpen: true,
      deadlineMs: nowMs + state.config.dialWithinMs,
    },
    actions: [...dropped.actions, { kind: 'dial', socket, url: state.url }],
  };
}

/** First frame on a new socket. From here the client is parked, and not connected. */
export function hello(state: ClientState, nowMs: number): ClientStep {
  const frame = {
    type: 'hello',
    token: state.token,
    next: state.next === null ? null : offsetText(state.next),
    ...(state.echo === null ? {} : { revision: state.echo }),
    // Its sends say themselves whether they are repeats.
    marksRepeats: true,
  };
  return {
    state: { ...state, phase: 'parked', deadlineMs: nowMs + state.config.welcomeWithinMs },
    actions: [{ kind: 'write', socket: state.socket, frame }],
  };
}

/** Destroys the socket and waits, then asks the directory or dials the new url. */
export function wait(
  state: ClientState,
  then: 'ask' | 'dial',
  delayMs: number,
  nowMs: number,
): ClientStep {
  const dropped = drop(state);
  // Whoever answered is not unreachable, whatever it said.
  const answered = then === 'ask' && (state.phase === 'welcomed' || state.phase === 'parked');
  const url = answered ? null : state.url;
  return {
    state: { ...dropped.state, phase: 'waiting', then, url, deadlineMs: nowMs + delayMs },
    actions: dropped.actions,
  };
}

/**
 * The way on after a lost connection, an unreachable url or a silent directory: ask it after a wait
 * that doubles up to a bound, with full jitter, or the wait that it asked for itself.
 */
export function lose(
  before: ClientState,
  random: number,
  nowMs: number,
  retryAfterMs: number | null = null,
): ClientStep {
  const { backoffFirstMs, backoffMaxMs } = before.config;
  const ceiling = Math.min(backoffMaxMs, backoffFirstMs * 2 ** Math.min(before.failures, 16));
  const state: ClientState = {
    ...before,
    failures: before.failures + 1,
    gap: before.phase === 'welcomed' ? openGap(before, nowMs) : before.gap,
  };
  // The jitter comes on top of the directory's wish: it gave the same one to everybody. It has a bound
  // of its own, because whoever is told a time need not guess how busy the directory is.
  const jitterMs = retryAfterMs === null ? ceiling : Math.min(ceiling, before.config.retryJitterMs);
  return wait(state, 'ask', (retryAfterMs ?? 0) + Math.floor(random * jitterMs), nowMs);
}

/** Ends for good: what is unanswered fails, the socket goes. */
export function stop(state: ClientState, reason: StopReason, message: string): ClientStep {
  const polite = reason === 'closed' && state.socketOpen && state.phase !== 'dialling';
  const socket = state.socket;
  const ending: readonly ClientAction[] = polite
    ? [
        { kind: 'write', socket, frame: { type: 'bye' } },
        { kind: 'finish', socket },
      ]
    : drop(state).actions;
  return {
    state: { ...state, phase: 'stopped', socketOpen: false, pending: [], deadlineMs: null },
    actions: [
      ...ending,
      ...state.pending.map((send): ClientAction => ({
        kind: 'send-failed',
        id: send.id,
        why: 'stopped',
      })),
      { kind: 'stopped', reason, message },
    ],
  };
}

/** The gap that begins now, unless one is open already: only a welcome ends it. */
export function openGap(
  state: ClientState,
  nowMs: number,
  by: Pick<OpenGap, 'planned' | 'told'> = { planned: false, told: null },
): OpenGap {
  return (
    state.gap ?? {
      sinceMs: nowMs,
      from: state.instance,
      fromRevision: state.revision,
      ...by,
    }
  );
}

function drop(state: ClientState): ClientStep {
  if (!state.socketOpen) return { state, actions: [] };
  return {
    state: { ...state, socketOpen: false, suspended: false },
    actions: [{ kind: 'destroy', socket: state.socket }],
  };
}
