// Owns: the play with Prometheus and a forecast: a crowd that Prometheus has seen come for days, the next
// one, and an instance that is there before it. Never knows how a scenario is watched or judged.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DecisionRecord } from '../../src/core/scaling/record.js';
import { scrapeInstances, startPrometheus, type Prometheus } from '../../src/local/prometheus.js';
import type { PortReservation } from '../../stack/ports.js';
import { open, start, type Play } from './play.js';
import { runScenario, type Stage } from './scenarios.js';
import { periodMs, recordedText, shareAt } from './waves.js';

/** From the start of Prometheus until the crowd comes: the first distribution, and the quiet clients. */
const crowdInMs = 90_000;
/** The scenario begins so long before the crowd does: the Schedule acts within 40 s of that. */
const watchedBeforeMs = 30_000;
const followEveryMs = 1_000;
const decisionsLookedAt = 500;

export interface ForecastPlay extends Play {
  /** Where the worker was told that Prometheus is. */
  readonly prometheusAt: PortReservation;
  readonly onPrometheus: (prometheus: Prometheus) => void;
}

export async function playForecast(options: ForecastPlay): Promise<void> {
  const { cluster, story, clients: peak, signal, onScenario } = options;
  story.chapter('messaging: a chat service on two instances, and Prometheus');
  const started = await start(options, 'messaging', 2, 'forecast');
  const { service } = started.service;
  const risesAtMs = Date.now() + crowdInMs;
  const prometheus = await startPrometheus(
    join(cluster.logDir, 'prometheus'),
    (line) => story.say(line),
    {
      reserved: options.prometheusAt,
      history: recordedText(service, peak, risesAtMs, Date.now()),
    },
  );
  options.onPrometheus(prometheus);
  const clientsAt = (atMs: number) => Math.round(peak * shareAt(atMs, risesAtMs));
  story.say(
    `Prometheus: ${prometheus.url}. It has recorded three days in which every ` +
      `${periodMs / 60_000} minutes the number of clients rises from ${clientsAt(risesAtMs)} to ` +
      `${peak} within a minute. (They are made up; what comes now is measured.)`,
  );
  const { stage, policy } = await open(options, started);
  await stage.swarm.resize(clientsAt(risesAtMs));
  const { platform, logDir } = cluster;
  const stopScraping = scrapeInstances(prometheus, { service, platform, logDir });
  try {
    story.say(`${stage.swarm.connected()} clients are connected and chat; they are scraped now.`);
    const nextMs = nextRise(risesAtMs, Date.now() + watchedBeforeMs);
    await sleep(Math.max(0, nextMs - watchedBeforeMs - Date.now()), undefined, { signal });
    story.chapter('forecast: the next crowd is half a minute away');
    const { upper } = policy.clientsPerInstance;
    const crossing = 2 * upper;
    story.say(
      `Two instances are enough for ${crossing} clients. Waiting for that number would be to ` +
        `start the third instance while everybody arrives.`,
    );
    let crossedAtMs = 0;
    let hasBegun = false;
    const sinceMs = Date.now();
    const scenario = await runScenario(stage, {
      name: 'forecast',
      bySchedule: true,
      trigger: async () => {
        while (crossedAtMs === 0) {
          if (!hasBegun && Date.now() >= nextMs) story.say('The crowd begins to come.');
          hasBegun = Date.now() >= nextMs;
          await stage.swarm.resize(clientsAt(Date.now()));
          if (stage.swarm.connected() > crossing) crossedAtMs = Date.now();
          await sleep(followEveryMs, undefined, { signal });
        }
        story.say(`Now more than ${crossing} clients are connected: ${stage.swarm.connected()}.`);
      },
    });
    const wrong = await aheadFaults(stage, { sinceMs, crossedAtMs, upper });
    for (const sentence of wrong) story.say(`WRONG: ${sentence}.`);
    onScenario({ ...scenario, wrong: [...scenario.wrong, ...wrong] });
  } finally {
    stopScraping();
  }
}

/** The first one after `atMs`. */
function nextRise(risesAtMs: number, atMs: number): number {
  return risesAtMs + Math.max(0, Math.ceil((atMs - risesAtMs) / periodMs)) * periodMs;
}

/** Tells how far ahead it was; a sentence for everything that was not as promised. */
async function aheadFaults(
  { cluster, service: { service }, story }: Stage,
  seen: { readonly sinceMs: number; readonly crossedAtMs: number; readonly upper: number },
): Promise<string[]> {
  const { sinceMs, crossedAtMs, upper } = seen;
  const { configDb } = cluster;
  const [decisions, [saga]] = await Promise.all([
    configDb.decisions(service, sinceMs, decisionsLookedAt),
    configDb.rebalances(service, 1),
  ]);
  const records = decisions.map(({ atMs, body }) => ({ atMs, ...(body as DecisionRecord) }));
  const act = records.find(({ decision }) => decision.source === 'forecast');
  if (act === undefined) return ['no decision of the forecast is recorded'];
  // A rebalance's record has the time of its end.
  const servingAtMs = saga?.atMs ?? Infinity;
  const most = Math.max(
    ...records.flatMap(({ snapshot }) => snapshot.samples.map(({ clients }) => clients)),
  );
  const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
  story.say(
    `It was decided ${seconds(crossedAtMs - act.atMs)} before that, and the third instance served ` +
      `${seconds(crossedAtMs - servingAtMs)} before. No instance ever had more than ${most} ` +
      `clients (the threshold is ${upper}).`,
  );
  return [
    ...(act.atMs < crossedAtMs ? [] : ['the threshold was crossed before it was decided']),
    ...(servingAtMs < crossedAtMs ? [] : ['the third instance came after the crowd']),
    ...(most <= upper ? [] : [`an instance had ${most} clients, above ${upper}`]),
  ];
}
