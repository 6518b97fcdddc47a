// The process of a session directory: settings from the environment, the view of the logs, the HTTP
// servers. One process serves one service. Exit codes: 0 told to end, 1 failed, 2 wrong settings.

import type { DestinationStream } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { connectKafka } from '../adapters/kafka.js';
import { connectMongo } from '../adapters/mongo.js';
import { systemClock } from '../adapters/system-clock.js';
import { openRouting } from '../logs/routing.js';
import { createSkipNotes } from '../logs/skipped.js';
import { topicSpecs } from '../logs/topics.js';
import { directoryApp } from './directory.js';
import { readDirectorySettings, type Environment } from '../server/environment.js';
import { listenOn } from '../server/listen.js';
import { startProbes } from '../server/probes.js';
import { createLog, exitCodes, isProgram, runProgram, onTermination } from '../server/process.js';
import { countSkipped } from '../server/stats.js';
import { tokenSigner } from '../server/tokens.js';

/** Runs until it is told to end; resolves with the exit code. Throws what prevents a start. */
export async function main(env: Environment, logTo?: DestinationStream): Promise<number> {
  const settings = readDirectorySettings(env);
  const { service, partitions, port, probePort, host } = settings;
  const log = createLog({ service, component: 'directory' }, logTo);
  const termination = onTermination();
  const sign = await tokenSigner(settings.signingJwk);
  const registry = new Registry();
  registry.setDefaultLabels({ service });

  const bus = await connectKafka({
    brokers: settings.brokers,
    security: settings.kafkaSecurity,
    clientId: `${service}-directory`,
    logger: (level, message, fields) => log[level](fields ?? {}, message),
  });
  const configDb = await connectMongo({
    ...settings.mongo,
    lazy: true, // nothing that serving rests on is in it
    ...(settings.mongoDatabase === undefined ? {} : { database: settings.mongoDatabase }),
  });
  await bus.ensureTopics(topicSpecs(service, partitions));
  let ready = false;
  const probes = await startProbes({
    port: probePort,
    host,
    answers: {
      startup: () => ready || 'the ownership log is being read',
      live: () => true,
      ready: () => ready || 'the ownership log is being read',
    },
    registry,
  });
  const onSkipped = createSkipNotes({
    nowMs: () => systemClock.monotonicMs(),
    say: (detail) => log.warn(detail, 'record-skipped'),
    count: countSkipped(registry),
  });
  const routing = await openRouting({
    ...{ bus, service, partitions, configDb, onSkipped },
    clock: systemClock,
  });
  new Gauge({
    name: 'evenkeel_directory_revision',
    help: 'Revision by which the directory answers.',
    registers: [registry],
    collect() {
      this.set(routing.distribution()?.revision ?? 0);
    },
  });
  const app = await directoryApp({
    service,
    partitions,
    key: settings.key,
    routing,
    sign,
    clock: systemClock,
    registry,
  });
  const openPort = await listenOn(app, { port, host });
  ready = true;
  termination.arm();
  log.info({ port: openPort, probePort: probes.port }, 'serving');

  const signal = await termination.asked;
  log.info({ signal }, 'ending');
  ready = false;
  await app.close();
  await Promise.allSettled([routing.close(), probes.close()]);
  await Promise.allSettled([bus.close(), configDb.close()]);
  return exitCodes.done;
}

if (isProgram(import.meta.url)) void runProgram(() => main(process.env));
