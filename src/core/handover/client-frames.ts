// What the frames that change a client's place mean: welcome, disconnect, redirect, error. Reads
// untrusted JSON; a frame that makes no sense is treated as a lost connection or ignored.

import { parseOffset } from '../records.js';
import { blameSend, flushSends } from './client-sends.js';
import { ask, dial, lose, openGap, stop, wait } from './client-moves.js';
import type {
  ClientAction,
  ClientState,
  ClientStep,
  FinishedMove,
  ReceivedMessage,
  ServerFrame,
} from './client-types.js';

/** Longest `delayMs` of a server that a client obeys. */
const delayMaxMs = 60_000;

/** What a server may say of its `alive` frames: with more a lost connection would never be noticed. */
const aliveEveryMinMs = 100;
const aliveEveryMaxMs = 10 * 60_000;

/** Connected: ends the gap, reports it, then repeats what is unanswered. */
export function onWelcome(before: ClientState, frame: ServerFrame, nowMs: number): ClientStep {
  const instance = typeof frame['instance'] === 'string' ? frame['instance'] : '';
  const revision = number(frame['revision']) ?? 0;
  const told = number(frame['aliveEveryMs']) ?? 4_000;
  const aliveEveryMs = Math.min(aliveEveryMaxMs, Math.max(aliveEveryMinMs, told));
  const next = parseOffset(frame['next']);
  const state: ClientState = {
    ...before,
    phase: 'welcomed',
    instance,
    revision,
    aliveEveryMs,
    next: nextAfter(before.next, next, frame['truncated'] === true),
    deadlineMs: nowMs + 2.5 * aliveEveryMs,
    redirects: 0,
    failures: 0,
    refusals: 0,
    echo: null,
    gap: null,
  };
  const actions: ClientAction[] = [];
  const { gap } = before;
  if (gap !== null) {
    const gapMs = Math.max(0, nowMs - gap.sinceMs);
    const move: FinishedMove = {
      gapMs,
      from: gap.from,
      to: instance,
      revision,
      planned: gap.planned,
    };
    // A client whose own network failed came back to the same place: no move of ours.
    const wasMoved = gap.planned || gap.from !== instance || gap.fromRevision !== revision;
    if (wasMoved) {
      actions.push({
        kind: 'write',
        socket: state.socket,
        frame: { type: 'moved', gapMs: Math.round(gapMs * 10) / 10, told: gap.told },
      });
    }
    actions.push({ kind: 'moved', move });
  }
  const flushed = flushSends(state, nowMs);
  return { state: flushed.state, actions: [...actions, ...flushed.actions] };
}

/** Truncated: what the client knew is not in the log, perhaps beyond its end; what it is told counts. */
function nextAfter(known: number | null, told: number | null, truncated: boolean): number | null {
  if (told === null) return known;
  return truncated ? told : Math.max(known ?? 0, told);
}

/** DISCONNECT: not an error. The old socket is destroyed before anything else. */
export function onDisconnect(
  before: ClientState,
  frame: ServerFrame,
  random: number,
  nowMs: number,
): ClientStep {
  if (frame['reason'] === 'replaced') {
    return stop(before, 'replaced', 'a newer session took over');
  }
  const next = parseOffset(frame['next']);
  const revision = number(frame['revision']);
  const isMoved = frame['reason'] === 'moved';
  const state: ClientState = {
    ...before,
    next: next === null ? before.next : Math.max(before.next ?? 0, next),
    echo: revision,
    gap: openGap(before, nowMs, { planned: true, told: isMoved ? revision : null }),
  };
  const delayMs = Math.min(delayMaxMs, Math.max(0, number(frame['delayMs']) ?? 0));
  const url = frame['url'];
  if (isMoved && typeof url === 'string') {
    const moved = { ...state, url };
    return delayMs === 0 ? dial(moved, nowMs) : wait(moved, 'dial', delayMs, nowMs);
  }
  if (frame['reason'] === 'leaving' || isMoved) {
    return delayMs === 0 ? ask(state, nowMs) : wait(state, 'ask', delayMs, nowMs);
  }
  return lose(state, random, nowMs);
}

/** The partition is elsewhere: follow, but not for ever. */
export function onRedirect(
  state: ClientState,
  frame: ServerFrame,
  random: number,
  nowMs: number,
): ClientStep {
  const url = frame['url'];
  if (typeof url !== 'string' || state.redirects >= state.config.redirectsMax) {
    return lose(state, random, nowMs);
  }
  const echo = number(frame['revision']);
  return dial({ ...state, url, echo, redirects: state.redirects + 1 }, nowMs);
}

/** The server closes after an error; some of them mean that coming back is useless. */
export function onServerError(
  state: ClientState,
  frame: ServerFrame,
  random: number,
  nowMs: number,
): ClientStep {
  const message = typeof frame['message'] === 'string' ? frame['message'] : '';
  switch (frame['code']) {
    case 'superseded':
      return stop(state, 'superseded', message);
    case 'bad-frame':
    case 'bad-token':
    case 'too-large': {
      const refusals = state.refusals + 1;
      if (refusals >= state.config.refusalsMax) return stop(state, 'refused', message);
      const blamed = blameSend({ ...state, refusals }, message);
      const lost = lose(blamed.state, random, nowMs);
      return { state: lost.state, actions: [...blamed.actions, ...lost.actions] };
    }
    default: // expired, too-many, unavailable, and what a newer server may say
      return lose(state, random, nowMs);
  }
}

/** A message frame with all its fields, or null. */
export function readMessage(frame: ServerFrame): ReceivedMessage | null {
  const { offset, id, from, client, to, body, sentAtMs } = frame;
  if (typeof offset !== 'string' || typeof id !== 'string' || typeof from !== 'string') return null;
  if (typeof client !== 'string' || typeof to !== 'string' || typeof body !== 'string') return null;
  return { offset, id, from, client, to, body, sentAtMs: number(sentAtMs) ?? 0 };
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
