// `evenkeel directory`: the session directory of a service on this machine, until it is told to end, with
// keys that are made at the first start. What a client needs to know is left in the folder of the parts.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import { reservePorts } from '../../stack/ports.js';
import { main as serveDirectory } from '../directory/main.js';
import { directoryFileOf, keysOf, writePrivately } from '../supervisor/folder.js';
import { parseServiceName } from '../supervisor/spec.js';
import { runCommand } from './command.js';
import { withSettings } from './context.js';
import { wholeNumber } from './given.js';
import { dataDirOption, partitionsOf } from './local-option.js';
import type { ExitCode } from './output.js';

interface DirectoryCommandOptions {
  readonly partitions?: string;
  readonly port: string;
  readonly dataDir: string;
}

export function directoryCommand(): Command {
  const command = new Command('directory')
    .description('run the session directory of a service on this machine, until SIGTERM')
    .argument('<service>', 'the service')
    .option('--partitions <P>', 'partitions of the service; never changes')
    .addOption(
      new Option('--port <port>', 'of 127.0.0.1, where clients ask; 0 for a free one').default('0'),
    )
    .addOption(dataDirOption());
  withSettings(command, ['KAFKA_BROKERS', 'MONGODB_URI', 'MONGODB_DATABASE']);
  return command.action(
    runCommand<DirectoryCommandOptions>(async ({ options, args, context, progress }) => {
      const service = parseServiceName(args[0]);
      const partitions = partitionsOf(options.partitions);
      const wished = wholeNumber('--port', options.port, { min: 0, max: 65_535 });
      const brokers = await context.require('KAFKA_BROKERS');
      const uri = process.env['MONGODB_URI_FILE'] ? {} : await mongoUri(context);
      const { dataDir } = options;
      const { signingJwk, directoryKey: key } = await keysOf(dataDir, service);
      const reservation = await reservePorts([0, 0]);
      const [free = 0, probePort] = reservation.ports;
      const port = wished === 0 ? free : wished;
      const url = `http://127.0.0.1:${port}`;
      mkdirSync(dataDir, { recursive: true });
      writePrivately(join(dataDir, directoryFileOf(service)), { url, key, pid: process.pid });
      progress(`the directory of ${service} is at ${url}, its key in ${dataDir}`);
      const database = await context.find('MONGODB_DATABASE');
      try {
        const surroundings = {
          ...process.env,
          ...uri,
          ...(database === undefined ? {} : { MONGODB_DATABASE: database }),
          KAFKA_BROKERS: brokers,
          EVENKEEL_SERVICE: service,
          EVENKEEL_PARTITIONS: String(partitions),
          EVENKEEL_HOST: '127.0.0.1',
          EVENKEEL_PORT: String(port),
          EVENKEEL_PROBE_PORT: String(probePort),
          EVENKEEL_SIGNING_JWK: JSON.stringify(signingJwk),
          EVENKEEL_DIRECTORY_KEY: key,
        };
        // Standard output is for the answer alone.
        const exitCode = await serveDirectory(surroundings, pino.destination(2));
        return {
          json: { stopped: true, service },
          text: 'directory stopped',
          exitCode: exitCode as ExitCode,
        };
      } finally {
        reservation.release();
      }
    }),
  );
}

async function mongoUri(context: {
  require(name: 'MONGODB_URI'): Promise<string>;
}): Promise<{ readonly MONGODB_URI: string }> {
  return { MONGODB_URI: await context.require('MONGODB_URI') };
}
