// Owns: a console's server for tests, with figures that the test sets and actions that it records: everything
// of it but where figures come from.

import { Registry } from 'prom-client';
import type { LightMyRequestResponse } from 'fastify';
import { consoleApp, type ConsoleOptions } from '../../src/console/app.js';
import type { Asset } from '../../src/console/assets.js';
import { createFeed } from '../../src/console/feed.js';
import type { ActionWish, Picture } from '../../src/console/picture.js';
import { createSessions } from '../../src/console/sessions.js';

export const token = 'a-token-that-nobody-guesses';
export const host = '127.0.0.1:7780';
export const ownPage = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };

export function pictureOf(service: string, changed: Partial<Picture['now']> = {}): Picture {
  return {
    atMs: 1_000,
    now: {
      ...{ service, partitions: 4, revision: 1, settled: true, mode: 'live', clients: 0 },
      ...{ away: [], isRunKnown: true, isStoredKnown: true },
      ...{ segments: [], moves: [], instances: [], thresholds: null, schedule: null },
      ...{ run: null, gaps: null, others: null, objective: { p99Ms: 1_000, maxMs: 5_000 } },
      ...changed,
    },
    past: {
      ...{ sinceMs: 0, decisions: [], forecast: '', rebalances: [] },
      load: { atMs: [], clients: [], upper: [], lower: [], foreseen: [], low: [], high: [] },
    },
  };
}

/** Time that stands still until the test moves it, and what waits for it. */
export function virtualTime() {
  let nowMs = 1_000_000;
  let waits: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    clock: { monotonicMs: () => nowMs, wallMs: () => nowMs },
    later: (run: () => void, afterMs: number) => {
      const wait = { atMs: nowMs + afterMs, run };
      waits.push(wait);
      return () => void (waits = waits.filter((one) => one !== wait));
    },
    /** Runs what is due, in order, and lets it settle. */
    async pass(ms: number): Promise<void> {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = waits.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        waits = waits.filter((one) => one !== next);
        nowMs = next.atMs;
        next.run();
        await settled();
      }
      nowMs = untilMs;
    },
    waiting: () => waits.length,
  };
}

export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function openConsole(changed: Partial<ConsoleOptions> = {}) {
  const time = virtualTime();
  const acted: { readonly name: string; readonly wish: ActionWish; readonly by: string }[] = [];
  const reads: string[] = [];
  const feed = createFeed({
    read: async (service) => {
      reads.push(service);
      return pictureOf(service);
    },
    forget: () => undefined,
    ...time,
  });
  const body = Buffer.from('<!doctype html>');
  const asset: Asset = { body, gzipped: body, type: 'text/html; charset=utf-8', etag: '"1"' };
  const app = await consoleApp({
    assets: new Map([['/', asset]]),
    sessions: createSessions(() => token),
    feed,
    services: async () => ['messaging'],
    act: async (name, wish, by) => {
      acted.push({ name, wish, by });
      return { ok: true, text: 'done' };
    },
    cost: async () => ({ ok: true, lines: ['nobody moves'] }),
    clock: time.clock,
    registry: new Registry(),
    isLocal: true,
    ...changed,
  });
  const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { ...ownPage, ...headers } });
  const logIn = async (by = 'ada') => {
    const answer = await post('/api/login', { token, by });
    return {
      answer,
      cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '',
      csrf: answer.json<{ csrf: string }>().csrf,
    };
  };
  return { app, acted, reads, time, post, logIn };
}

const closers: (() => Promise<void>)[] = [];

/** The same, closed when the test is over. */
export async function openForTest(changed?: Partial<ConsoleOptions>) {
  const opened = await openConsole(changed);
  closers.push(() => opened.app.close());
  return opened;
}

/** For a file's `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

export const textOf = (answer: LightMyRequestResponse): string =>
  answer.json<{ text: string }>().text;
