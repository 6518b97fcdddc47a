// Owns: the supervisor's process: `node dist/src/supervisor/main.js`. Reads its environment, serves
// its API until SIGTERM or SIGINT, and takes every instance with it, by whatever way it ends.
//
//   EVENKEEL_DATA_DIR          logs of instances, and supervisor.json {url, token, pid} (mode 0600)
//   EVENKEEL_SUPERVISOR_PORT   default: any free one
//   EVENKEEL_SUPERVISOR_TOKEN  default: a random one, to be read from supervisor.json
//   EVENKEEL_SERVICES_FILE     optional: JSON list of services to start with

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { processGuard } from '../../stack/guarded.js';
import { BadInputError } from '../errors.js';
import { createApi } from './api.js';
import { parseDeclarations } from './spec.js';
import { createSupervisor } from './supervisor.js';

const log = pino({ name: 'supervisor', level: process.env['EVENKEEL_LOG_LEVEL'] ?? 'info' });

try {
  await serve();
} catch (error) {
  // One sentence: whoever starts this reads its output.
  process.stderr.write(`supervisor: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof BadInputError ? 2 : 1);
}

async function serve(): Promise<void> {
  const dataDir = resolve(process.env['EVENKEEL_DATA_DIR'] ?? '.evenkeel');
  const token = process.env['EVENKEEL_SUPERVISOR_TOKEN'] || randomBytes(24).toString('base64url');
  // Instances inherit this environment; they must not be able to start programs.
  delete process.env['EVENKEEL_SUPERVISOR_TOKEN'];
  mkdirSync(dataDir, { recursive: true });
  processGuard(); // Before anything is started, so that nothing can be orphaned.

  const supervisor = createSupervisor({
    logDir: dataDir,
    log: (event, detail) => log.info(detail, event),
  });
  const api = createApi(supervisor, token);
  const url = await listen(api, readPort(process.env['EVENKEEL_SUPERVISOR_PORT']));
  for (const { service, ...spec } of readDeclarations(process.env['EVENKEEL_SERVICES_FILE'])) {
    supervisor.declare(service, spec);
  }
  writeAddress(join(dataDir, 'supervisor.json'), { url, token, pid: process.pid });
  log.info({ url }, 'supervisor listens');

  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info({ signal }, 'supervisor ends, and its instances with it');
    await supervisor.shutdown();
    await api.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
}

async function listen(api: ReturnType<typeof createApi>, port: number): Promise<string> {
  try {
    return await api.listen({ host: '127.0.0.1', port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new BadInputError(
      `port ${port} of 127.0.0.1 is taken: give another EVENKEEL_SUPERVISOR_PORT`,
      {
        field: 'EVENKEEL_SUPERVISOR_PORT',
        found: port,
        allowed: 'a free port, or none for any free one',
        cause,
      },
    );
  }
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

/** Readers see the whole file or none, and only this user does. */
function writeAddress(path: string, address: { url: string; token: string; pid: number }): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
