// Owns: revisions that no saga wrote: somebody puts one into ConfigDB, and tells the instances or does
// not. Never waits for what comes of it.

import { hashOf } from '../activities/situation.js';
import type { OwnedRange } from '../src/core/records.js';
import { topicsOf } from '../src/logs/topics.js';
import type { MemoryService } from './memory-service.js';

/** Writes the next revision: the ranges of the latest, or those given. */
export async function writeRevision(
  { configDb, service, partitions }: MemoryService,
  ranges?: readonly OwnedRange[],
): Promise<number> {
  const latest = await configDb.latestDistribution(service);
  const revision = (latest?.revision ?? 0) + 1;
  const next = ranges ?? latest?.ranges ?? [];
  await configDb.insertDistribution({
    service,
    revision,
    partitions,
    ranges: next,
    hash: hashOf(service, revision, partitions, next),
    base: latest?.revision ?? null,
    plan: null,
    cause: { kind: 'operator', text: 'by hand' },
    epoch: 1,
    workflow: { id: 'by hand', runId: '' },
    atMs: Date.now(),
  });
  return revision;
}

/** Writes it and tells the instances, as the latest epoch does. */
export async function putInForce(
  world: MemoryService,
  ranges: readonly OwnedRange[],
): Promise<void> {
  const { service, bus, policy, configDb, partitions } = world;
  const revision = await writeRevision(world, ranges);
  const epoch = await configDb.latestEpoch(service);
  const said = { type: 'distribution', epoch, revision, rebalance: `${service}@${epoch}` };
  const hash = hashOf(service, revision, partitions, ranges);
  const message = { ...said, hash, ranges, instances: {}, pace: policy.pace };
  const appender = await bus.appender('by hand');
  const value = JSON.stringify(message);
  await appender.append([{ topic: topicsOf(service).control, partition: 0, value }]);
  await appender.close();
}
