// Owns: the command line of the benchmarks: its options, its help, and what wrong use looks like.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { BenchGroup } from './group.js';

const seedDefault = 1;
const roundsMax = 100;

export interface BenchOptions {
  readonly groups: readonly BenchGroup[];
  readonly json: string | undefined;
  readonly quick: boolean;
  readonly docs: boolean;
  readonly seed: number;
  readonly kinds: readonly string[] | undefined;
  readonly rounds: number | undefined;
}

/** The options, or the exit code of a command line that asks for help or is wrong. */
export function readOptions(
  argv: readonly string[],
  groups: readonly BenchGroup[],
): BenchOptions | number {
  const program = new Command('npm run bench --')
    .description('Measures Evenkeel beside what others use, on this machine, in one run.')
    .usage('[options]')
    .option('--only <groups>', 'comma-separated, all when absent', parseGroups(groups), groups)
    .option('--json <file>', 'write every figure as JSON')
    .option('--quick', 'a small sample of each case: seconds, and no figures of speed', false)
    .option('--docs', 'write the tables into docs/benchmarks.md', false)
    .option('--seed <n>', 'of weights, starts and walks', parseSeed, seedDefault)
    .option('--kinds <kinds>', kindsHelp(groups), parseKinds(groups))
    .option('--rounds <n>', 'of a kind that is repeated, so many', parseRounds)
    .addHelpText('after', teaching(groups))
    .showHelpAfterError('(--help shows what is possible)')
    .allowExcessArguments(false)
    .exitOverride();
  program.options.find(({ long }) => long === '--only')?.default(groups, 'all');
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const options = program.opts<{
    only: readonly BenchGroup[];
    json?: string;
    quick: boolean;
    docs: boolean;
    seed: number;
    kinds?: readonly string[];
    rounds?: number;
  }>();
  if (options.docs && options.quick) {
    process.stderr.write('--docs writes figures of speed, and --quick has none: use one of them\n');
    return 2;
  }
  const { only, json, quick, docs, seed, kinds, rounds } = options;
  if (docs && (kinds ?? rounds) !== undefined) {
    process.stderr.write('--docs writes whole tables: use it without --kinds and --rounds\n');
    return 2;
  }
  return { groups: only, json, quick, docs, seed, kinds, rounds };
}

function parseGroups(groups: readonly BenchGroup[]) {
  return (text: string): readonly BenchGroup[] =>
    text.split(',').map((name) => {
      const group = groups.find((one) => one.name === name.trim());
      if (group !== undefined) return group;
      const known = groups.map((one) => one.name).join(', ');
      throw new InvalidArgumentError(`"${name}" is not a group; there are: ${known}.`);
    });
}

const kindsOf = (groups: readonly BenchGroup[]): readonly string[] =>
  groups.flatMap(({ kinds = [] }) => kinds);

function kindsHelp(groups: readonly BenchGroup[]): string {
  return `only these of ${kindsOf(groups).join(', ')}`;
}

function parseKinds(groups: readonly BenchGroup[]) {
  return (text: string): readonly string[] =>
    text.split(',').map((word) => {
      const kind = word.trim();
      if (kindsOf(groups).includes(kind)) return kind;
      const known = kindsOf(groups).join(', ');
      throw new InvalidArgumentError(`"${kind}" is not a kind; there are: ${known}.`);
    });
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= roundsMax) return rounds;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${roundsMax}.`);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
  throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
}

function teaching(groups: readonly BenchGroup[]): string {
  const width = Math.max(...groups.map(({ name }) => name.length));
  const list = groups.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}\n`).join('');
  return `
Groups:
${list}
Examples:
  $ npm run bench -- --only plan
  $ npm run bench -- --only plan --json bench.json
  $ npm run bench -- --only plan --docs
  $ npm run bench -- --only handover --kinds planned --rounds 2

Tables go to standard output, progress to standard error. Kafka's own assignor
needs Java and Maven; where they are missing the report says so.
Exit status: 0 done, 1 failed, 2 wrong use.`;
}
