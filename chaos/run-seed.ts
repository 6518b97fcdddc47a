// Owns: one seed from its start to its verdict: the scene is set, the script is played, peace returns, and
// what is then is looked at. Never decides what is wrong (verdict.ts).

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GapSummary } from '../src/load/gaps.js';
import type { MessageCounts } from '../src/load/message-account.js';
import { stackHome } from '../stack/checkout.js';
import { leftOf, lookAtLogs, nextRequest, rest, sagasOf } from './aftermath.js';
import { createAsking } from './asking.js';
import { createBreaking } from './breaking.js';
import { isRequest, isWord, textOf, type ChaosEvent } from './events.js';
import { keepFiles, type KeptFiles } from './kept-files.js';
import { graceMs } from './limits.js';
import { welcomeNewcomers } from './newcomers.js';
import { openScene, type Scene } from './scene.js';
import { scriptText, type Script } from './script.js';
import { watchForStalls } from './stalls.js';
import { wrongIn } from './verdict.js';
import { stateOfRun, untilWhole } from './whole.js';

export interface SeedResult {
  readonly seed: number;
  /** Empty when every promise was kept. */
  readonly wrong: readonly string[];
  readonly clients: number;
  readonly seconds: number;
  readonly requests: number;
  readonly words: number;
  readonly faults: number;
  /** What the sagas ended with → how often; `none` died before they said. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly revisions: number;
  readonly planned: GapSummary;
  readonly lostConnections: GapSummary;
  readonly messages: MessageCounts;
  readonly overlaps: number;
  /** State of the last run when peace had returned, and how long that took. */
  readonly state: string;
  readonly peaceMs: number;
  /** The longest time for which this machine did nothing for us. */
  readonly stallMs: number;
  /** Where everything lies that was written about it; null when all went well. */
  readonly logs: string | null;
}

/** Never rejects for what the service does; throws when the scene cannot be set. */
export async function runSeed(
  script: Script,
  clients: number,
  say: (line: string) => void,
): Promise<SeedResult> {
  const name = `chaos-${script.seed}-${Date.now().toString(36)}`;
  const dir = join(stackHome, 'chaos', name);
  mkdirSync(dir, { recursive: true });
  const files = keepFiles(dir);
  const tell = (line: string): void => {
    files.line(line);
    say(line);
  };
  tell(scriptText(script));
  const stalls = watchForStalls();
  const scene = await openScene({ name, dir, clients, roundTripMs: script.roundTripMs }, say);
  let result: SeedResult;
  try {
    result = await play(script, scene, tell, files);
  } finally {
    await scene.stop();
  }
  const left = await leftOf(scene);
  const wrong = [...result.wrong, ...left.map((what) => `${what} outlived the service`)];
  for (const sentence of wrong) tell(`WRONG: seed ${script.seed}: ${sentence}`);
  const ended = { ...result, wrong, stallMs: stalls.longestMs(), logs: dir };
  stalls.stop();
  if (wrong.length > 0) return ended;
  rmSync(dir, { recursive: true, force: true });
  return { ...ended, logs: null };
}

async function play(
  script: Script,
  scene: Scene,
  tell: (line: string) => void,
  files: KeptFiles,
): Promise<SeedResult> {
  const { world, fleet } = scene;
  const startedMs = performance.now();
  const elapsed = (): string => `${((performance.now() - startedMs) / 1_000).toFixed(2)} s`;
  const hear = (sentence: string): void => tell(`  at ${elapsed().padStart(7)}: ${sentence}`);
  const asking = createAsking(scene);
  const breaking = createBreaking(scene, hear);
  const perform = async (event: ChaosEvent): Promise<void> => {
    await sleep(Math.max(0, event.atMs - (performance.now() - startedMs)));
    const did = isRequest(event)
      ? asking.request(event)
      : isWord(event)
        ? asking.word(event)
        : breaking.fault(event);
    // What cannot be done at that moment is not: that is part of the chaos.
    const came = await did.catch((error: unknown) => `not done: ${messageOf(error)}`);
    hear(`${textOf(event)}: ${came}`);
  };

  const window = fleet.open();
  await Promise.all(script.events.map(perform));
  hear('peace');
  const peaceFromMs = performance.now();
  const missing = [...(await rest(asking)), ...(await untilWhole(scene, graceMs))];
  const peaceMs = Math.round(performance.now() - peaceFromMs);
  const state = await stateOfRun(scene);
  hear(`${missing.length === 0 ? 'whole' : missing.join('; ')}; the last run is ${state}`);
  const { refused } = await welcomeNewcomers(world.service, script.seed);
  const next = await nextRequest(scene, asking);
  hear(next === null ? 'the next request does not end' : `next: ${next.outcome}: ${next.text}`);
  const missingAfter = await untilWhole(scene, graceMs);
  const logged = await lookAtLogs(scene);
  const { messages, missing: away, planned, lost } = await window.close();
  breaking.leaveAlone();
  const seen = { missing, state, refused, next, missingAfter, ...logged, messages, away };
  const wrong = wrongIn(seen);
  if (wrong.length > 0) await files.everything(scene);
  return {
    seed: script.seed,
    wrong,
    clients: fleet.clients,
    seconds: Math.round((performance.now() - startedMs) / 1_000),
    ...countsOf(script),
    ...(await sagasOf(scene)),
    planned,
    lostConnections: lost,
    messages,
    overlaps: logged.overlaps,
    state,
    peaceMs,
    stallMs: 0,
    logs: null,
  };
}

function countsOf({ events }: Script): Pick<SeedResult, 'requests' | 'words' | 'faults'> {
  const requests = events.filter(isRequest).length;
  const words = events.filter(isWord).length;
  return { requests, words, faults: events.length - requests - words };
}

/** What lies behind it: Temporal wraps what a workflow or a network says. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : messageOf(error.cause);
}
