// `evenkeel conformance`: whether an instance, in whatever language, keeps docs/protocol.md. With
// --instance it looks at one of a running service; with --command it starts the program for itself.

import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { features, type Feature } from '../conformance/check.js';
import type { Scene } from '../conformance/scene.js';
import { BadInputError } from '../errors.js';
import { runCommand, type ActionInput, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { said } from './given.js';
import { wishedService } from './service-argument.js';
import { taskQueueOption } from './temporal.js';

interface ConformanceOptions {
  readonly instance?: string;
  readonly command?: string;
  readonly service?: string;
  readonly without?: string;
  readonly only?: string;
  readonly moves: boolean;
  readonly taskQueue: string;
}

type Input = ActionInput<ConformanceOptions>;

export function conformanceCommand(): Command {
  const command = new Command('conformance')
    .description('see whether an instance, in whatever language, keeps the protocol')
    .option('--instance <url>', 'an instance of a running service, as ws://host:port')
    .option('--command <program>', 'a program, which is started on a service of its own')
    .option('--service <name>', 'of --instance; found by its reports when absent')
    .option('--no-moves', 'of --instance: ask for no rebalance')
    .option('--without <features>', `what the service does not have: ${features.join(', ')}`)
    .option('--only <checks>', 'these checks alone, with commas between')
    .addOption(taskQueueOption());
  withSettings(command, [
    'KAFKA_BROKERS',
    'MONGODB_URI',
    'MONGODB_DATABASE',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'EVENKEEL_DIRECTORY_URL',
    'EVENKEEL_DIRECTORY_KEY',
  ]);
  return command.action(
    runCommand<ConformanceOptions>(async (input) => {
      const { instance, command: program } = input.options;
      if ((instance === undefined) === (program === undefined)) {
        throw new BadInputError('conformance needs an instance or a program, and one of them', {
          field: '--instance',
          found: instance === undefined ? 'neither' : '--instance and --command',
          allowed: '--instance ws://host:port, or --command "PROGRAM …"',
        });
      }
      const without = new Set(listed(input.options.without, '--without', features));
      return instance === undefined
        ? ofProgram(input, said('--command', program ?? '', 'a command line'), without)
        : ofInstance(input, instanceUrl(instance), without);
    }),
  );
}

function instanceUrl(text: string): string {
  if (/^wss?:\/\/[^/\s]+\/?\S*$/.test(text)) return text;
  throw new BadInputError(`--instance is ${text.trim() === '' ? '""' : text}`, {
    field: '--instance',
    found: text.trim() === '' ? '""' : text,
    allowed: 'the address of an instance, as ws://host:port',
  });
}

/** A list with commas, each one of these. */
function listed<T extends string>(
  text: string | undefined,
  field: string,
  known: readonly T[],
): readonly T[] {
  if (text === undefined) return [];
  return text.split(',').map((word) => {
    const found = known.find((name) => name === word.trim());
    if (found !== undefined) return found;
    throw new BadInputError(`${field} names ${word.trim() === '' ? '""' : word}`, {
      field,
      found: word.trim() === '' ? '""' : word,
      allowed: known.join(', '),
    });
  });
}

const newRun = (): string => randomBytes(3).toString('hex');

async function ofProgram(
  { options, context, progress }: Input,
  program: string,
  without: ReadonlySet<Feature>,
): Promise<CommandResult> {
  const only = await onlyOf(options);
  const [{ openScratchService }, { launchCommand }] = await Promise.all([
    import('../conformance/scratch-service.js'),
    import('../conformance/program.js'),
  ]);
  const run = newRun();
  const [bus, configDb] = await Promise.all([context.bus(), context.configDb()]);
  const [uri, database] = [
    await context.find('MONGODB_URI'),
    await context.find('MONGODB_DATABASE'),
  ];
  progress(`creates the topics of a service conformance-${run} and starts the program for it`);
  progress(
    'it is killed, paused and started again; nobody else notices. About a minute and a half …',
  );
  const scratch = await openScratchService({
    bus,
    configDb,
    launch: launchCommand(program),
    env: {
      KAFKA_BROKERS: await context.require('KAFKA_BROKERS'),
      // Absent where MONGODB_URI_FILE says it, which the program inherits.
      ...(uri === undefined ? {} : { MONGODB_URI: uri }),
      ...(database === undefined ? {} : { MONGODB_DATABASE: database }),
    },
    without,
    run,
  });
  try {
    return await judged(scratch.scene, only, progress);
  } finally {
    await scratch.close();
  }
}

async function ofInstance(
  { options, context, progress }: Input,
  url: string,
  without: ReadonlySet<Feature>,
): Promise<CommandResult> {
  const only = await onlyOf(options);
  const service = wishedService(options);
  const { findInstance, openRunningService } = await import('../conformance/running-service.js');
  const directory = {
    url: await context.require('EVENKEEL_DIRECTORY_URL'),
    key: await context.require('EVENKEEL_DIRECTORY_KEY'),
  };
  const [bus, configDb] = await Promise.all([context.bus(), context.configDb()]);
  const run = newRun();
  const found = await findInstance(url, { bus, configDb, service });
  progress(
    `${found.instance} of ${found.service}, ${found.partitions} partitions: connects some 60 clients and writes some 30 messages, all for users conformance-${run}-…`,
  );
  const mover = await moverFor(options, context, { ...found, run, only });
  progress(mover === undefined ? 'asks for no rebalance' : mover.announces);
  const running = await openRunningService({
    found,
    bus,
    configDb,
    directory,
    without,
    mover,
    run,
    say: progress,
  });
  const { listenForEnd } = await import('./conformance/told-to-end.js');
  const end = listenForEnd({
    first: (signal) => progress(`${signal}: ends in order; a second one ends it at once`),
    second: () => {
      if (mover !== undefined) progress(`it may have left one instance more: ${mover.byHand}`);
    },
  });
  try {
    return await Promise.race([judged(running.scene, only, progress, end.signal), end.told]);
  } finally {
    try {
      await running.close();
    } finally {
      end.forget();
    }
  }
}

async function moverFor(
  { moves, taskQueue }: ConformanceOptions,
  context: Input['context'],
  around: {
    readonly service: string;
    readonly run: string;
    readonly only: ReadonlySet<string> | undefined;
  },
) {
  const { service, run, only } = around;
  if (!moves || (await context.find('TEMPORAL_ADDRESS')) === undefined) return undefined;
  const [{ expectWorker }, { moverOf }, { allChecks }] = await Promise.all([
    import('./conformance/expect-worker.js'),
    import('./conformance/mover.js'),
    import('../conformance/run.js'),
  ]);
  const asks = allChecks.some(
    ({ name, needs = [] }) => needs.includes('moves') && (only?.has(name) ?? true),
  );
  if (!asks) return undefined;
  const [temporal, configDb] = await Promise.all([context.temporal(), context.configDb()]);
  await expectWorker(temporal, taskQueue);
  return moverOf({ temporal, configDb, service, taskQueue, run });
}

async function onlyOf({ only }: ConformanceOptions): Promise<ReadonlySet<string> | undefined> {
  if (only === undefined) return undefined;
  const { allChecks } = await import('../conformance/run.js');
  return new Set(
    listed(
      only,
      '--only',
      allChecks.map(({ name }) => name),
    ),
  );
}

async function judged(
  scene: Scene,
  only: ReadonlySet<string> | undefined,
  progress: Input['progress'],
  signal?: AbortSignal,
): Promise<CommandResult> {
  const [{ runChecks }, { conformanceText }] = await Promise.all([
    import('../conformance/run.js'),
    import('../conformance/text.js'),
  ]);
  const report = await runChecks(scene, {
    ...(only === undefined ? {} : { only }),
    ...(signal === undefined ? {} : { signal }),
    onResult: ({ check, verdict }) => progress(`${verdict.padEnd(7)} ${check}`),
  });
  return { json: report, text: conformanceText(report), exitCode: report.ok ? 0 : 1 };
}
