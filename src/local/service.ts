// Owns: one service of a local Evenkeel: its topics, its keys, its session directory, and the
// declaration of its instances to the supervisor. Never decides how many instances there shall be.

import { randomBytes } from 'node:crypto';
import { reservePorts } from '../../stack/ports.js';
import type { GuardedProcess } from '../../stack/guarded.js';
import type { ProcessesPlatform } from '../adapters/processes.js';
import { connectionEnv } from '../connections/variables.js';
import { topicSpecs } from '../logs/topics.js';
import { generateKeys } from '../server/keys.js';
import type { Bus } from '../ports.js';
import { imageOf, isReady, whenReady, type ProgramName } from './programs.js';

export interface ServiceWish {
  readonly service: string;
  /** P */
  readonly partitions: number;
  /** Instances to start with. */
  readonly replicas: number;
  /** What an instance is, by docs/protocol.md §9. Default: the Messaging of this checkout. */
  readonly program?: InstanceProgram;
}

/** Any program that keeps the protocol; `env` is added to what every instance is told. */
export interface InstanceProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface LocalService {
  readonly service: string;
  readonly partitions: number;
  readonly directoryUrl: string;
  readonly directoryKey: string;
  /** What nobody may find in a log, a record or a history. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly directory: GuardedProcess;
  /** The directory's probes and metrics. */
  readonly directoryProbePort: number;
  /** Ends the session directory as a crash would; the answer starts another at the same address. */
  killDirectory(): Promise<() => Promise<void>>;
  /** Waits until so many instances are Ready. */
  instancesReady(count: number, withinMs?: number): Promise<void>;
}

export interface ServiceSurroundings {
  readonly start: (
    name: ProgramName,
    title: string,
    env: Readonly<Record<string, string>>,
  ) => Promise<GuardedProcess>;
  readonly logDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly bus: Bus;
  readonly platform: ProcessesPlatform;
}

const instancesWithinMs = 60_000;
const pollMs = 50;

export async function startService(
  wish: ServiceWish,
  around: ServiceSurroundings,
): Promise<LocalService> {
  const { service, partitions, replicas, program } = wish;
  const { start, logDir, env, bus, platform } = around;
  const [keys] = await Promise.all([
    generateKeys(),
    bus.ensureTopics(topicSpecs(service, partitions)),
  ]);
  const directoryKey = randomBytes(24).toString('base64url');
  const { KAFKA_BROKERS = '' } = env;
  await platform.declare(service, {
    ...(program === undefined
      ? { command: process.execPath, ...imageOf('instance') }
      : { command: program.command, args: program.args }),
    env: {
      ...program?.env,
      KAFKA_BROKERS,
      ...connectionEnv(env),
      EVENKEEL_HOST: '127.0.0.1',
      EVENKEEL_JWKS: JSON.stringify(keys.jwks),
    },
    partitions,
    replicas,
  });

  const reservation = await reservePorts([0, 0]);
  const [port, probePort] = reservation.ports as [number, number];
  try {
    const startDirectory = async (): Promise<GuardedProcess> => {
      const directory = await start('directory', `${service}-directory`, {
        EVENKEEL_SERVICE: service,
        EVENKEEL_PARTITIONS: String(partitions),
        EVENKEEL_HOST: '127.0.0.1',
        EVENKEEL_PORT: String(port),
        EVENKEEL_PROBE_PORT: String(probePort),
        EVENKEEL_SIGNING_JWK: JSON.stringify(keys.signingJwk),
        EVENKEEL_DIRECTORY_KEY: directoryKey,
      });
      await whenReady(directory, logDir, () => isReady(probePort));
      return directory;
    };
    let directory = await startDirectory();
    return {
      service,
      partitions,
      get directory() {
        return directory;
      },
      killDirectory: async () => {
        await directory.stop('SIGKILL');
        return async () => void (directory = await startDirectory());
      },
      directoryKey,
      secrets: { directoryKey, signingKey: keys.signingJwk.d ?? '' },
      directoryProbePort: probePort,
      directoryUrl: `http://127.0.0.1:${port}`,
      instancesReady: (count, withinMs = instancesWithinMs) =>
        instancesReady(platform, service, count, withinMs),
    };
  } finally {
    reservation.release();
  }
}

async function instancesReady(
  platform: ProcessesPlatform,
  service: string,
  count: number,
  withinMs: number,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const { instances, troubles = {} } = await platform.observe(service);
    const ready = instances.filter(({ phase }) => phase === 'ready');
    if (ready.length >= count) return;
    if (performance.now() > untilMs) {
      const states = instances.map(({ name, phase }) => `${name} ${phase}`).join(', ');
      const why = Object.entries(troubles).map(([name, trouble]) => `; ${name}: ${trouble}`);
      throw new Error(
        `${count} instances of ${service} were not ready in time: ${states}${why.join('')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
