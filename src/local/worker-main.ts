// TEMPORARY
import { connectKafka } from '../adapters/kafka.js';
import { connectMongo } from '../adapters/mongo.js';
import { connectProcesses } from '../adapters/processes.js';
import { systemClock } from '../adapters/system-clock.js';
import { startWorker } from '../worker.js';
import type { ConfigDb, LoadSample } from '../ports.js';

const e = process.env as Record<string, string>;
const configDb: ConfigDb = await connectMongo({ uri: e['MONGODB_URI']! });
const worker = await startWorker({
  temporalAddress: e['TEMPORAL_ADDRESS']!,
  taskQueue: e['EVENKEEL_TASK_QUEUE']!,
  probePort: Number(e['EVENKEEL_PROBE_PORT']),
  ports: {
    configDb,
    bus: await connectKafka({ brokers: e['KAFKA_BROKERS']!.split(','), clientId: 'worker' }),
    platform: connectProcesses({
      url: e['EVENKEEL_SUPERVISOR_URL']!,
      token: e['EVENKEEL_SUPERVISOR_TOKEN']!,
    }),
    metrics: {
      load: async (service): Promise<readonly LoadSample[]> =>
        (await configDb.reports(service)).map((r) => ({
          instance: r.instance,
          clients: r.clients,
          ageMs: Date.now() - r.atMs,
        })),
    },
    clock: systemClock,
  },
});
process.on('SIGTERM', () => void worker.shutdown().then(() => process.exit(0)));
await worker.run;
