// Owns: a whole Evenkeel on this machine, around backing services that run already: the supervisor as
// its platform, the worker, and one service after another with its session directory. What the demo
// and the integration tests stand on. Everything it starts dies with this process.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { connectKafka } from '../adapters/kafka.js';
import { connectMongo } from '../adapters/mongo.js';
import { connectProcesses, type ProcessesPlatform } from '../adapters/processes.js';
import { readKafkaSecurity } from '../connections/kafka.js';
import { readMongoAccess } from '../connections/mongo.js';
import { readTemporalSecurity } from '../connections/temporal.js';
import type { Bus, ConfigDb } from '../ports.js';
import { registerSearchAttributes } from '../search-attributes.js';
import { connectTemporal } from '../temporal-connection.js';
import type { GuardedProcess } from '../../stack/guarded.js';
import { startProgram, whenReady } from './programs.js';
import { startService, type LocalService, type ServiceWish } from './service.js';
import { startWorker, type LocalWorker } from './worker.js';

/** Addresses of the backing services; what `startStack` returns as `env`. */
export type Addresses = Readonly<Record<string, string>>;

export interface ClusterOptions {
  /** TEMPORAL_ADDRESS, KAFKA_BROKERS, MONGODB_URI, and what secures them (docs/secure-connections.md). */
  readonly addresses: Addresses;
  /** Logs of everything that is started. */
  readonly logDir: string;
  /** Default `evenkeel`; another one keeps apart from workers of others on a shared Temporal. */
  readonly taskQueue?: string;
}

export interface LocalCluster {
  /** Everything that leads here: the addresses, EVENKEEL_SUPERVISOR_URL, EVENKEEL_SUPERVISOR_TOKEN. */
  readonly env: Addresses;
  readonly logDir: string;
  readonly taskQueue: string;
  readonly bus: Bus;
  readonly configDb: ConfigDb;
  readonly platform: ProcessesPlatform;
  readonly temporal: Client;
  /** Starts a worker and waits until it polls; several are allowed. */
  startWorker(): Promise<LocalWorker>;
  /** Creates the topics, starts the session directory and declares the instances. */
  startService(wish: ServiceWish): Promise<LocalService>;
  /** Ends everything that was started here, politely. */
  stop(): Promise<void>;
}

/** Starts the supervisor and connects to everything. Throws, with nothing left running. */
export async function startCluster(options: ClusterOptions): Promise<LocalCluster> {
  const { addresses, logDir } = options;
  const taskQueue = options.taskQueue ?? 'evenkeel';
  const processes: GuardedProcess[] = [];
  const closers: (() => Promise<void>)[] = [];
  mkdirSync(logDir, { recursive: true });

  const stop = async (): Promise<void> => {
    // Whoever acts first, then what it acts on.
    await Promise.all(processes.splice(0).map((program) => program.stop()));
    await Promise.allSettled(closers.splice(0).map((close) => close()));
  };
  const start: Parameters<typeof startService>[1]['start'] = async (name, title, env) => {
    const program = await startProgram(name, { title, logDir, env: { ...addresses, ...env } });
    processes.push(program);
    return program;
  };

  try {
    const brokers = of(addresses, 'KAFKA_BROKERS').split(',');
    const temporalAddress = of(addresses, 'TEMPORAL_ADDRESS');
    const mongo = readMongoAccess(addresses);
    if (mongo === undefined) throw new TypeError('startCluster needs MONGODB_URI');
    const [supervisor, bus, configDb, connection] = await Promise.all([
      startSupervisor(start, logDir),
      connectKafka({ brokers, clientId: 'local', security: readKafkaSecurity(addresses, brokers) }),
      connectMongo(mongo),
      connectTemporal(temporalAddress, readTemporalSecurity(addresses, temporalAddress)),
    ]);
    closers.push(
      () => bus.close(),
      () => configDb.close(),
      () => connection.close(),
    );
    const temporal = new Client({ connection });
    await registerSearchAttributes(connection.operatorService, temporal.options.namespace);
    const platform = connectProcesses(supervisor);
    const env = {
      ...addresses,
      EVENKEEL_SUPERVISOR_URL: supervisor.url,
      EVENKEEL_SUPERVISOR_TOKEN: supervisor.token,
    };
    const around = { start, logDir, env, bus, configDb, platform, temporal, taskQueue };
    return {
      env,
      logDir,
      taskQueue,
      bus,
      configDb,
      platform,
      temporal,
      startWorker: () => startWorker(around),
      startService: (wish) => startService(wish, around),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSupervisor(
  start: Parameters<typeof startService>[1]['start'],
  logDir: string,
): Promise<{ url: string; token: string }> {
  const token = randomBytes(24).toString('base64url');
  const program = await start('supervisor', 'supervisor', {
    EVENKEEL_DATA_DIR: logDir,
    EVENKEEL_SUPERVISOR_TOKEN: token,
  });
  const { url } = await whenReady(program, logDir, async () => {
    try {
      const said = JSON.parse(readFileSync(join(logDir, 'supervisor.json'), 'utf8')) as {
        url: string;
        pid: number;
      };
      // A file of an earlier supervisor in the same directory leads nowhere.
      return said.pid === program.pid ? said : undefined;
    } catch {
      return undefined;
    }
  });
  return { url, token };
}

function of(addresses: Addresses, name: string): string {
  const address = addresses[name];
  if (address === undefined) throw new TypeError(`startCluster needs ${name}`);
  return address;
}
