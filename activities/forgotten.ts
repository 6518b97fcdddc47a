// Owns: holding ConfigDB's memory against what the instances, the logs and the platform show, and
// mending it where it has forgotten (src/core/saga/forgotten.ts decides): what is held becomes a
// distribution with a number that nobody has seen, and nobody who serves moves. It deletes nothing.

import { planDistribution } from '../src/core/placement/plan.js';
import { ordinalOf } from '../src/core/records.js';
import { memoryOf, mendCause, partitionsFault, type Memory } from '../src/core/saga/forgotten.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { takeBackAfterMs } from '../src/limits.js';
import { topicsOf } from '../src/logs/topics.js';
import type { OwnershipView } from '../src/logs/ownership-view.js';
import type { DistributionDoc, InstanceReport, PlatformView } from '../src/ports.js';
import type { Connections } from './connections.js';
import { tellGoal } from './notify.js';
import { poll } from './polling.js';
import { actualOwnership, currentView, hashOf, membersOf, toOwnedRanges } from './situation.js';
import { lastTold, partitionsIn, type Told } from './told.js';
import type { SagaRef, WorkflowRef } from './types.js';

/** Waves under way end, or are taken back, and instances report at least once a second. */
const settleWithinMs = takeBackAfterMs + 1_500;
/** Numbers that somebody else took first: dead runs whose commit was under way. */
const conflictsMax = 5;

export interface Remembered {
  readonly latest: DistributionDoc | null;
  /** What the instances were told last. */
  readonly told: Told;
  readonly memory: Memory;
  /** A sentence when P is not the same everywhere: nothing can be decided then. */
  readonly refused: string | undefined;
  /** One above the highest ordinal that runs, owns or holds; undefined where that cannot be told. */
  readonly known: number | undefined;
}

/** Looks; changes nothing. */
export async function remember(
  connections: Connections,
  service: string,
  { partitions }: Pick<Policy, 'partitions'>,
): Promise<Remembered> {
  const { configDb, bus, platform } = connections;
  const name = topicsOf(service).messages;
  const [latest, epoch, reports, observed, told, inTopic] = await Promise.all([
    configDb.latestDistribution(service),
    configDb.latestEpoch(service),
    configDb.reports(service),
    platform.observe(service),
    lastTold(connections, service),
    bus.partitionCount(name),
  ]);
  const { goal, said } = told;
  const refused = partitionsFault({
    service,
    policy: partitions,
    topic: { name, partitions: inTopic },
    distribution: latest,
    told: goal === null ? null : { revision: goal.revision, partitions: partitionsIn(goal) },
  });
  const view = refused === undefined ? await currentView(connections, service, partitions) : null;
  const highest = (of: (report: InstanceReport) => number) => Math.max(0, ...reports.map(of));
  const memory = memoryOf({
    latest: latest === null ? null : { ...latest, cause: latest.cause.kind },
    epoch,
    told: goal,
    said,
    claimed: view?.highestRevision() ?? 0,
    reported: { revision: highest((r) => r.revision), epoch: highest((r) => r.epoch) },
    platformEpoch: observed.epoch,
  });
  const known = view === null ? undefined : knownIn(latest, observed, view);
  return { latest, told, memory, refused, known };
}

function knownIn(
  latest: DistributionDoc | null,
  { replicas, instances }: PlatformView,
  view: OwnershipView,
): number {
  const running = instances.map(({ name }) => name);
  const holding = view.ranges().flatMap(([, , holder]) => holder ?? []);
  const named = [...running, ...holding].map((name) => ordinalOf(name) ?? -1);
  const owning = latest === null ? [] : membersOf(latest.ranges);
  return Math.max(replicas, ...[...named, ...owning].map((ordinal) => ordinal + 1));
}

/**
 * What is held becomes the latest distribution, and the instances are told; null where nobody holds or
 * shall hold anything. It has an epoch of its own, before that of the saga which finds this: an undo of
 * that saga goes back to it, and not past it.
 */
export async function mend(
  connections: Connections,
  { service, workflow }: { readonly service: string; readonly workflow: WorkflowRef },
  policy: Policy,
  { told, memory }: Remembered,
): Promise<DistributionDoc | null> {
  const { configDb, clock } = connections;
  const { partitions } = policy;
  const epoch = await configDb.takeEpoch(
    service,
    workflow.runId,
    clock.wallMs(),
    memory.above.epoch,
  );
  const saga: SagaRef = { service, rebalance: `${service}@${epoch}`, epoch };
  const { revision: said } = memory.above;
  await connections.publish(service, {
    type: 'hold',
    revision: said,
    rebalance: saga.rebalance,
    epoch,
  });
  const view = await currentView(connections, service, partitions);
  await settle(connections, service, view);
  const ranges = heldRanges(service, view, told, policy);
  if (ranges === null) return null;
  let revision = memory.above.revision + 1;
  for (let attempt = 1; attempt <= conflictsMax; attempt += 1) {
    const doc: DistributionDoc = {
      service,
      revision,
      partitions,
      ranges,
      hash: hashOf(service, revision, partitions, ranges),
      // What was before it is not known any more, so nothing goes back past it.
      base: null,
      plan: null,
      cause: { kind: mendCause, text: `what is held, because ${memory.notes.join('; ')}` },
      epoch,
      workflow,
      atMs: clock.wallMs(),
    };
    const result = await configDb.insertDistribution(doc);
    if (result.kind === 'committed') {
      await tellGoal(connections, saga, doc, 'distribution');
      return doc;
    }
    revision += 1;
  }
  throw new Error(`revisions up to ${revision} of ${service} are taken by others`);
}

/**
 * Waits, briefly, until whatever is on its way is held, and until the reports are no older than the
 * holders: where a backup was restored, addresses in ConfigDB are those of then.
 */
async function settle(
  { configDb, clock }: Connections,
  service: string,
  view: OwnershipView,
): Promise<void> {
  await poll(
    clock,
    settleWithinMs,
    async () => {
      const reports = await configDb.reports(service);
      const known = new Set(reports.map(({ incarnation }) => incarnation));
      const runs = view.log.holdings();
      return (
        runs.every(({ holder }) => holder !== null && known.has(holder.incarnation)) || undefined
      );
    },
    () => ({ waitingFor: 'waves that are under way, and reports' }),
  );
}

/** Held as it is; what nobody holds goes where it was told to go, or to the holders. */
function heldRanges(
  service: string,
  view: OwnershipView,
  { goal }: Told,
  policy: Policy,
): DistributionDoc['ranges'] | null {
  const current = actualOwnership(view, service, goal);
  const owners = Object.keys(current);
  if (owners.length === 0) return null;
  owners.sort((a, b) => (ordinalOf(a) ?? 0) - (ordinalOf(b) ?? 0));
  const { partitions, tolerance, maxRangesPerInstance } = policy;
  const pinned = Object.values(current).flat();
  const covered = pinned.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  if (covered === partitions) return toOwnedRanges(service, partitions, current);
  const input = { partitions, instances: owners, current, pinned, tolerance, maxRangesPerInstance };
  return toOwnedRanges(service, partitions, planDistribution(input).instances);
}
