// Owns: the command line of the load generator: its options, its help, and what wrong use looks like.

import { Command, CommanderError } from 'commander';
import { BadInputError } from '../errors.js';
import * as limits from './limits.js';

export interface LoadOptions {
  readonly clients: number;
  readonly devices: number;
  readonly messagesPerSecond: number;
  readonly processes: number;
  readonly seconds: number;
  readonly service: string | undefined;
  readonly json: string | undefined;
  readonly directoryUrl: string | undefined;
  readonly directoryKey: string | undefined;
}

const rateDefault = 100;
const secondsDefault = 30;

const teaching = `
Clients of the real client library ask the session directory, connect, and write
to each other at a steady rate. Every message is accounted for by its number:
accepted by the service, arrived at each client of its recipient, lost, arrived
twice, out of order. Every gap is measured by the client's own clock: of planned
moves (told by a DISCONNECT) and of lost connections.

Examples:
  $ npm run demo -- --stay                         a service to put under load
  $ npm run load -- --clients 200                  half a minute, 100 messages/s
  $ npm run load -- --clients 2000 --processes 2 --rate 300 --seconds 600
  $ npm run load -- --clients 400 --devices 2      200 users, phone and laptop
and meanwhile, in another terminal:
  $ npm run -s evenkeel -- rebalance messaging --instances 4

The directory is taken from the options, then EVENKEEL_DIRECTORY_URL and
EVENKEEL_DIRECTORY_KEY, then what runs for this checkout. Ctrl-C ends the chat,
and a second one everything at once.
Exit status: 0 all messages arrived, each once and in order, and everybody is
connected; 1 something is wrong; 2 wrong use; 130 interrupted.`;

/** The options, or the exit code of a command line that asks for help. Throws BadInputError. */
export function readOptions(argv: readonly string[]): LoadOptions | number {
  const program = new Command('npm run load --')
    .description('Connects clients to a service, lets them chat, and accounts for every message.')
    .usage('--clients <n> [options]')
    .option('--clients <n>', 'WebSocket clients, all together')
    .option('--devices <n>', 'clients of each user', '1')
    .option('--rate <n>', 'messages a second, all together', String(rateDefault))
    .option('--processes <n>', `processes that share the clients (default: one per 1000)`)
    .option('--seconds <n>', 'how long they chat once all are connected', String(secondsDefault))
    .option('--service <name>', 'refuse a directory that serves another service')
    .option('--json <file>', 'write what happened as JSON')
    .option('--directory-url <url>', 'instead of EVENKEEL_DIRECTORY_URL')
    .option('--directory-key <key>', 'instead of EVENKEEL_DIRECTORY_KEY')
    .addHelpText('after', teaching)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '');
    throw new BadInputError(`${message} (--help shows what is possible)`);
  }
  return judged(program.opts<Record<string, string | undefined>>());
}

function judged(given: Readonly<Record<string, string | undefined>>): LoadOptions {
  const clients = whole(given, 'clients', 1, limits.clientsMax);
  const devices = whole(given, 'devices', 1, limits.devicesMax);
  if (clients % devices !== 0) {
    throw wrong('clients', String(clients), `a multiple of --devices, which is ${devices}`);
  }
  const users = clients / devices;
  const processesMax = Math.min(limits.processesMax, users);
  const usual = Math.min(processesMax, Math.ceil(clients / limits.clientsPerProcess));
  const processes =
    given['processes'] === undefined ? usual : whole(given, 'processes', 1, processesMax);
  return {
    clients,
    devices,
    processes,
    messagesPerSecond: whole(given, 'rate', 0, limits.messagesPerSecondMax),
    seconds: whole(given, 'seconds', 1, limits.secondsMax),
    service: given['service'],
    json: given['json'],
    directoryUrl: given['directoryUrl'],
    directoryKey: given['directoryKey'],
  };
}

function whole(
  given: Readonly<Record<string, string | undefined>>,
  name: string,
  min: number,
  max: number,
): number {
  const text = given[name];
  const number = Number(text);
  const isRight = text?.trim() !== '' && Number.isInteger(number);
  if (text !== undefined && isRight && number >= min && number <= max) return number;
  throw wrong(name, text ?? 'nothing', `a whole number from ${min} to ${max}`);
}

function wrong(name: string, found: string, allowed: string): BadInputError {
  const field = `--${name}`;
  return new BadInputError(`${field} must be ${allowed}`, { field, found, allowed });
}
