// Owns: the names of the demo's services on backing services that others use as well.

import type { LocalCluster } from '../../src/local/cluster.js';

/** Empty where nobody has a service `messaging` or `lobby` yet; else one that keeps out of the way. */
export async function nameSuffix({ configDb, bus }: LocalCluster): Promise<string> {
  const known = new Set(await configDb.services());
  const hasLogs = async (service: string) => {
    try {
      return (await bus.bounds(`${service}.ownership`)).some(({ high }) => high > 0);
    } catch {
      return false; // No such topic.
    }
  };
  for (const service of ['messaging', 'lobby']) {
    if (known.has(service) || (await hasLogs(service))) return `-${Date.now().toString(36)}`;
  }
  return '';
}
