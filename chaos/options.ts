// Owns: the command line of the chaos runs: its options, its help, and what wrong use looks like.

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import * as limits from './limits.js';

export interface ChaosOptions {
  readonly seeds: readonly number[];
  readonly clients: number;
  readonly durationMs: number;
  readonly dryRun: boolean;
  readonly json: string | undefined;
  readonly table: string | undefined;
}

const teaching = `
Each seed is a script of random requests, words and faults at random moments, the same every time, on the
whole real stack with chatting clients. Each is played on a stack that is started anew. A seed that fails
leaves everything about it in a directory that is named.

Examples:
  $ npm run chaos                                     ${limits.seedsDefault} seeds, some ${limits.seedsDefault} minutes
  $ npm run chaos -- --seed 7                         only that one
  $ npm run chaos -- --seed 7 --dry-run               what it would do
  $ npm run chaos -- --seed 6 --seeds 5 --json f.json seeds 6 to 10; what stands in f.json stays
  $ npm run chaos -- --json f.json --table docs/chaos.md

Progress goes to standard error. Exit status: 0 all well, 1 some failed, 2 wrong use.`;

/** The options, or the exit code of a command line that asks for help or is wrong. */
export function readOptions(argv: readonly string[]): ChaosOptions | number {
  const command = new Command('npm run chaos --')
    .description('random faults at random moments on the whole real stack with chatting clients')
    .usage('[options]')
    .option('--seeds <n>', `so many, default ${limits.seedsDefault}`, whole(1, limits.seedsMax))
    .option('--seed <n>', 'the first; alone: only this one', whole(0, 2 ** 32 - 1))
    .option('--clients <n>', 'that chat', whole(2, limits.clientsMax), limits.clientsDefault)
    .option('--seconds <n>', 'of a script', whole(5, limits.secondsMax), limits.secondsDefault)
    .option('--dry-run', 'print the scripts, play none', false)
    .option('--json <file>', 'write each seed there; others that stand there stay')
    .option('--table <file>', 'write the page of docs/chaos.md there')
    .addHelpText('after', teaching)
    .showHelpAfterError('(--help shows what is possible)')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const { seed, seeds, clients, seconds, dryRun, json, table } = command.opts<{
    seed?: number;
    seeds?: number;
    clients: number;
    seconds: number;
    dryRun: boolean;
    json?: string;
    table?: string;
  }>();
  const first = seed ?? 1;
  const count = seeds ?? (seed === undefined ? limits.seedsDefault : 1);
  return {
    seeds: Array.from({ length: count }, (_, i) => first + i),
    clients,
    durationMs: seconds * 1_000,
    ...{ dryRun, json, table },
  };
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
