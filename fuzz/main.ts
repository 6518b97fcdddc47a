// Owns: the command `npm run fuzz`: its options, its words, its exit code. Knows no target.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { fuzz, type FuzzReport } from './run.js';
import type { Target } from './target.js';
import { openers } from './targets/index.js';

const secondsDefault = 60;
const secondsMax = 86_400;
const seedBelow = 2 ** 31;

interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly only: readonly string[];
  readonly json: boolean;
}

const teaching = `
Targets:
  frames     what a client may send, against the connection code and a real instance
  topics     what may stand in the five topics, against a running instance
  records    the parsers and state machines; instance and evidence check must judge alike
  client     frames of a hostile server, against the client's state machine
  directory  requests to the session directory
  exports    lines of an export, for evenkeel verify

A failure prints the seed, the number of the execution, and the smallest input that still fails; the
same seed gives the same inputs. Exit status: 0 nothing found, 1 a failure, 2 wrong use.

Examples:
  $ npm run fuzz                                  all of them, for a minute
  $ npm run fuzz -- --seconds 600                 ten minutes: memory must stay flat
  $ npm run fuzz -- --seed 7 --only records       one of them, the same inputs again`;

/** Runs the fuzzers; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'number') return options;
  const strays: unknown[] = [];
  const stray = (error: unknown): void => void strays.push(error);
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);
  const targets: Target[] = [];
  for (const name of options.only) {
    const open = openers[name];
    if (open !== undefined) targets.push(await open());
  }
  const report = await fuzz({
    targets,
    seed: options.seed,
    seconds: options.seconds,
    strays,
    collect: collector(),
  });
  for (const target of targets) await target.close();
  process.off('uncaughtException', stray);
  process.off('unhandledRejection', stray);
  const text = options.json ? JSON.stringify(report) : formatReport(report);
  process.stdout.write(`${text}\n`);
  return report.failure === undefined ? 0 : 1;
}

function readOptions(argv: readonly string[]): Options | number {
  const names = Object.keys(openers);
  const program = new Command('npm run fuzz --')
    .description('Spoilt input of every kind, for as long as you like, from a seed.')
    .usage('[options]')
    .option('--seconds <n>', 'how long', whole(1, secondsMax), secondsDefault)
    .option('--seed <n>', 'of all inputs; a new one by default', whole(0, seedBelow - 1))
    .option('--only <targets>', `comma-separated: ${names.join(', ')}`, pick(names), names)
    .option('--json', 'one JSON object on standard output', false)
    .addHelpText('after', teaching)
    .showHelpAfterError('(--help shows what is possible)')
    .allowExcessArguments(false)
    .exitOverride();
  program.options.find(({ long }) => long === '--only')?.default(names, 'all');
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const found = program.opts<Omit<Options, 'seed'> & { seed?: number }>();
  return { ...found, seed: found.seed ?? Math.floor(Math.random() * seedBelow) };
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const n = Number(text);
    if (/^\d+$/.test(text) && n >= min && n <= max) return n;
    throw new InvalidArgumentError(`it must be a whole number from ${min} to ${max}.`);
  };
}

function pick(names: readonly string[]) {
  return (text: string): readonly string[] =>
    text.split(',').map((part) => {
      const name = part.trim();
      if (names.includes(name)) return name;
      throw new InvalidArgumentError(`"${name}" is not a target; there are: ${names.join(', ')}.`);
    });
}

/** Node gives the collector only to who asks for it by a flag. */
function collector(): () => void {
  setFlagsFromString('--expose_gc');
  return runInNewContext('gc') as () => void;
}

function formatReport(report: FuzzReport): string {
  const { executions, perSecond, elapsedMs, memoryMb, seed, failure } = report;
  const each = Object.entries(executions).map(([name, n]) => `${name} ${n}`);
  const lines = [
    `${Object.values(executions).reduce((sum, n) => sum + n, 0)} executions in ${Math.round(elapsedMs / 1_000)} s, ${perSecond} a second: ${each.join(', ')}`,
    `heap after collection: ${memoryMb.start} MB once warm, ${memoryMb.end} MB at the end, ${memoryMb.max} MB at most`,
    `seed ${seed}: ${failure === undefined ? 'nothing found' : 'FAILED'}`,
  ];
  if (failure !== undefined) {
    lines.push(
      `${failure.target}, execution ${failure.execution}: ${failure.error}`,
      'smallest input:',
      ...failure.input.map((step) => `  ${JSON.stringify(step)}`),
    );
  }
  return lines.join('\n');
}
