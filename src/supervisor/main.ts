// Owns: the supervisor's process: `node dist/src/supervisor/main.js`. Reads its environment, serves
// its API until SIGTERM or SIGINT, and takes every instance with it, by whatever way it ends.
//
//   EVENKEEL_DATA_DIR          logs of instances, and supervisor.json {url, token, pid} (mode 0600)
//   EVENKEEL_SUPERVISOR_PORT   default: any free one
//   EVENKEEL_SUPERVISOR_TOKEN  default: a random one, to be read from supervisor.json
//   EVENKEEL_SERVICES_FILE     optional: JSON list of services to start with

import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { BadInputError } from '../errors.js';
import { dataDirDefault } from './folder.js';
import { serveSupervisor } from './serve.js';
import { parseDeclarations } from './spec.js';

const log = pino({ name: 'supervisor', level: process.env['EVENKEEL_LOG_LEVEL'] ?? 'info' });

try {
  await serve();
} catch (error) {
  // One sentence: whoever starts this reads its output.
  process.stderr.write(`supervisor: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof BadInputError ? 2 : 1);
}

async function serve(): Promise<void> {
  const token = process.env['EVENKEEL_SUPERVISOR_TOKEN'] || undefined;
  // Instances inherit this environment; they must not be able to start programs.
  delete process.env['EVENKEEL_SUPERVISOR_TOKEN'];
  const supervisor = await serveSupervisor({
    dataDir: process.env['EVENKEEL_DATA_DIR'] || dataDirDefault,
    port: readPort(process.env['EVENKEEL_SUPERVISOR_PORT']),
    token,
    services: readDeclarations(process.env['EVENKEEL_SERVICES_FILE']),
    log: (event, detail) => log.info(detail, event),
  });

  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info({ signal }, 'supervisor ends, and its instances with it');
    await supervisor.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new BadInputError('EVENKEEL_SUPERVISOR_PORT must be a port number', {
    field: 'EVENKEEL_SUPERVISOR_PORT',
    found: text,
    allowed: '0 to 65535',
  });
}

function readDeclarations(path: string | undefined): ReturnType<typeof parseDeclarations> {
  if (path === undefined || path === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new BadInputError(`EVENKEEL_SERVICES_FILE: ${path} is no readable JSON file`, {
      field: 'EVENKEEL_SERVICES_FILE',
      found: path,
      cause,
    });
  }
  return parseDeclarations(value);
}
