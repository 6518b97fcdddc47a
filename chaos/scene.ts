// Owns: the service that a script is played on: a stack, instances, a directory and a worker of its own,
// all logs in one directory, and the crowd that chats. Never knows a fault.

import { join } from 'node:path';
import { quietPolicy, startWorld, type World } from '../bench/handover/world.js';
import { startSlowLinks, type SlowLinks } from '../bench/handover/slow-links.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { startFleet, type Fleet } from '../src/load/fleet.js';
import type { PlatformInstance } from '../src/ports.js';
import * as limits from './limits.js';

export interface Scene {
  readonly world: World;
  readonly fleet: Fleet;
  /** Null when clients dial the instances themselves. */
  readonly links: SlowLinks | null;
  stop(): Promise<void>;
}

export interface SceneWish {
  readonly name: string;
  readonly dir: string;
  readonly clients: number;
  readonly roundTripMs: number;
}

/** With which nothing is asked for by itself. */
export function restingPolicy(service: string): Policy {
  return {
    ...quietPolicy,
    ...limits.policyBounds,
    service,
    partitions: limits.partitions,
    instances: { min: 1, max: limits.instancesMax },
  };
}

/** Starts everything and waits until everybody is connected. Throws with nothing left running. */
export async function openScene(wish: SceneWish, say: (line: string) => void): Promise<Scene> {
  const { name, dir, clients, roundTripMs } = wish;
  const running: { world?: World; links?: SlowLinks; fleet?: Fleet } = {};
  const stop = async (): Promise<void> => {
    await running.fleet?.stop();
    await running.links?.stop();
    await running.world?.stop();
  };
  try {
    const world = await startWorld(limits.instancesFirst, say, {
      name,
      logDir: dir,
      stackDir: join(dir, 'stack'),
      policy: restingPolicy(name),
    });
    running.world = world;
    if (roundTripMs > 0) {
      running.links = await startSlowLinks({ urls: await world.urls(), roundTripMs });
    }
    const { directoryUrl, directoryKey } = world.service;
    const fleet = await startFleet({
      ...{ directoryUrl, directoryKey, prefix: 'user', users: clients, devices: 1 },
      processes: Math.ceil(clients / limits.clientsPerProcess),
      messagesPerSecond: clients * limits.messagesPerClientSecond,
      via: running.links?.via ?? {},
    });
    running.fleet = fleet;
    await fleet.joined();
    return { world, fleet, links: running.links ?? null, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Among those that run now, counted round and round. Throws when none does. */
export async function instanceAt(
  { cluster, name }: World,
  place: number,
): Promise<PlatformInstance> {
  const { instances } = await cluster.platform.observe(name);
  const found = instances[place % Math.max(1, instances.length)];
  if (found === undefined) throw new Error('no instance runs');
  return found;
}
