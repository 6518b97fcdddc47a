#!/usr/bin/env node
// Owns: the root of the command line: which commands there are, global options, and what wrong use
// looks like. Loads only the command that was asked for. Never does a command's work.

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { packageManifest } from '../package/manifest.js';
import { missingPackage } from '../package/peers.js';
import { registerInvocation, type Invocation } from './command.js';
import { helpTail } from './help.js';
import {
  endWithoutReader,
  errorJson,
  errorText,
  exitCodeOf,
  processIo,
  widthOfIo,
  type CliIo,
} from './output.js';
import { wrapText } from './wrap.js';

/** What people read in the list; `<name>Command()` of `./<name>.ts` knows the rest. */
const commands: Readonly<Record<string, string>> = {
  plan: 'compute who shall own which partition ranges, offline',
  simulate: 'replay recorded load against policies, offline, and count what it costs',
  worker: 'run the Temporal worker that evaluates and rebalances',
  apply: 'write a policy and its Schedule',
  diff: 'say what a policy file would change of the policy in force',
  policy: 'check a policy file, or print what one may contain',
  status: 'show services, instances, ranges and what is under way',
  history: 'list the rebalances of a service',
  explain: 'say how a revision came to be, or what was decided lately and why',
  rebalance: 'ask for a rebalance now',
  roll: 'start every instance again, one by one, moving each client about once',
  rollback: 'own again what an earlier revision said',
  approve: 'let the rebalance that waits for approval go on',
  reject: 'end the rebalance that waits for approval',
  abort: 'stop the running rebalance and undo what it has begun',
  pause: 'stop evaluating a service',
  resume: 'evaluate a service again',
  console: 'serve the page where operators watch and act',
  doctor: 'find what is wrong and say how to mend it',
  verify: 'replay the logs and look for a client on two instances',
  supervisor: 'run the instances of a service on this machine',
  directory: 'run the session directory of a service on this machine',
  conformance: 'see whether an instance, in whatever language, keeps the protocol',
};

export const commandNames: readonly string[] = Object.keys(commands);

async function load(name: string): Promise<Command> {
  const file = `./${name}.js`;
  const module = (await import(file)) as Readonly<Record<string, () => Command>>;
  const create = module[`${name}Command`];
  if (create === undefined) throw new Error(`${file} exports no ${name}Command`);
  return create();
}

const examples = `
Examples:
  $ evenkeel doctor messaging             what is wrong, and how to mend it
  $ evenkeel status messaging --watch     what is under way, until it is over
  $ evenkeel rebalance messaging --to 3 --dry-run
  $ evenkeel apply policy.yaml            policy and Schedule of a service
  $ evenkeel verify --service messaging   0 overlaps, or a counter-example

Something is wrong at night: doctor, then status, then docs/operations.md.
Where to: options, then environment variables (TEMPORAL_ADDRESS, KAFKA_BROKERS,
MONGODB_URI), then the local stack of this checkout (npm run stack -- up). TLS,
logins and API keys are environment variables only: KAFKA_TLS, TEMPORAL_TLS,
TEMPORAL_API_KEY_FILE, MONGODB_URI_FILE … (docs/secure-connections.md).
Exit status: 0 done, 1 failed, 2 wrong use or input, 3 refused by policy.`;

/**
 * Runs one command line, given without the program's name, and resolves with its exit code
 * (0 done, 1 failed, 2 wrong use or input, 3 refused by policy). Never rejects, never exits.
 */
export async function main(argv: readonly string[], io: CliIo = processIo): Promise<number> {
  if (io === processIo) endWithoutReader();
  const code = await run(argv, io);
  await io.flush?.();
  return code;
}

async function run(argv: readonly string[], io: CliIo): Promise<number> {
  const invocation: Invocation = { io, json: asksForJson(argv), exitCode: 0 };
  const shown: string[] = [];
  try {
    const program = await buildProgram(argv, invocation, shown);
    if (argv.length === 0) program.help({ error: true });
    await program.parseAsync([...argv], { from: 'user' });
    return invocation.exitCode;
  } catch (thrown) {
    const error = missingPackage(`evenkeel ${commandIn(argv)}`.trim(), thrown) ?? thrown;
    if (error instanceof CommanderError) return commanderEnd(error, invocation, shown.join(''));
    const debug = Boolean(io.env['EVENKEEL_DEBUG']);
    const help = `evenkeel ${commandIn(argv)} --help`;
    io.err(invocation.json ? '' : errorText(error, debug, widthOfIo(io), help));
    if (invocation.json) io.out(`${JSON.stringify(errorJson(error))}\n`);
    return exitCodeOf(error);
  }
}

/** The root with every command's name, and the body of the one that this command line names. */
async function buildProgram(
  argv: readonly string[],
  invocation: Invocation,
  /** Help and version as commander writes them, in pieces. */
  shown: string[],
): Promise<Command> {
  const { io } = invocation;
  const program = new Command('evenkeel')
    .description(
      'Moves partitions and live clients of a Kafka-partitioned service, once and safely.',
    )
    .usage('<command> [options]')
    .version(packageManifest().version)
    .addHelpText('after', examples);
  registerInvocation(program, invocation);
  const named = argv.filter((argument) => !argument.startsWith('-'));
  const wanted = named[0] === 'help' ? named[1] : named[0];
  for (const [name, description] of Object.entries(commands)) {
    const command = name === wanted ? await load(name) : new Command(name);
    if (command.description() === '') command.description(description);
    command.addHelpText('after', helpTail(name));
    program.addCommand(command);
  }
  const width = widthOfIo(io);
  prepare(program, {
    getOutHelpWidth: () => width,
    getErrHelpWidth: () => width,
    writeOut: (text) => void shown.push(text),
    // With --json the complaint becomes one object on standard output.
    writeErr: (text) =>
      invocation.json ? undefined : io.err(`${wrapText(text.trimEnd(), width)}\n`),
  });
  return program;
}

/** The same output, errors and --json for a command and everything below it. */
function prepare(command: Command, output: OutputConfiguration, path = command.name()): void {
  command
    .exitOverride()
    .configureOutput(output)
    .showHelpAfterError(`Nothing was done. What is possible: ${path} --help`)
    .option('--json', 'one JSON object on standard output and nothing else there');
  for (const child of command.commands) prepare(child, output, `${path} ${child.name()}`);
}

/** Commander ended the command line itself: it showed help or the version, or complained. */
function commanderEnd(error: CommanderError, { io, json }: Invocation, shown: string): number {
  if (error.exitCode === 0) {
    // Whoever reads JSON asks by name for what was asked: a version is no help.
    const answer =
      error.code === 'commander.version' ? { version: error.message } : { help: shown };
    io.out(json ? `${JSON.stringify(answer)}\n` : shown);
    return 0;
  }
  if (json) {
    const message = error.message
      .replace(/^error: /, '')
      .replace('(outputHelp)', 'no command given');
    io.out(`${JSON.stringify({ error: { message } })}\n`);
  }
  return 2;
}

/** The one that this command line names. */
function commandIn(argv: readonly string[]): string {
  return argv.find((argument) => argument in commands) ?? '';
}

/** Looked for before parsing, so that a complaint about the command line is JSON as well. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

if (process.argv[1] !== undefined && isThisFile(process.argv[1])) {
  process.exit(await main(process.argv.slice(2))); // Whatever a client library left open ends here.
}

function isThisFile(path: string): boolean {
  try {
    return realpathSync(path) === fileURLToPath(import.meta.url);
  } catch {
    return false;
  }
}
