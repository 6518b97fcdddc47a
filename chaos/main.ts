// Owns: the command `npm run chaos`: seed after seed, what each printed and came to, and the exit code.
// Knows no fault.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { machineFacts, machineLines } from '../bench/report.js';
import { readOptions, type ChaosOptions } from './options.js';
import { runSeed, type SeedResult } from './run-seed.js';
import { scriptOf, scriptText } from './script.js';
import { pageOf } from './table.js';

const interruptedCode = 130;
/** What is shared with others must not be killed. */
const given = ['TEMPORAL_ADDRESS', 'TEMPORAL_UI_URL', 'KAFKA_BROKERS', 'MONGODB_URI'];

/** Plays the seeds; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'number') return options;
  for (const name of given) delete process.env[name];
  const interrupted = (): void => process.exit(interruptedCode); // Exit handlers clean up.
  process.once('SIGINT', interrupted);
  // Processes of ours hold nothing open here while they start.
  const alive = setInterval(() => undefined, 60_000);
  try {
    return await play(options);
  } catch (error) {
    say(`The chaos cannot go on: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    clearInterval(alive);
    process.off('SIGINT', interrupted);
  }
}

async function play({ seeds, durationMs, clients, dryRun, json, table }: ChaosOptions) {
  let results = json === undefined ? [] : resultsIn(json);
  if (dryRun) {
    for (const seed of seeds) process.stdout.write(`${scriptText(scriptOf(seed, durationMs))}\n`);
    if (table !== undefined) writeFileSync(table, pageOf(results, about(durationMs)));
    return 0;
  }
  const own: SeedResult[] = [];
  for (const seed of seeds) {
    const result = await runSeed(scriptOf(seed, durationMs), clients, say);
    own.push(result);
    results = [...results.filter((one) => one.seed !== seed), result];
    // After every seed: a run that is interrupted was not for nothing.
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ seeds: results }, null, 1)}\n`);
    if (table !== undefined) writeFileSync(table, pageOf(results, about(durationMs)));
    process.stdout.write(`${lineOf(result)}\n`);
  }
  const failed = own.filter(({ wrong }) => wrong.length > 0).length;
  process.stdout.write(`${own.length} seeds, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function lineOf({ seed, wrong, seconds, messages, overlaps, state, logs }: SeedResult): string {
  const counts = `${messages.sent} messages, ${messages.lost} lost, ${overlaps} overlaps`;
  if (wrong.length === 0) return `ok   seed ${seed}: ${counts}, last run ${state}, ${seconds} s`;
  return `FAIL seed ${seed}: ${counts}: ${wrong.join('; ')}\n     everything about it lies in ${logs}`;
}

/** What an earlier run wrote there: its seeds stay, but for those that are played again. */
function resultsIn(file: string): readonly SeedResult[] {
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as { seeds: SeedResult[] }).seeds;
}

function about(durationMs: number): string {
  const machine = machineLines(machineFacts()).join(', ');
  const day = new Date().toISOString().slice(0, 10);
  return `Scripts of ${durationMs / 1_000} s; ${machine}; ${day}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
