// Owns: the command `npm run simulate:handover`: one world from its seed, or a sweep over many, what is
// printed of them, and the exit status. Knows no rule of a world.

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { readOptions, type SimulateOptions } from './options.js';
import { duration, number } from '../figures.js';
import { runScale } from '../scale/run.js';
import { addWorld, noTotals, summaryOf, violationOf } from './summary.js';
import { runWorld, type WorldOptions, type WorldResult } from './world.js';

/** Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'number') return options;
  for (const file of [options.json, options.svg]) {
    // A place that cannot be written is found now, not after minutes.
    const why = file === undefined ? null : whyNotWritable(file);
    if (why !== null) {
      say(`${file} cannot be written: ${why}`);
      return 2;
    }
  }
  if (options.big) return big(options);
  return options.sweep === undefined ? one(options) : sweep(options, options.sweep);
}

async function one(options: SimulateOptions): Promise<number> {
  const startedMs = performance.now();
  say(headOf(options));
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const result = await runWorld(worldOf(options, options.seed, options.events ? print : undefined));
  const totals = noTotals();
  addWorld(totals, result);
  writeJson(options, { result: { ...result, faults: Object.fromEntries(result.faults) } });
  if (result.violated !== null) return violated(result);
  process.stdout.write(`${summaryOf(totals, performance.now() - startedMs)}\n`);
  return 0;
}

/** The world at scale, and its picture for the documentation. */
async function big(options: SimulateOptions): Promise<number> {
  const startedMs = performance.now();
  const { table, figures } = await runScale(options.seed, options.svg ?? null, say);
  writeJson(options, figures);
  process.stdout.write(`${table}\n`);
  if (options.svg !== undefined) say(`picture: ${options.svg}`);
  say(`simulated in ${duration(performance.now() - startedMs)}`);
  return 0;
}

/** Many worlds, one after the other; the first violated invariant ends it. */
async function sweep(options: SimulateOptions, seeds: number): Promise<number> {
  const startedMs = performance.now();
  let saidMs = startedMs;
  say(`${headOf(options)}, ${seeds} worlds`);
  const totals = noTotals();
  for (let n = 0; n < seeds; n += 1) {
    const result = await runWorld(worldOf(options, options.seed + n));
    addWorld(totals, result);
    if (result.violated !== null) return violated(result);
    if (performance.now() - saidMs < progressEveryMs && n + 1 < seeds) continue;
    saidMs = performance.now();
    const done = [...totals.outcomes.values()].reduce((sum, count) => sum + count, 0);
    say(`seed ${options.seed + n}: ${number(done)} rebalances, ${duration(saidMs - startedMs)}`);
  }
  const tookMs = performance.now() - startedMs;
  writeJson(options, {
    totals: {
      ...totals,
      outcomes: Object.fromEntries(totals.outcomes),
      faults: Object.fromEntries(totals.faults),
    },
  });
  process.stdout.write(`${summaryOf(totals, tookMs)}\n`);
  return 0;
}

const progressEveryMs = 5_000;

function violated(result: WorldResult): number {
  process.stdout.write(`${violationOf(result)}\n`);
  return 1;
}

function worldOf(
  options: SimulateOptions,
  seed: number,
  print?: (line: string) => void,
): WorldOptions {
  const { rebalances, clients, instances, partitions, faults } = options;
  const world = { seed, rebalances, clients, instances, partitions, faults };
  return print === undefined ? world : { ...world, print };
}

function headOf(options: SimulateOptions): string {
  const { seed, rebalances, clients, instances, partitions, faults } = options;
  return `seed ${seed}: ${rebalances} rebalances, ${clients} clients, ${instances} instances, ${partitions} partitions, faults ${faults}`;
}

function whyNotWritable(file: string): string | null {
  try {
    closeSync(openSync(file, 'a'));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function writeJson({ json }: SimulateOptions, figures: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, undefined, 2)}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
