// The process of one instance of any service: settings from the environment, adapters, server, instance
// library, probes. Owns the order of starting and ending; decides nothing else. Exit codes: 0 told to end,
// 1 failed, 2 wrong settings, 3 fenced (whoever supervises it starts a new incarnation).

import { connectKafka } from '../adapters/kafka.js';
import { connectTraces } from '../adapters/opentelemetry.js';
import { systemClock } from '../adapters/system-clock.js';
import type { Logger } from 'pino';
import type { Instance } from '../instance/api.js';
import { incarnationOf, processOf } from '../instance/incarnation.js';
import { lifeInPod } from '../instance/life-in-pod.js';
import { checkPartitionCount } from '../instance/partition-count.js';
import { startInstance } from '../instance/start.js';
import { doorsPerInstance, leaveWithinMs } from '../limits.js';
import { topicSpecs } from '../logs/topics.js';
import {
  readInstanceSettings,
  type Environment,
  type InstanceSettings,
} from '../server/environment.js';
import { followKeySet } from '../server/key-set.js';
import { createLog, exitCodes, onTermination, runProgram } from '../server/process.js';
import { instanceAnswers } from '../server/readiness.js';
import type { CreateService } from '../server/service.js';
import { startServiceServer } from '../server/service-server.js';
import { addInstanceMetrics } from '../server/stats.js';
import { aFunction, checkGiven } from '../given.js';
import type { Bus } from '../ports.js';

/**
 * Runs one instance of a service until it is told to end, and ends the process with its exit code. What
 * prevents a start is one sentence on standard error. The environment says who it is: docs/protocol.md §9.
 */
export function runInstance(create: CreateService, env: Environment = process.env): Promise<never> {
  return runProgram(() => liveInstance(create, env));
}

/** The same without ending the process: resolves with the exit code. Throws what prevents a start. */
export async function liveInstance(create: CreateService, env: Environment): Promise<number> {
  checkGiven('runInstance', { create }, { create: aFunction });
  const settings = readInstanceSettings(env);
  const { service, name, ordinal, partitions, url } = settings;
  const log = createLog({ service, instance: name });
  const termination = onTermination();

  // Two large libraries that nothing waits for are loaded while Kafka is being reached: clients of the
  // life before are waiting.
  const [bus, { connectMongo }, { startProbes }] = await Promise.all([
    connectKafka({
      brokers: settings.brokers,
      security: settings.kafkaSecurity,
      clientId: name,
      logger: (level, message, fields) => log[level](fields ?? {}, message),
    }),
    import('../adapters/mongo.js'),
    import('../server/probes.js'),
  ]);
  const configDb = await connectMongo({
    ...settings.mongo,
    lazy: true, // nothing that serving rests on is in it
    ...(settings.mongoDatabase === undefined ? {} : { database: settings.mongoDatabase }),
  });
  const keys = followKeySet(settings.jwksSource, (change) => {
    if ('error' in change) log.error(change, 'keys-not-read');
    else log.info(change, 'keys-changed');
  });
  const traces = await connectTraces(env, service);
  const topics = ensureTopics(bus, service, partitions);
  const starting = startServiceServer({
    create,
    service,
    name,
    partitions,
    port: settings.port,
    host: settings.host,
    jwks: () => keys.current(),
    origins: settings.origins,
    moreDoors: doorsPerInstance - 1,
    bus,
    clock: systemClock,
    log,
  });
  const [server] = await Promise.all([starting, topics]);

  let instance: Instance | null = null;
  let rehearsing = true;
  const probes = await startProbes({
    port: settings.probePort,
    host: settings.host,
    answers: instanceAnswers({ instance: () => instance, rehearsing: () => rehearsing }),
    registry: server.stats.registry,
  });
  const started = await startInstance(
    { service, name, ordinal, partitions, url, sink: server.sink },
    {
      ...lifeOf(settings),
      bus,
      reports: configDb,
      clock: systemClock,
      trace: traces?.trace,
      log: ({ level, event, detail }) => log[level](detail ?? {}, event),
      onSkipped: server.stats.skipped,
      onMistake: (kind) => server.stats.mistake(kind),
    },
  );
  termination.arm();
  instance = started;
  server.attach(instance);
  addInstanceMetrics(server.stats.registry, instance);
  log.info(
    { port: server.port, probePort: probes.port, incarnation: instance.incarnation },
    'serving',
  );

  if (isIdle(instance)) await rehearseAlone(log);
  rehearsing = false;

  const end = await Promise.race([instance.ended, termination.asked]);
  if (end === 'SIGTERM' || end === 'SIGINT') {
    log.info({ signal: end }, 'leaving');
    await instance.leave(leaveWithinMs, termination.hurried);
  }
  const how = await instance.ended;
  keys.close();
  await server.close();
  await Promise.allSettled([probes.close(), bus.close(), configDb.close(), traces?.close()]);
  log.info({ how }, 'ended');
  return how === 'fenced' ? exitCodes.fenced : exitCodes.done;
}

/** Whoever was told a wrong P hears which is right. */
async function ensureTopics(bus: Bus, service: string, partitions: number): Promise<void> {
  try {
    await bus.ensureTopics(topicSpecs(service, partitions));
  } catch (error) {
    await checkPartitionCount(bus, service, partitions);
    throw error;
  }
}

/** Nobody waits for it: it neither holds partitions nor is about to. */
function isIdle(instance: Instance): boolean {
  const { held, warm } = instance.status();
  return held + warm === 0;
}

/** A rehearsal that fails is no reason not to serve. */
async function rehearseAlone(log: Logger): Promise<void> {
  const beganMs = systemClock.monotonicMs();
  // Whoever has no time to rehearse need not load the stage either.
  const [{ rehearse }, { createMemoryBus }, { createMemoryConfigDb }] = await Promise.all([
    import('../messaging/rehearsal.js'),
    import('../adapters/memory/bus.js'),
    import('../adapters/memory/config-db.js'),
  ]);
  const stage = { bus: createMemoryBus(), reports: createMemoryConfigDb(), clock: systemClock };
  try {
    const moves = await rehearse(stage);
    log.info({ moves, tookMs: Math.round(systemClock.monotonicMs() - beganMs) }, 'rehearsed');
  } catch (error) {
    log.warn({ error: error instanceof Error ? error.message : String(error) }, 'not-rehearsed');
  }
}

/** An incarnation names its process, so that the platform's word about that process is about it. */
function lifeOf({ uid, endedUids, pod }: InstanceSettings) {
  if (pod !== undefined) return lifeInPod(pod);
  const ended = new Set(endedUids);
  const hasEnded = (incarnation: string): boolean => ended.has(processOf(incarnation));
  return uid === undefined ? { hasEnded } : { incarnation: incarnationOf(uid), hasEnded };
}
