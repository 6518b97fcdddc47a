// Owns: the names of the demo's services on backing services that others use as well.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCluster } from '../../src/local/cluster.js';

/** A topic that exists answers at once; for one that does not the bus asks again and again. */
const topicAnswersWithinMs = 2_000;

/** Empty where nobody has a service `messaging` or `gateway` yet; else one that keeps out of the way. */
export async function nameSuffix({ configDb, bus }: LocalCluster): Promise<string> {
  const known = new Set(await configDb.services());
  const hasTopic = async (service: string): Promise<boolean> => {
    const asked = bus.bounds(`${service}.ownership`).then(
      (bounds) => bounds.length > 0,
      () => false,
    );
    return Promise.race([asked, sleep(topicAnswersWithinMs, false)]);
  };
  const taken = await Promise.all(
    ['messaging', 'gateway'].map(
      async (service) => known.has(service) || (await hasTopic(service)),
    ),
  );
  return taken.includes(true) ? `-${Date.now().toString(36)}` : '';
}
