// Owns: what must hold when a cell is over, whatever happened in it, by the names of ARCHITECTURE.md.
// Looks at ConfigDB, the logs, the platform and the histories; never at what the saga says of itself.

import { checkEvidence } from '../src/core/evidence/check.js';
import { checkTiling, rangesByInstance } from '../src/core/distribution.js';
import { instanceName } from '../src/core/records.js';
import { topicsOf } from '../src/logs/topics.js';
import type { MemoryService } from './memory-service.js';
import type { Stand } from './stand.js';

const recordsMax = 100_000;
const settleWithinMs = 10_000;
const settlePollMs = 100;
/** A payload in the history; the workflow's own limit is a little lower. */
const payloadMaxBytes = 2_048;
const eventsMax = 1_000;

/** The first thing wrong; undefined when everything holds. */
export async function violationIn(service: MemoryService): Promise<string | undefined> {
  return (
    (await tilingViolation(service)) ??
    (await evidenceViolation(service)) ??
    (await unservedPartitions(service)) ??
    killedHolders(service)
  );
}

/** The same once it is still: instances that read the last message may be one step behind the saga. */
export async function settled(service: MemoryService): Promise<string | undefined> {
  const untilMs = performance.now() + settleWithinMs;
  for (;;) {
    const violation = await violationIn(service);
    if (violation === undefined || performance.now() > untilMs) return violation;
    await new Promise((resolve) => setTimeout(resolve, settlePollMs));
  }
}

async function tilingViolation({ configDb, service }: MemoryService): Promise<string | undefined> {
  const latest = await configDb.latestDistribution(service);
  for (let revision = 1; revision <= (latest?.revision ?? 0); revision += 1) {
    const doc = await configDb.distribution(service, revision);
    const wrong = doc === null ? undefined : checkTiling(doc);
    if (wrong !== undefined) return `Tiling: revision ${revision}: ${wrong}`;
  }
  return undefined;
}

/** SingleOwner and Monotone, by the check that shares no code with the instances. */
async function evidenceViolation(world: MemoryService): Promise<string | undefined> {
  const { bus, service, partitions } = world;
  const { leases, ownership } = topicsOf(service);
  const check = checkEvidence(service, partitions);
  for (const topic of [leases, ownership]) {
    for (const { partition, low, high } of await bus.bounds(topic)) {
      const records = await bus.readRange(topic, partition, low, high, recordsMax);
      for (const { offset, timestampMs, value } of records) {
        const parsed: unknown = JSON.parse(value ?? 'null');
        check.add({ topic, partition, offset, timestamp: timestampMs, value: parsed });
      }
    }
  }
  const { ok, first } = check.finish();
  return ok ? undefined : `SingleOwner: ${JSON.stringify(first)}`;
}

/** Every partition is held as the latest distribution says, by an instance that runs. */
async function unservedPartitions(world: MemoryService): Promise<string | undefined> {
  const { configDb, service, platform } = world;
  const latest = await configDb.latestDistribution(service);
  if (latest === null) return 'no distribution';
  const wanted = textOf(latest.ranges);
  const held = textOf(await world.ranges());
  if (wanted !== held) return `not served as planned: wanted ${wanted}, held ${held}`;
  const { instances } = await platform.observe(service);
  const ready = new Set(instances.filter(({ phase }) => phase === 'ready').map(({ name }) => name));
  for (const ordinal of rangesByInstance(latest).keys()) {
    if (!ready.has(instanceName(service, ordinal))) return `${ordinal} owns and does not run`;
  }
  return undefined;
}

function textOf(ranges: Parameters<typeof rangesByInstance>[0]['ranges']): string {
  return JSON.stringify([...rangesByInstance({ ranges })]);
}

function killedHolders({ simulated }: MemoryService): string | undefined {
  for (const [uid, held] of simulated.heldAtStop) {
    if (held > 0) return `NoKill: ${uid} was ended while it held ${held} partitions`;
  }
  return undefined;
}

/** Reversible: after an undo the instances from before own everything, but for those that were lost. */
export async function undoneViolation(
  world: MemoryService,
  before: {
    readonly owners: readonly number[];
    readonly replicas: number;
    readonly template: string | undefined;
  },
  lost: readonly number[],
): Promise<string | undefined> {
  const latest = await world.configDb.latestDistribution(world.service);
  const owners = [...rangesByInstance({ ranges: latest?.ranges ?? [] }).keys()];
  const expected = before.owners.filter((ordinal) => !lost.includes(ordinal));
  if (JSON.stringify(owners) !== JSON.stringify(expected)) {
    return `Reversible: ${owners.join(', ')} own after the undo, not ${expected.join(', ')}`;
  }
  const { replicas, template } = await world.platform.observe(world.service);
  if (replicas !== before.replicas) {
    return `Reversible: ${replicas} instances run after the undo, not ${before.replicas}`;
  }
  if (template === before.template) return undefined;
  return `Reversible: instances are started with ${template} after the undo, not ${before.template}`;
}

/** Bounded: no payload above 2 KB, and a history of bounded length. */
export async function historyViolation(
  { client }: Stand,
  workflowId: string,
  runId: string,
): Promise<string | undefined> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  if ((events?.length ?? 0) > eventsMax) return `Bounded: ${events?.length} events`;
  for (const event of events ?? []) {
    const {
      activityTaskScheduledEventAttributes: asked,
      activityTaskCompletedEventAttributes: done,
    } = event;
    const payloads = [...(asked?.input?.payloads ?? []), ...(done?.result?.payloads ?? [])];
    const largest = Math.max(0, ...payloads.map(({ data }) => data?.length ?? 0));
    if (largest > payloadMaxBytes) {
      return `Bounded: ${asked?.activityType?.name ?? 'a result'} has a payload of ${largest} bytes`;
    }
  }
  return undefined;
}
