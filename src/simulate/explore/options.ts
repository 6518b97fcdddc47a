// Owns: the command line of the exploration: its options, its help, and what wrong use looks like.

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { WorldOptions } from './world-options.js';

export interface ExploreCommand {
  readonly worlds: readonly WorldOptions[];
  readonly json: string | undefined;
  readonly docs: boolean;
  readonly statesMax: number | undefined;
}

/** The options, or the exit code of a command line that asks for help or is wrong. */
export function readOptions(
  argv: readonly string[],
  worlds: readonly WorldOptions[],
): ExploreCommand | number {
  const program = new Command('npm run explore --')
    .description('Walks through every interleaving of small worlds of the real hand-over machines.')
    .usage('[options]')
    .option('--world <names>', 'comma-separated, all when absent', parseWorlds(worlds))
    .option('--json <file>', 'write every figure as JSON')
    .option('--docs', 'write the table into docs/exploration.md', false)
    .option('--states-max <n>', 'stop each world, unclosed, after so many states', parseStates)
    .addHelpText('after', teaching(worlds))
    .showHelpAfterError('(--help shows what is possible)')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const options = program.opts<{
    world?: readonly WorldOptions[];
    json?: string;
    docs: boolean;
    statesMax?: number;
  }>();
  const isPartial = options.world !== undefined || options.statesMax !== undefined;
  if (options.docs && isPartial) {
    process.stderr.write('--docs writes the whole table: use it without --world, --states-max\n');
    return 2;
  }
  const { world = worlds, json, docs, statesMax } = options;
  return { worlds: world, json, docs, statesMax };
}

function parseWorlds(worlds: readonly WorldOptions[]) {
  return (text: string): readonly WorldOptions[] =>
    text.split(',').map((name) => {
      const world = worlds.find((one) => one.name === name.trim());
      if (world !== undefined) return world;
      const known = worlds.map((one) => one.name).join(', ');
      throw new InvalidArgumentError(`"${name}" is not a world; there are: ${known}.`);
    });
}

function parseStates(text: string): number {
  const states = Number(text);
  if (Number.isInteger(states) && states > 0) return states;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function teaching(worlds: readonly WorldOptions[]): string {
  const width = Math.max(...worlds.map(({ name }) => name.length));
  const list = worlds.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}\n`).join('');
  return `
Worlds:
${list}
Each world is walked breadth first until nothing new is found. A violated invariant ends it with the
shortest way there, one line an event. What is explored and what is left out: docs/exploration.md.

Examples:
  $ npm run explore
  $ npm run explore -- --world ${worlds[0]?.name ?? 'move'}
  $ npm run explore -- --json exploration.json

The table goes to standard output, progress to standard error.
Exit status: 0 no violation, 1 a violation or failed, 2 wrong use.`;
}
