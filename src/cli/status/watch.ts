// `evenkeel status SERVICE --watch`: looks at a rebalance again and again until it is over. Draws one
// frame in a terminal, writes a line a change elsewhere, and with --json one object a change. Reads
// only; a server that does not answer for a while is waited for.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigDb } from '../../ports.js';
import type { Client } from '@temporalio/client';
import type { CommandResult, Live } from '../command.js';
import { lastOutcomeOf } from '../last-rebalance.js';
import { exitCodeOf, latestRun } from '../temporal.js';
import { timeText } from '../when.js';
import { changesBetween, frameOf, progressOf, type LiveRun } from './live-view.js';

/** Heartbeats reach the server at most this often: looking more often would show nothing new. */
const lookEveryMs = 800;
/** Records of earlier sagas among which a run's own is looked for. */
const recordsLookedAt = 20;

export interface Watched {
  readonly client: Client;
  readonly configDb: Pick<ConfigDb, 'rebalances'>;
  readonly service: string;
  /** Goes on to the next run when one has ended. */
  readonly follow: boolean;
  readonly live: Live;
  readonly everyMs?: number;
}

/** Resolves when the run that it met first has ended; with `follow` never. */
export async function watch(watched: Watched): Promise<CommandResult> {
  const { service, follow, live, everyMs = lookEveryMs } = watched;
  const show = shower(live);
  let runId: string | undefined;
  let sawItRun = false;
  for (let looks = 0; ; looks += 1) {
    const run = await look(watched, runId).catch((error: unknown) => {
      if (looks === 0) throw error;
      return error instanceof Error ? error : new Error(String(error));
    });
    if (run instanceof Error) show.trouble(run);
    else if (run === null) {
      if (!follow)
        return { json: { service, rebalance: null }, text: `${service}: no rebalance yet` };
      if (looks === 0) show.nothing(service);
    } else {
      show.run(run, Date.now());
      sawItRun ||= run.state === 'RUNNING';
      // A run that goes on in a new one is not over.
      const goesOn = run.state === 'CONTINUED_AS_NEW';
      if (!follow) runId = goesOn ? undefined : run.runId;
      if (!follow && !goesOn && run.state !== 'RUNNING') return ended(run, sawItRun);
    }
    await sleep(everyMs);
  }
}

/** Whoever waits for the end hears by the exit code what came of it. */
function ended(run: LiveRun, sawItRun: boolean): CommandResult {
  const exitCode = !sawItRun ? 0 : run.last === null ? 1 : exitCodeOf(run.last.outcome);
  return { json: {}, text: '', written: true, exitCode };
}

async function look(
  { client, configDb, service }: Watched,
  runId: string | undefined,
): Promise<LiveRun | null> {
  const run = await latestRun(client, service, runId);
  if (run === null) return null;
  const records =
    run.state === 'RUNNING' ? [] : await configDb.rebalances(service, recordsLookedAt);
  const own = records.find((record) => record.runId === run.runId);
  return {
    ...run,
    service,
    last: run.state === 'RUNNING' ? null : lastOutcomeOf(run, own),
    progress: progressOf(run, Date.now()),
  };
}

/** How it is shown: drawn again in a terminal, else written when it changed. */
function shower(live: Live) {
  let before: LiveRun | null = null;
  let written = '';
  let drawn = 0;
  let trouble = '';

  const draw = (lines: readonly string[]) => {
    // Up to where the last frame began, and clear from there on.
    const back = drawn === 0 ? '' : `\x1b[${drawn}A\r\x1b[0J`;
    live.write(`${back}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const log = (line: string) => live.write(`${timeText(Date.now())}  ${line}\n`);

  return {
    run(run: LiveRun, nowMs: number): void {
      const columns = live.columns();
      if (live.json) {
        const text = JSON.stringify(run);
        if (text !== written) live.write(`${text}\n`);
        written = text;
      } else if (columns !== undefined) draw(frameOf(run, nowMs, columns));
      else for (const line of changesBetween(before, run, nowMs)) log(line);
      before = run;
      trouble = '';
    },
    nothing(service: string): void {
      if (!live.json) live.write(`${service}: no rebalance yet, waiting for one\n`);
    },
    /** Once for each kind of it; what was drawn stays, and the next frame comes below it. */
    trouble({ message }: Error): void {
      if (!live.json && message !== trouble) log(`cannot look: ${message.split('\n')[0] ?? ''}`);
      trouble = message;
      drawn = 0;
    },
  };
}
