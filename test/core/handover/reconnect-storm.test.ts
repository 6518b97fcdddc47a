// Two thousand clients that all lose their connection at the same instant, in virtual time: the real
// state machine of the client, the directory's waiting list and the turns of the instances, with the
// bounds of src/limits.ts and with a directory ten times slower. Everybody is served within a bound
// that the arithmetic gives, roughly in order, and nobody is sent away twice.
import { describe, expect, it } from 'vitest';
import { clientStep, clientWakeAtMs, newClient } from '../../../src/core/handover/client.js';
import type {
  ClientAction,
  ClientConfig,
  ClientEvent,
  ClientState,
} from '../../../src/core/handover/client.js';
import { Turns, type TurnLimits } from '../../../src/core/turns.js';
import { WaitingList, type WaitingListLimits } from '../../../src/core/waiting-list.js';
import * as limits from '../../../src/limits.js';
import { seeded } from '../../support/seeded.js';

const config: ClientConfig = {
  backoffFirstMs: limits.clientBackoffFirstMs,
  backoffMaxMs: limits.clientBackoffMaxMs,
  retryJitterMs: limits.clientRetryJitterMs,
  redirectsMax: limits.redirectsMax,
  askWithinMs: limits.clientDialWithinMs,
  dialWithinMs: limits.clientDialWithinMs,
  welcomeWithinMs: limits.clientWelcomeWithinMs,
  sendGiveUpMs: limits.sendGiveUpMs,
  sendsInFlightMax: limits.clientSendsInFlightMax,
  sendsQueuedMax: limits.clientSendsQueuedMax,
  sendsPerSecondMax: limits.clientSendsPerSecondMax,
  refusalsMax: limits.clientRefusalsMax,
};

interface Storm {
  readonly clients: number;
  readonly instances: number;
  readonly directory: WaitingListLimits;
  readonly accepts: TurnLimits;
  readonly seed: number;
  /** They come one after the other over this; all at once by default. */
  readonly overMs?: number;
}

interface Returned {
  /** When the directory saw its first question, and when it answered with a session. */
  seenMs: number;
  answeredMs: number;
  welcomedMs: number;
  shed: number;
  refused: number;
}

/** Runs until everybody is welcomed; the answer has one entry per client. */
function play({
  clients,
  instances,
  directory,
  accepts,
  seed,
  overMs = 0,
}: Storm): readonly Returned[] {
  const random = seeded(seed);
  const list = new WaitingList(directory);
  const lines = Array.from({ length: instances }, () => new Turns(accepts));
  const events = new Map<number, (() => void)[]>();
  const returned: Returned[] = [];
  let nowMs = 0;
  let left = clients;
  const at = (ms: number, run: () => void): void => {
    const when = Math.max(nowMs + 1, Math.ceil(ms));
    const due = events.get(when);
    if (due === undefined) events.set(when, [run]);
    else due.push(run);
  };
  const network = () => 1 + random.below(30);

  const startClient = (n: number): void => {
    const seen: Returned = {
      ...{ seenMs: -1, answeredMs: -1, welcomedMs: -1, shed: 0, refused: 0 },
    };
    returned.push(seen);
    let state: ClientState = newClient(config, 0);
    let wakeAtMs: number | null = null;
    const step = (event: ClientEvent): void => {
      const result = clientStep(state, event, nowMs);
      state = result.state;
      for (const action of result.actions) act(action);
      const next = clientWakeAtMs(state);
      if (next === null || next === wakeAtMs) return;
      wakeAtMs = next;
      at(next, () => {
        // Once it is welcomed its part is over: nobody here sends it `alive` frames.
        if (seen.welcomedMs < 0 && clientWakeAtMs(state) === next)
          step({ kind: 'wake', random: random.next() });
      });
    };
    const frame = (socket: number, fields: object): void =>
      step({ kind: 'frame', socket, frame: { ...fields }, random: random.next() });
    const act = (action: ClientAction): void => {
      if (action.kind === 'ask') {
        at(nowMs + network(), () => {
          const waitMs = list.ask(`u${n}`, nowMs);
          const { ask } = action;
          if (seen.seenMs < 0) seen.seenMs = nowMs;
          if (waitMs === 0) seen.answeredMs = nowMs;
          at(nowMs + network(), () => {
            if (waitMs === 0) {
              const url = `ws://${n % instances}`;
              return step({ kind: 'answered', ask, session: { url, token: 't', instance: 'i' } });
            }
            seen.shed += 1;
            const retryAfterMs = Math.ceil(waitMs / 1_000) * 1_000; // The header is in whole seconds.
            step({ kind: 'unanswered', ask, retryAfterMs, random: random.next() });
          });
        });
      } else if (action.kind === 'dial') {
        at(nowMs + network(), () => step({ kind: 'opened', socket: action.socket }));
      } else if (action.kind === 'write' && 'token' in action.frame) {
        const { socket } = action;
        at(nowMs + network(), () => {
          const waitMs = (lines[n % instances] as Turns).take(nowMs);
          if (waitMs === null) {
            seen.refused += 1;
            return frame(socket, { type: 'error', code: 'too-many', message: '' });
          }
          at(nowMs + waitMs + network(), () => {
            if (state.socket !== socket || seen.welcomedMs >= 0) return;
            seen.welcomedMs = nowMs;
            left -= 1;
            frame(socket, { type: 'welcome', instance: 'i', revision: 2, next: '0' });
          });
        });
      }
    };
    step({ kind: 'start' });
  };

  for (let n = 0; n < clients; n += 1) {
    if (overMs === 0) startClient(n);
    else at((n * overMs) / clients, () => startClient(n));
  }
  for (; left > 0; nowMs += 1) {
    if (nowMs > 120_000) throw new Error(`seed ${seed}: ${left} clients were never served`);
    for (const run of events.get(nowMs) ?? []) run();
    events.delete(nowMs);
  }
  return returned;
}

const directoryDefault: WaitingListLimits = {
  perSecond: limits.sessionsPerSecondMax,
  burst: limits.sessionsBurstMax,
  waitMaxMs: limits.sessionsWaitMaxMs,
  keepMs: limits.sessionsPlaceKeptMs,
};
const acceptsDefault: TurnLimits = {
  perSecond: limits.acceptsPerSecondMax,
  burst: limits.acceptsBurstMax,
  waitMaxMs: limits.acceptWaitMaxMs,
};
/** A few network trips, the whole second of Retry-After, and the client's own jitter on top of it. */
const slackMs = 200 + 1_000 + limits.clientBackoffFirstMs;
const longest = (all: readonly Returned[]) => Math.max(...all.map((one) => one.welcomedMs));

describe('two thousand clients that come back at once', () => {
  const seeds = [1, 2, 3];

  it('to three instances, with the default bounds: all within the time that these take', () => {
    for (const seed of seeds) {
      const storm = { clients: 2_000, instances: 3, seed };
      const all = play({ ...storm, directory: directoryDefault, accepts: acceptsDefault });
      // The directory takes all at once; each instance 500, and the other 167 at 500 a second.
      const boundMs = (1_000 * (2_000 / 3 - limits.acceptsBurstMax)) / limits.acceptsPerSecondMax;
      expect(longest(all), `seed ${seed}`).toBeLessThanOrEqual(boundMs + 200);
      expect(all.every(({ shed, refused }) => shed === 0 && refused === 0)).toBe(true);
    }
  });

  it('to one instance: its line takes them all, in the time of its rate', () => {
    for (const seed of seeds) {
      const storm = { clients: 2_000, instances: 1, seed };
      const all = play({ ...storm, directory: directoryDefault, accepts: acceptsDefault });
      expect(longest(all), `seed ${seed}`).toBeLessThanOrEqual(3_000 + 200);
      expect(all.every(({ refused }) => refused === 0)).toBe(true);
    }
  });

  it('to a directory ten times slower: each is sent away at most once, and served in its turn', () => {
    const directory = { ...directoryDefault, perSecond: 100, burst: 200 };
    for (const seed of seeds) {
      const storm = { clients: 2_000, instances: 3, seed };
      const all = play({ ...storm, directory, accepts: acceptsDefault });
      expect(longest(all), `seed ${seed}`).toBeLessThanOrEqual(18_000 + slackMs);
      expect(Math.max(...all.map(({ shed }) => shed))).toBe(1);
      expect(all.filter(({ shed }) => shed === 0)).toHaveLength(200);
    }
  });

  it('while others keep coming: they go behind, and nobody starves', () => {
    // Half of the clients come later: their first question is asked after all the others'.
    const directory = { ...directoryDefault, perSecond: 100, burst: 100 };
    for (const seed of seeds) {
      const list = new WaitingList(directory);
      const random = seeded(seed);
      const servedAt: number[] = [];
      const back: { who: string; atMs: number }[] = [];
      for (let n = 0; n < 2_000; n += 1) {
        const waitMs = list.ask(`old${n}`, 0);
        if (waitMs > 0) back.push({ who: `old${n}`, atMs: Math.ceil(waitMs / 1_000) * 1_000 });
      }
      back.sort((a, b) => a.atMs - b.atMs);
      for (let nowMs = 1; nowMs <= 25_000; nowMs += 1) {
        // Newcomers at twice the rate, all the time.
        if (nowMs % 5 === 0) {
          const waitMs = list.ask(`new${nowMs}`, nowMs);
          if (nowMs < 19_000) expect(waitMs, `a newcomer at ${nowMs}`).toBeGreaterThan(0);
        }
        while (back[0] !== undefined && back[0].atMs + random.below(2) <= nowMs) {
          const one = back.shift();
          expect(list.ask(one?.who ?? '', nowMs)).toBe(0);
          servedAt.push(nowMs);
        }
      }
      expect(servedAt).toHaveLength(1_900);
      expect(servedAt.at(-1)).toBeLessThanOrEqual(19_000 + 10);
    }
  });

  it('are served in the order in which they came, up to the slack, when they come over a while', () => {
    const directory = { ...directoryDefault, perSecond: 200, burst: 100 };
    for (const seed of seeds) {
      const storm = { clients: 2_000, instances: 3, seed, overMs: 4_000 };
      const all = play({ ...storm, directory, accepts: acceptsDefault });
      expect(longest(all)).toBeLessThanOrEqual(9_500 + slackMs);
      expect(all.filter(({ shed }) => shed === 1).length).toBeGreaterThan(1_000);
      let latestMs = 0;
      for (const { answeredMs } of [...all].sort((a, b) => a.seenMs - b.seenMs)) {
        // Everybody who was seen before was answered no later than this after it.
        expect(latestMs - answeredMs, `seed ${seed}`).toBeLessThanOrEqual(slackMs);
        latestMs = Math.max(latestMs, answeredMs);
      }
    }
  });
});
