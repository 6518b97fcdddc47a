// Frames of a hostile server, and answers of a hostile directory, against the client's state machine.
// An input is a list of `what text`.

import { clientStep, clientWakeAtMs, newClient } from '../../src/core/handover/client.js';
import type { ClientConfig, ClientEvent, ClientState } from '../../src/core/handover/client.js';
import { parseObject } from '../../src/core/handover/ownership-log.js';
import { mutated } from '../mutate.js';
import type { Random } from '../random.js';
import { expectThat, type Target } from '../target.js';

const config: ClientConfig = {
  ...{ backoffFirstMs: 100, backoffMaxMs: 5_000, redirectsMax: 3, askWithinMs: 5_000 },
  retryJitterMs: 1_000,
  ...{ dialWithinMs: 5_000, welcomeWithinMs: 10_000, sendGiveUpMs: 60_000, refusalsMax: 5 },
  ...{ sendsInFlightMax: 8, sendsQueuedMax: 16, sendsPerSecondMax: 100 },
};
const session = { url: 'ws://a', token: 't', instance: 'messaging-0' };
const random = 0.5;
/** The latest that a client may plan to look again: a bound of every wait. */
const wakeMaxMs = 25 * 60_000;

export async function openClient(): Promise<Target> {
  return { name: 'client', generate, execute, close: async () => undefined };
}

function generate(source: Random): readonly string[] {
  const steps = ['start', 'answered', 'opened'];
  const next = String(source.below(50));
  const frames: readonly object[] = [
    { type: 'welcome', instance: 'i', revision: 1, partition: 0, next, aliveEveryMs: 4_000 },
    {
      type: 'message',
      offset: next,
      id: 'm',
      from: 'b',
      client: 'c',
      to: 'a',
      body: '',
      sentAtMs: 1,
    },
    { type: 'accepted', id: 'c-1', partition: 0, offset: next },
    { type: 'alive', next, suspended: false },
    { type: 'disconnect', reason: 'moved', url: 'ws://b', next, revision: 2, delayMs: 0 },
    { type: 'disconnect', reason: 'leaving', next, revision: 2, delayMs: 50 },
    { type: 'redirect', url: 'ws://c', revision: 3 },
    { type: 'error', code: 'too-many', message: 'm' },
  ];
  const events = ['answered', 'opened', 'lost', 'send', 'unanswered', 'wake', 'wake', 'opened'];
  if (!source.oneIn(4)) steps.push(`frame ${JSON.stringify(frames[0])}`);
  for (let n = source.below(15); n > 0; n -= 1) {
    if (source.oneIn(3)) steps.push(source.pick(events));
    else steps.push(`frame ${mutated(JSON.stringify(source.pick(frames)), source)}`);
  }
  return steps;
}

function execute(steps: readonly string[]): void {
  let state: ClientState = newClient(config);
  let nowMs = 1_000;
  let sends = 0;
  const open = new Set<number>();
  for (const step of steps) {
    const [, what = '', text = ''] = /^(\S+) ?([^]*)$/.exec(step) ?? [];
    if (what === 'wake') nowMs = Math.max(nowMs, clientWakeAtMs(state) ?? nowMs);
    const event = eventOf(what, text, state, (sends += 1));
    if (event === null) continue;
    const result = clientStep(state, event, nowMs);
    state = result.state;
    for (const action of result.actions) {
      if (action.kind === 'destroy' || action.kind === 'finish') open.delete(action.socket);
      if (action.kind === 'dial') {
        expectThat(open.size === 0, 'dials while it has a socket');
        expectThat(typeof action.url === 'string', 'dials what is no text');
        open.add(action.socket);
      }
      if (action.kind === 'write') JSON.stringify(action.frame);
    }
    if (event.kind === 'lost') open.delete(event.socket);
    const wakeAtMs = clientWakeAtMs(state);
    const isBounded =
      wakeAtMs === null || (Number.isFinite(wakeAtMs) && wakeAtMs <= nowMs + wakeMaxMs);
    expectThat(isBounded, `wakes at ${wakeAtMs}, now is ${nowMs}`);
    expectThat(
      state.phase === 'stopped' || state.phase === 'idle' || wakeAtMs !== null,
      'sleeps for ever',
    );
    expectThat(state.next === null || Number.isSafeInteger(state.next), `next is ${state.next}`);
    expectThat(state.pending.length <= config.sendsQueuedMax, 'more sends than it may keep');
  }
}

function eventOf(what: string, text: string, state: ClientState, n: number): ClientEvent | null {
  const { ask, socket } = state;
  switch (what) {
    case 'start':
      return { kind: 'start' };
    case 'answered':
      return { kind: 'answered', ask, session };
    case 'unanswered':
      return { kind: 'unanswered', ask, retryAfterMs: null, random };
    case 'opened':
      return { kind: 'opened', socket };
    case 'lost':
      return { kind: 'lost', socket, code: 1006, random };
    case 'send':
      return { kind: 'send', id: `c-${n}`, to: 'b', body: '' };
    case 'wake':
      return { kind: 'wake', random };
    case 'frame': {
      const frame = parseObject(text);
      return frame === null ? null : { kind: 'frame', socket, frame, random };
    }
    default:
      return null;
  }
}
