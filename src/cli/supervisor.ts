// `evenkeel supervisor`: runs the instances of a service as processes of this machine, until it is told to
// end: the platform of a first try and of development. Its address is found by the other commands that are
// run in the same folder.

import { Command, Option } from 'commander';
import { dataDirDefault, keysOf } from '../supervisor/folder.js';
import { instancesMax } from '../supervisor/limits.js';
import { serveSupervisor } from '../supervisor/serve.js';
import { parseDeclarations, parseServiceName } from '../supervisor/spec.js';
import { runCommand } from './command.js';
import { wholeNumber } from './given.js';
import { dataDirOption, partitionsOf } from './local-option.js';
import { untilSignal } from './until-signal.js';

interface SupervisorCommandOptions {
  readonly partitions?: string;
  readonly replicas: string;
  readonly port: string;
  readonly dataDir: string;
}

export function supervisorCommand(): Command {
  return new Command('supervisor')
    .description('run the instances of a service on this machine, until SIGTERM')
    .usage('<service> --partitions <P> [options] -- <command...>')
    .argument('<service>', 'the service')
    .argument('<command...>', 'what one instance is: a program and its arguments')
    .option('--partitions <P>', 'partitions of the service; never changes')
    .option('--replicas <n>', 'instances to begin with', '1')
    .addOption(
      new Option('--port <port>', 'of its own interface on 127.0.0.1, 0 for a free one')
        .env('EVENKEEL_SUPERVISOR_PORT')
        .default('0'),
    )
    .addOption(dataDirOption())
    .action(
      runCommand<SupervisorCommandOptions>(async ({ options, args, progress }) => {
        const [named, command, ...given] = args.flat(); // Commander gives the program's words as one list.
        const service = parseServiceName(named);
        const partitions = partitionsOf(options.partitions);
        const replicas = wholeNumber('--replicas', options.replicas, { min: 0, max: instancesMax });
        const port = wholeNumber('--port', options.port, { min: 0, max: 65_535 });
        const dataDir = options.dataDir || dataDirDefault;
        // Instances inherit this environment; they must not be able to start programs.
        const token = process.env['EVENKEEL_SUPERVISOR_TOKEN'] || undefined;
        delete process.env['EVENKEEL_SUPERVISOR_TOKEN'];
        const { jwks } = await keysOf(dataDir, service);
        const env = { EVENKEEL_HOST: '127.0.0.1', EVENKEEL_JWKS: JSON.stringify(jwks) };
        const ended = untilSignal();
        const supervisor = await serveSupervisor({
          dataDir,
          port,
          token,
          services: parseDeclarations([
            { service, command, args: given, env, partitions, replicas },
          ]),
          log: (event, detail) =>
            progress(
              [event, ...Object.entries(detail).map(([k, v]) => `${k}=${String(v)}`)].join(' '),
            ),
        });
        await ended;
        await supervisor.close();
        return { json: { stopped: true, service }, text: 'supervisor stopped' };
      }),
    );
}
