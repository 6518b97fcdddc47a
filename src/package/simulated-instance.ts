// One instance of a simulated cluster: what `runInstance` composes, on a bus in memory and without a
// process of its own. Owns its server and its instance library.

import { pino } from 'pino';
import { systemClock } from '../adapters/system-clock.js';
import type { OnMistake } from '../instance/mistakes.js';
import { startInstance } from '../instance/start.js';
import type { DirectoryKeys } from '../server/keys.js';
import type { CreateService } from '../server/service.js';
import { startServiceServer } from '../server/service-server.js';
import type { Bus, ConfigDb } from '../ports.js';

const host = '127.0.0.1';

export interface SimulatedInstance {
  readonly name: string;
  readonly incarnation: string;
  readonly url: string;
  /** Ends at once: what it holds is not released. */
  stop(): Promise<void>;
}

export async function startSimulatedInstance(options: {
  readonly bus: Bus;
  readonly configDb: ConfigDb;
  readonly keys: DirectoryKeys;
  readonly service: string;
  readonly partitions: number;
  readonly create: CreateService;
  readonly name: string;
  readonly ordinal: number;
  readonly onMistake: OnMistake;
}): Promise<SimulatedInstance> {
  const { bus, configDb, keys, service, partitions, create, name, ordinal, onMistake } = options;
  const server = await startServiceServer({
    ...{ service, name, partitions, create, host, bus, onMistake },
    port: 0,
    jwks: keys.jwks,
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
  const url = `ws://${host}:${server.port}`;
  const instance = await startInstance(
    { service, name, ordinal, partitions, url, sink: server.sink },
    { bus, reports: configDb, clock: systemClock, log: () => undefined, onMistake },
  );
  server.attach(instance);
  return {
    ...{ name, url, incarnation: instance.incarnation },
    stop: async () => {
      await instance.stop();
      await server.close();
    },
  };
}
