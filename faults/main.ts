// Owns: the command `npm run faults`: its options, its words, its exit code. Knows no fault.

import { writeFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { startStack } from '../stack/start.js';
import { cells, faults, flows, nameOf, type Cell } from './matrix.js';
import { runCell, type CellResult } from './run-cell.js';
import { openStand } from './stand.js';
import { tableOf } from './table.js';

const jobsDefault = 8;
const jobsMax = 64;

interface Options {
  readonly json?: string;
  readonly table?: string;
  readonly only?: string;
  readonly every: number;
  readonly jobs: number;
}

const teaching = `
Every flow (${flows.map(({ name }) => name).join(', ')}), each of its steps, each fault:
${faults.map((fault) => `  ${fault}`).join('\n')}

On the real Temporal server of TEMPORAL_ADDRESS, or one that is started, with ports in memory. Each
cell ends with every partition served as planned, and the invariants held, or the command fails.

Examples:
  $ npm run faults -- --json faults.json --table docs/faults.md   all of them, some minutes
  $ npm run faults -- --only grow/commit                          cells whose name contains that`;

/** Runs the matrix; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'number') return options;
  endAtOnce();
  const chosen = cells()
    .filter((cell) => nameOf(cell).includes(options.only ?? ''))
    .filter((_cell, index) => index % options.every === 0);
  const own = process.env['TEMPORAL_ADDRESS'];
  const stack = own === undefined ? await startStack({ parts: ['temporal'] }) : undefined;
  const stand = await openStand(own ?? stack?.env['TEMPORAL_ADDRESS'] ?? '');
  const startedMs = performance.now();
  const results = await runAll(chosen, options.jobs, async (cell) => {
    const result = await runCell(cell, stand);
    process.stderr.write(
      `${result.ok ? 'ok  ' : 'FAIL'} ${nameOf(cell)}: ${result.outcome}${result.why === undefined ? '' : `: ${result.why}`}\n`,
    );
    return result;
  });
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ cells: results }, null, 1)}\n`);
  }
  if (options.table !== undefined) writeFileSync(options.table, tableOf(results));
  await stand.close();
  await stack?.stop();
  const failed = results.filter(({ ok }) => !ok).length;
  const took = Math.round((performance.now() - startedMs) / 1_000);
  process.stderr.write(`${results.length} cells, ${failed} failed, ${took} s\n`);
  return failed === 0 ? 0 : 1;
}

/**
 * On the first signal, whatever is under way: there is nothing to tidy up in memory, and the guard of the
 * server that was started ends it when this process is gone. A worker would wait for its activities.
 */
function endAtOnce(): void {
  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const;
  for (const [signal, code] of signals) {
    process.prependListener(signal, () => {
      process.stderr.write(`ended by ${signal}\n`);
      process.exit(code);
    });
  }
}

/** A bounded number at a time, results in the order of the cells. */
async function runAll(
  list: readonly Cell[],
  jobs: number,
  run: (cell: Cell) => Promise<CellResult>,
): Promise<readonly CellResult[]> {
  const results: CellResult[] = [];
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < list.length; at = next++) results[at] = await run(list[at] as Cell);
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return results;
}

function readOptions(argv: readonly string[]): Options | number {
  const whole = (text: string) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= jobsMax) return value;
    throw new InvalidArgumentError(`a whole number from 1 to ${jobsMax}`);
  };
  const command = new Command('faults')
    .description('every flow of the saga under every fault at every step')
    .option('--json <file>', 'write the cells there')
    .option('--table <file>', 'write the table of docs/faults.md there')
    .option('--only <text>', 'cells whose name contains this')
    .option('--every <n>', 'only every n-th cell', whole, 1)
    .option('--jobs <n>', 'cells at a time', whole, jobsDefault)
    .addHelpText('after', teaching)
    .exitOverride();
  try {
    return command.parse(argv, { from: 'user' }).opts<Options>();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
