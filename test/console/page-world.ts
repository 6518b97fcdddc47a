// Owns: the page that was built before a service that a test makes up: what it shows, and what its buttons do.
// Nothing is behind it; real forecasts of a made-up day stand in its past.
import { join } from 'node:path';
import { Registry } from 'prom-client';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/adapters/system-clock.js';
import { pastOf, type Kept } from '../../src/cli/console/past.js';
import { linksTo } from '../../src/cli/console/links.js';
import { consoleApp } from '../../src/console/app.js';
import { readAssets } from '../../src/console/assets.js';
import { createFeed } from '../../src/console/feed.js';
import type { ActionAnswer, ActionName, Now, Past, RunPicture } from '../../src/console/picture.js';
import { segmentsOf } from '../../src/console/segments.js';
import { createSessions } from '../../src/console/sessions.js';
import { gridOf } from '../../src/core/forecast/grid.js';
import { Forecaster } from '../../src/core/forecast/forecaster.js';
import { later } from '../../src/instance/later.js';
import { checkoutDir } from '../../stack/checkout.js';
import { pictureOf, token } from './world.js';

export interface PageWorld {
  readonly url: string;
  readonly token: string;
  /** What the service is from now on. */
  show(changed: Partial<Now>, past?: Partial<Past>): void;
  /** What buttons do from now on. */
  answer(act: (name: ActionName) => ActionAnswer): void;
  close(): Promise<void>;
}

const partitions = 360;
const minuteMs = 60_000;

export const quiet: Partial<Now> = {
  ...{ partitions, revision: 2, clients: 120, settled: true },
  segments: segmentsOf(
    partitions,
    { 'chat-0': [[0, 179]], 'chat-1': [[180, 359]] },
    {
      'chat-0': [[0, 179]],
      'chat-1': [[180, 359]],
    },
  ),
  instances: [0, 1].map((ordinal) => ({
    ...{ name: `chat-${ordinal}`, ordinal, phase: 'ready', clients: 60, partitions: 180 },
    ...{ ranges: `${ordinal * 180}-${ordinal * 180 + 179}`, revision: 2 },
    ...{ left: 0, arrived: 0, gap: null },
  })),
  thresholds: { lower: 20, target: 60, upper: 100 },
  schedule: { paused: false, note: null, everyMs: 15_000, nextAtMs: null, link: null },
};

export const running: RunPicture = {
  ...{ runId: 'r', running: true, startedAtMs: Date.now() - 9_000 },
  ...{ headline: 'grow 2 → 3, revision 2 → 3', asked: 'asked by ada: before the match' },
  ...{ phase: 'hand-over', onward: false, undoing: false, ahead: ['verify from the log'] },
  ...{ troubles: [], notes: [], queued: 0, approvalUntilMs: null, link: null },
  plan: {
    ...{ id: 'p', from: 2, to: 3, movedPartitions: 120, movedClients: 38, waves: 1 },
    estimateMs: 19_000,
  },
  progress: {
    ...{ done: 10, of: 120, arrived: 3, clients: 38, leftMs: 7_400, quietMs: 0, waitsFor: null },
  },
  steps: [
    {
      ...{ title: 'hand over in waves', state: 'running', note: '' },
      ...{ startedAtMs: Date.now(), tookMs: 0 },
    },
  ],
};

/** Decisions of six hours, minute by minute, with what the real forecaster foresaw for a quarter later. */
export function foreseen(nowMs: number): Past {
  const horizon = 15;
  const forecaster = new Forecaster({ grid: gridOf(minuteMs, horizon * minuteMs) });
  const kept: Kept[] = [];
  for (let step = -24 * 60; step <= 0; step += 1) {
    const atMs = nowMs + step * minuteMs;
    const clients = Math.round(120 + 70 * Math.sin((2 * Math.PI * step) / 360) + ((step * 7) % 13));
    forecaster.observe(clients);
    const said = forecaster.forecast();
    if (step < -360) continue;
    kept.push({
      seen: { atMs, kind: 'skip', desired: null, reasons: ['within'] } as unknown as Kept['seen'],
      ...{ clients, upper: 200, lower: 40 },
      foreseen: said === undefined ? null : { ...said, forMs: atMs + horizon * minuteMs },
    });
  }
  const links = linksTo(undefined, 'default');
  return pastOf({ service: 'chat', kept, forecast: '120 users', rebalances: [], links, nowMs });
}

export async function openPageWorld(): Promise<PageWorld> {
  const empty = pictureOf('chat').past;
  let [now, past]: [Partial<Now>, Past] = [quiet, empty];
  let act: (name: ActionName) => ActionAnswer = () => ({ ok: true, text: 'done' });
  const feed = createFeed({
    read: async (service) => ({
      atMs: Date.now(),
      now: { ...pictureOf(service).now, ...now },
      past,
    }),
    forget: () => undefined,
    ...{ clock: systemClock, later },
  });
  const app = await consoleApp({
    assets: readAssets(join(checkoutDir, 'dist', 'console-page')),
    sessions: createSessions(() => token),
    services: async () => ['chat'],
    act: async (name) => act(name),
    cost: async () => ({ ok: true, lines: ['the same line', 'the same line', 'another'] }),
    ...{ feed, clock: systemClock, registry: new Registry(), isLocal: true },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, token },
    show(changed, of = {}) {
      now = { ...quiet, ...changed };
      past = { ...past, ...of };
    },
    answer: (next) => void (act = next),
    close: () => app.close(),
  };
}
