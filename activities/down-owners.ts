// Owns: finding owners that are known to be down, by the platform's word and the ownership log, before a
// plan counts on them. Never guesses: whose process may still live is for the watcher. Reads only.

import { instanceName, processOf } from '../src/core/records.js';
import type { Connections } from './connections.js';
import { poll } from './polling.js';
import { ownersIn, takeSnapshot, type Snapshot } from './snapshot.js';
import type { GoneInstance } from './types.js';

/** An instance that is started again takes its partitions back within this, or others get them. */
const backWithinMs = 1_500;

/** Empty also where nobody else would be left: then whoever is down has to come back. */
export async function downOwners(
  connections: Connections,
  snapshot: Snapshot,
  gone: readonly string[],
): Promise<readonly GoneInstance[]> {
  const { saga } = snapshot;
  let down = await downIn(connections, snapshot, gone);
  if (down.length === 0) return down;
  await poll(
    connections.clock,
    backWithinMs,
    async () => {
      down = await downIn(connections, await takeSnapshot(connections, saga), gone);
      return down.length === 0 || undefined;
    },
    () => ({ waitingFor: down.map(({ instance }) => instance) }),
  );
  return down;
}

async function downIn(
  { platform }: Pick<Connections, 'platform'>,
  snapshot: Pick<Snapshot, 'saga' | 'latest' | 'platform' | 'view'>,
  gone: readonly string[],
): Promise<readonly GoneInstance[]> {
  const { service } = snapshot.saga;
  const { instances } = snapshot.platform;
  const ready = new Set(instances.filter(({ phase }) => phase === 'ready').map(({ name }) => name));
  const owners = (ownersIn(snapshot) ?? [])
    .map((ordinal) => instanceName(service, ordinal))
    .filter((name) => !gone.includes(name));
  const down: GoneInstance[] = [];
  for (const instance of owners.filter((name) => !ready.has(name))) {
    const incarnation = holderNamed(snapshot.view, instance);
    const silent =
      incarnation === null || (await platform.hasEnded(service, processOf(incarnation)));
    if (silent) down.push({ instance, incarnation, why: 'lost' });
  }
  return down.length < owners.length ? down : [];
}

/** The incarnation of an instance that holds something by the log; a fenced one holds nothing. */
function holderNamed({ log }: Snapshot['view'], instance: string): string | null {
  const held = log.holdings().find(({ holder }) => holder?.instance === instance);
  return held?.holder?.incarnation ?? null;
}
