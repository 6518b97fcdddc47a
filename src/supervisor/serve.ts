// Owns: one supervisor from its start to its end: its API on 127.0.0.1, its address file, and its instances,
// which end with this process by whatever way it ends. Never reads the environment.

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { processGuard } from '../../stack/guarded.js';
import { BadInputError } from '../errors.js';
import { createApi } from './api.js';
import { supervisorFile, writePrivately } from './folder.js';
import type { ServiceSpec } from './spec.js';
import { createSupervisor } from './supervisor.js';

export interface ServedSupervisor {
  readonly url: string;
  /** Ends the instances, all at once, then the API. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Logs of instances, and supervisor.json {url, token, pid} (mode 0600). */
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Undefined: a random one, to be read from supervisor.json. */
  readonly token: string | undefined;
  /** Started at once. */
  readonly services: readonly (ServiceSpec & { readonly service: string })[];
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Throws BadInputError when the port is taken. */
export async function serveSupervisor(options: ServeOptions): Promise<ServedSupervisor> {
  const { port, log, services } = options;
  const dataDir = resolve(options.dataDir);
  const token = options.token ?? randomBytes(24).toString('base64url');
  mkdirSync(dataDir, { recursive: true });
  processGuard(); // Before anything is started, so that nothing can be orphaned.

  const supervisor = createSupervisor({ logDir: dataDir, log });
  const api = createApi(supervisor, token);
  const url = await listen(api, port);
  for (const { service, ...spec } of services) supervisor.declare(service, spec);
  writePrivately(join(dataDir, supervisorFile), { url, token, pid: process.pid });
  log('supervisor listens', { url });
  return {
    url,
    close: async () => {
      await supervisor.shutdown();
      await api.close();
    },
  };
}

async function listen(api: ReturnType<typeof createApi>, port: number): Promise<string> {
  try {
    return await api.listen({ host: '127.0.0.1', port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new BadInputError(
      `port ${port} of 127.0.0.1 is taken: give another one (EVENKEEL_SUPERVISOR_PORT)`,
      {
        field: 'EVENKEEL_SUPERVISOR_PORT',
        found: port,
        allowed: 'a free port, or none for any free one',
        cause,
      },
    );
  }
}
