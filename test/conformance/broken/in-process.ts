// Messaging as instance-main.ts puts it together, inside the test's process on a bus in memory, with room
// for one mistake. Signals are played: SIGSTOP stands still, SIGKILL ends without a word.

import { pino } from 'pino';
import { createMemoryBus } from '../../../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../../../src/adapters/memory/config-db.js';
import { systemClock } from '../../../src/adapters/system-clock.js';
import type { Feature } from '../../../src/conformance/check.js';
import {
  openScratchService,
  type Life,
  type Scratch,
} from '../../../src/conformance/scratch-service.js';
import { BadInputError } from '../../../src/errors.js';
import type { Instance } from '../../../src/instance/api.js';
import { incarnationOf, processOf } from '../../../src/instance/incarnation.js';
import { startInstance } from '../../../src/instance/start.js';
import { leaveWithinMs } from '../../../src/limits.js';
import { readInstanceSettings } from '../../../src/server/environment.js';
import { startProbes } from '../../../src/server/probes.js';
import { instanceAnswers } from '../../../src/server/readiness.js';
import { startMessagingServer } from '../../../src/messaging/server.js';
import type { Bus, ConfigDb } from '../../../src/ports.js';
import { startFrameProxy } from './frame-proxy.js';
import type { Mistake } from './mistake.js';
import { pausingBus } from './pausing-bus.js';

type Env = Readonly<Record<string, string>>;
const host = '127.0.0.1';

/** A scratch service whose program is Messaging with this mistake, or without any. */
export async function scratchOf(
  mistake: Partial<Mistake>,
  without: readonly Feature[] = [],
): Promise<Scratch> {
  const bus = createMemoryBus();
  const configDb = createMemoryConfigDb();
  return openScratchService({
    bus,
    configDb,
    launch: (env) => live(env, { bus: bus.another(), configDb, mistake }),
    env: { KAFKA_BROKERS: 'memory:1', MONGODB_URI: 'mongodb://memory' },
    without: new Set(without),
    run: Math.random().toString(36).slice(2, 8),
  });
}

async function live(
  env: Env,
  around: { readonly bus: Bus; readonly configDb: ConfigDb; readonly mistake: Partial<Mistake> },
): Promise<Life> {
  const { configDb, mistake } = around;
  const settings = settingsOf(env);
  if (settings === null) {
    return {
      ended: Promise.resolve(mistake.exitCode?.(2) ?? 2),
      tail: () => '',
      signal: () => undefined,
    };
  }
  const { service, name, ordinal, partitions, url, uid, endedUids } = settings;
  const pausing = pausingBus(around.bus);
  const bus = mistake.bus?.(pausing) ?? pausing;
  const server = await startMessagingServer({
    service,
    name,
    partitions: mistake.partitions ?? partitions,
    port: mistake.frames === undefined ? settings.port : 0,
    host,
    jwks: settings.jwks,
    bus,
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
  const proxy =
    mistake.frames === undefined
      ? undefined
      : await startFrameProxy(settings.port, server.port, mistake.frames);
  let instance: Instance | null = null;
  const probes = await startProbes({
    port: settings.probePort,
    host,
    answers: instanceAnswers({ instance: () => instance, rehearsing: () => false }),
    registry: server.stats.registry,
  });
  let end: (code: number | null) => void = () => undefined;
  const ended = new Promise<number | null>((resolve) => (end = resolve));
  const finish = async (code: number | null): Promise<void> => {
    await proxy?.close();
    await server.close();
    await Promise.allSettled([probes.close(), around.bus.close()]);
    end(code);
  };
  const starting = (async () => {
    const ends = new Set(endedUids);
    const started = await startInstance(
      { service, name, ordinal, partitions, url, sink: server.sink },
      {
        bus,
        reports: reportsOf(configDb, mistake),
        clock: systemClock,
        log: () => undefined,
        incarnation: incarnationOf(uid ?? 'nobody'),
        hasEnded: (incarnation) => ends.has(processOf(incarnation)),
      },
    );
    instance = mistake.instance?.(started) ?? started;
    server.attach(instance);
    void started.ended.then((how) => {
      if (how === 'stopped') return;
      const code = how === 'fenced' ? 3 : 0;
      void finish(mistake.exitCode?.(code) ?? code);
    });
  })();
  starting.catch(() => void finish(1));
  return {
    ended,
    tail: () => '',
    signal: (signal) => {
      if (signal === 'SIGSTOP') pausing.pause();
      if (signal === 'SIGCONT') pausing.goOn();
      if (signal === 'SIGTERM') void instance?.leave(leaveWithinMs, new Promise(() => undefined));
      if (signal === 'SIGKILL') void instance?.stop().then(() => finish(null));
    },
  };
}

/** Null where the process that Messaging is would end with 2. */
function settingsOf(env: Env) {
  try {
    return readInstanceSettings(env);
  } catch (error) {
    if (error instanceof BadInputError) return null;
    throw error;
  }
}

/** What is reported, as a mistake wants it. */
const reportsOf = (
  configDb: ConfigDb,
  { report, answersNoPrepare }: Partial<Mistake>,
): ConfigDb => ({
  ...configDb,
  ...(report === undefined ? {} : { saveReport: (said) => configDb.saveReport(report(said)) }),
  ...(answersNoPrepare === undefined ? {} : { saveWarmed: () => Promise.resolve() }),
});
