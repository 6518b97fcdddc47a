// Owns: the command line of the demo: its options, its help, and what wrong use looks like.

import { Command, CommanderError, InvalidArgumentError } from 'commander';

const clientsDefault = 300;
/** Fewer show no percentiles; more need more than a laptop. */
const clientsMin = 60;
const clientsMax = 2_000;

export interface DemoOptions {
  /** At the peak. */
  readonly clients: number;
  readonly report: string | undefined;
  readonly stay: boolean;
  /** The play with Prometheus and a forecast, instead. */
  readonly forecast: boolean;
}

const teaching = `
What you will see, in about a minute:
  grow         a chat service of 2 instances and 360 partitions fills up until a
               Temporal Schedule adds a third; 120 partitions move, and their
               live WebSocket clients with them
  shrink-back  it empties again, and the third instance goes
  shrink       a device gateway, moved by the same worker, shrinks from 3 to 2
  forced       an operator forces a rebalance with the plain Temporal CLI
With --forecast, in about three minutes:
  forecast     Prometheus has recorded three days in which a crowd comes every
               four minutes; the third instance is there before the next one
Every chat message is checked at its recipient, every gap is measured by the
client's own clock, and an independent checker replays the logs.

Examples:
  $ npm run demo
  $ npm run demo -- --stay             then look around: Temporal's Web UI, and
                                       npm run -s evenkeel -- status
  $ npm run demo -- --forecast
  $ npm run demo -- --report demo.json --clients 600

Temporal, Kafka and MongoDB are started here, unless TEMPORAL_ADDRESS,
KAFKA_BROKERS or MONGODB_URI name some that run. Ctrl-C ends what was started.
Exit status: 0 all as promised, 1 something was not, 2 wrong use,
130 interrupted.`;

/** The options, or the exit code of a command line that asks for help or is wrong. */
export function readOptions(argv: readonly string[]): DemoOptions | number {
  const program = new Command('npm run demo --')
    .description('Evenkeel at work, on real Temporal, Kafka and a MongoDB server.')
    .usage('[options]')
    .option('--clients <n>', 'WebSocket clients at the peak', parseClients, clientsDefault)
    .option('--report <file>', 'write what happened as JSON')
    .option('--forecast', 'Prometheus as the source, and a forecast that acts', false)
    .option('--stay', 'keep everything running at the end, until Ctrl-C', false)
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
  const { clients, report, stay, forecast } = program.opts<{
    clients: number;
    report?: string;
    stay: boolean;
    forecast: boolean;
  }>();
  return { clients, report, stay, forecast };
}

function parseClients(text: string): number {
  const clients = Number(text);
  if (Number.isInteger(clients) && clients >= clientsMin && clients <= clientsMax) return clients;
  throw new InvalidArgumentError(`It must be a whole number from ${clientsMin} to ${clientsMax}.`);
}
