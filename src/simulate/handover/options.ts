// Owns: the command line of the hand-over simulation: its options, its help, and what wrong use looks
// like.

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { faultLevels, type FaultLevel } from './faults.js';

export interface SimulateOptions {
  readonly seed: number;
  readonly rebalances: number;
  readonly clients: number;
  readonly instances: number;
  readonly partitions: number;
  readonly faults: FaultLevel;
  readonly events: boolean;
  readonly json: string | undefined;
  readonly sweep: number | undefined;
  readonly big: boolean;
  readonly svg: string | undefined;
}

/** The options, or the exit code of a command line that asks for help or is wrong. */
export function readOptions(argv: readonly string[]): SimulateOptions | number {
  const program = new Command('npm run simulate:handover --')
    .description(
      'Runs hand-overs of the real state machines in virtual time, from a seed, and checks every\n' +
        'invariant at every step.',
    )
    .usage('[options]')
    .option('--seed <n>', 'the same seed is the same run', whole(0, 2 ** 32 - 1), 1)
    .option('--rebalances <n>', 'in each world, one after the other', whole(1, 100_000), 20)
    .option('--clients <n>', 'that chat', whole(1, 100_000), 120)
    .option('--instances <n>', 'at most', whole(2, 200), 6)
    .option('--partitions <n>', 'of the service', whole(1, 20_000), 48)
    .option('--faults <level>', faultLevels.join(', '), oneOf(faultLevels), 'all')
    .option('--events', 'print one line per event', false)
    .option('--sweep <seeds>', 'so many worlds, from --seed on', whole(1, 1_000_000))
    .option('--big', '10.2 million clients on 160 instances: 8 more, then 8 less', false)
    .option('--svg <file>', 'with --big: draw the picture')
    .option('--json <file>', 'write every figure as JSON')
    .addHelpText('after', teaching)
    .showHelpAfterError('(--help shows what is possible)')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const options = program.opts<SimulateOptions>();
  if (options.sweep !== undefined && (options.events || options.big)) {
    process.stderr.write('--sweep runs many worlds: --events and --big are for one\n');
    return 2;
  }
  if (options.svg !== undefined && !options.big) {
    process.stderr.write('--svg draws the picture of --big: give both\n');
    return 2;
  }
  return { ...options, json: options.json, sweep: options.sweep, svg: options.svg };
}

function whole(from: number, to: number) {
  return (text: string): number => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isInteger(number) && number >= from && number <= to)
      return number;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

function oneOf<T extends string>(known: readonly T[]) {
  return (text: string): T => {
    const found = known.find((one) => one === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`"${text}" is none of ${known.join(', ')}.`);
  };
}

const teaching = `
What runs is what instances and clients run: lease, ownership log, hand-over,
connections, delivery and sends. Simulated are time, network, Kafka, processes.

Faults:
  none  a calm network
  some  crashes, pauses, dropped sockets, the broker away, late and repeated
        records, sagas that are aborted or die
  all   also slow machines, clocks that drift, cut lines, reconnect storms,
        appends of unknown outcome, ConfigDB or directory away

Examples:
  $ npm run simulate:handover -- --seed 7 --rebalances 50
  $ npm run simulate:handover -- --seed 7 --rebalances 50 --events | less
  $ npm run simulate:handover -- --sweep 200 --rebalances 50
  $ npm run simulate:handover -- --instances 36 --partitions 360 --clients 3000
  $ npm run simulate:handover -- --big --svg docs/handover-at-scale.svg

A violated invariant is printed with its seed, the virtual time and the events
before it; the same options print the same story again.
Exit status: 0 every invariant held, 1 one did not, 2 wrong use.`;
