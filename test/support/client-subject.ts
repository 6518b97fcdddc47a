// The client's state machine under test, with its clock, its jitter and everything it ever wanted done.

import {
  clientStep,
  clientWakeAtMs,
  newClient,
  type ClientAction,
  type ClientConfig,
  type ClientEvent,
  type ClientState,
} from '../../src/core/handover/client.js';

export const clientConfig: ClientConfig = {
  backoffFirstMs: 100,
  backoffMaxMs: 5_000,
  retryJitterMs: 1_000,
  redirectsMax: 3,
  askWithinMs: 5_000,
  dialWithinMs: 5_000,
  welcomeWithinMs: 10_000,
  sendGiveUpMs: 60_000,
  sendsInFlightMax: 4,
  sendsQueuedMax: 20,
  sendsPerSecondMax: 10,
  refusalsMax: 3,
};

/** A client under test: its state, its clock and everything it ever wanted done. */
export function subject(next: number | null = null) {
  let state: ClientState = newClient(clientConfig, next);
  let nowMs = 1_000;
  const all: ClientAction[] = [];
  const it = {
    random: 0.5,
    state: () => state,
    all,
    after: (ms: number) => {
      nowMs += ms;
      return it;
    },
    on: (event: ClientEvent): readonly ClientAction[] => {
      const step = clientStep(state, event, nowMs);
      state = step.state;
      all.push(...step.actions);
      return step.actions;
    },
    frame: (frame: Record<string, unknown>, socket = state.socket) =>
      it.on({ kind: 'frame', socket, frame, random: it.random }),
    lost: (code = 1006) => it.on({ kind: 'lost', socket: state.socket, code, random: it.random }),
    wake: () => it.on({ kind: 'wake', random: it.random }),
    answer: (url = 'ws://a', token = 'token-1') =>
      it.on({
        kind: 'answered',
        ask: state.ask,
        session: { url, token, instance: 'messaging-0' },
      }),
    open: () => it.on({ kind: 'opened', socket: state.socket }),
    send: (id: string) => it.on({ kind: 'send', id, to: 'bob', body: id }),
    welcome: (fields: Record<string, unknown> = {}) =>
      it.frame({
        type: 'welcome',
        instance: 'messaging-0',
        revision: 1,
        partition: 5,
        next: '100',
        aliveEveryMs: 4_000,
        truncated: false,
        ...fields,
      }),
    /** From nothing to welcomed at offset 100. */
    connected: () => {
      it.on({ kind: 'start' });
      it.answer();
      it.open();
      it.welcome();
      return it;
    },
    wakesIn: () => (clientWakeAtMs(state) ?? Infinity) - nowMs,
  };
  return it;
}

export const kinds = (actions: readonly ClientAction[]) => actions.map(({ kind }) => kind);
export const written = (actions: readonly ClientAction[]) =>
  actions.flatMap((action) =>
    action.kind === 'write' ? [action.frame as Record<string, unknown>] : [],
  );
export const moved = {
  type: 'disconnect',
  reason: 'moved',
  url: 'ws://b',
  next: '120',
  revision: 2,
};

/** A message frame at an offset. */
export function message(offset: number) {
  return {
    type: 'message',
    offset: `${offset}`,
    id: 'm',
    from: 'bob',
    client: 'phone',
    to: 'alice',
    body: 'hi',
    sentAtMs: 1,
  };
}
