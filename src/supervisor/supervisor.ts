// Owns: the services of one supervisor, the ports of their ordinals, and the memory of processes
// that have ended. Never speaks HTTP.

import { randomUUID } from 'node:crypto';
import { reservePorts } from '../../stack/ports.js';
import { BadInputError } from '../errors.js';
import type { InstancePorts } from './instance-process.js';
import { endedRememberedMax, servicesMax, shutdownGraceMs } from './limits.js';
import { runService, type Service } from './service.js';
import type { ServiceSpec } from './spec.js';

export interface Supervisor {
  /** Starts a service, or changes what the next instances of a running one are started with. */
  declare(name: string, spec: ServiceSpec): Service;
  /** Throws NoSuchServiceError. */
  service(name: string): Service;
  names(): readonly string[];
  /** Whether that process has certainly ended; false when it runs, or was never or too long ago known. */
  hasEnded(uid: string): boolean;
  /** Ends every instance of every service. */
  shutdown(): Promise<void>;
}

/** Thrown when a service was never declared here. */
export class NoSuchServiceError extends BadInputError {
  constructor(name: string, known: readonly string[]) {
    super(`no service ${name} is declared here`, {
      field: 'service',
      found: name,
      allowed: known.length === 0 ? 'none is declared yet' : known.join(', '),
    });
    this.name = 'NoSuchServiceError';
  }
}

export function createSupervisor(options: {
  readonly logDir: string;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}): Supervisor {
  const services = new Map<string, Service>();
  const ended = new Set<string>();
  const releases: (() => void)[] = [];
  const boot = randomUUID().slice(0, 8);

  const choosePorts = async (): Promise<InstancePorts> => {
    const reservation = await reservePorts([0, 0]);
    releases.push(() => reservation.release());
    const [client, probe] = reservation.ports as [number, number];
    return { client, probe };
  };
  const onEnded = (uid: string): void => {
    ended.add(uid);
    for (const oldest of ended) {
      if (ended.size <= endedRememberedMax) break;
      ended.delete(oldest);
    }
  };

  return {
    declare: (name, spec) => {
      const existing = services.get(name);
      if (existing !== undefined) {
        existing.redeclare(spec);
        return existing;
      }
      if (services.size >= servicesMax) {
        throw new BadInputError(`one supervisor runs at most ${servicesMax} services`, {
          field: 'service',
          found: name,
          allowed: `${servicesMax} services`,
        });
      }
      const { logDir, log } = options;
      const service = runService(name, spec, { logDir, log, choosePorts, onEnded, boot });
      services.set(name, service);
      return service;
    },
    service: (name) => {
      const service = services.get(name);
      if (service === undefined) throw new NoSuchServiceError(name, [...services.keys()]);
      return service;
    },
    names: () => [...services.keys()],
    hasEnded: (uid) => ended.has(uid),
    shutdown: async () => {
      await Promise.all([...services.values()].map((service) => service.shutdown(shutdownGraceMs)));
      for (const release of releases) release();
    },
  };
}
