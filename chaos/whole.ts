// Owns: whether the service is whole just now: who owns, who runs, who is connected, what is under way; and
// waiting, bounded, until it is and stays so. Never asks it for anything.

import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { latestRun, rebalanceIdOf } from '../src/cli/temporal.js';
import { formatRanges } from '../src/core/ranges.js';
import { openOwnershipView, type OwnershipView } from '../src/logs/ownership-view.js';
import { lookEveryMs, partitions, wholeForMs } from './limits.js';
import type { Scene } from './scene.js';

/** Waits until nothing is missing for a while; returns what still was when the time had passed. */
export async function untilWhole(scene: Scene, withinMs: number): Promise<readonly string[]> {
  const untilMs = performance.now() + withinMs;
  const { cluster, name: service } = scene.world;
  const view = await openOwnershipView({ bus: cluster.bus, service, partitions });
  try {
    let wholeSinceMs: number | undefined;
    for (;;) {
      const missing = await missingIn(scene, view);
      const nowMs = performance.now();
      wholeSinceMs = missing.length > 0 ? undefined : (wholeSinceMs ?? nowMs);
      if (wholeSinceMs !== undefined && nowMs - wholeSinceMs >= wholeForMs) return [];
      if (nowMs > untilMs && missing.length > 0) return missing;
      await sleep(lookEveryMs);
    }
  } finally {
    await view.close();
  }
}

/** One sentence for each thing that is not as it should be; what cannot be asked is missing, too. */
async function missingIn({ world, fleet }: Scene, view: OwnershipView): Promise<readonly string[]> {
  const { cluster, name } = world;
  try {
    const [run, { replicas, instances }] = await Promise.all([
      latestRun(cluster.temporal, name),
      cluster.platform.observe(name),
      view.caughtUp(),
    ]);
    const ready = new Set(instances.flatMap((one) => (one.phase === 'ready' ? [one.name] : [])));
    const missing: string[] = [];
    if (run?.state === 'RUNNING') {
      missing.push(`a rebalance is under way, at ${run.status?.phase ?? 'an unknown step'}`);
    }
    for (const [from, to, owner] of view.ranges()) {
      const range = formatRanges([[from, to]]);
      if (owner === null) missing.push(`nobody owns ${range}`);
      else if (!ready.has(owner)) missing.push(`${owner} owns ${range} and is not ready`);
    }
    if (ready.size !== replicas) missing.push(`${ready.size} of ${replicas} instances are ready`);
    if (instances.length > replicas) missing.push(`${instances.length} instances run`);
    const away = fleet.clients - fleet.connected();
    if (away > 0) missing.push(`${away} of ${fleet.clients} clients are not connected`);
    return missing;
  } catch (error) {
    return [`cannot be asked: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** How a run of `rebalance/<service>` may be found when nothing is under way. */
export const namedStates: readonly string[] = [
  'NONE',
  'COMPLETED',
  'CANCELLED',
  'TERMINATED',
  ...['RebalanceUndone', 'CompensationFailed', 'Superseded', 'RunIsOver'],
];

/** The state of the latest run: its status, and where it failed the type of its failure. */
export async function stateOfRun({ world }: Scene): Promise<string> {
  const { cluster, name } = world;
  const run = await latestRun(cluster.temporal, name);
  if (run === null) return 'NONE';
  if (run.state !== 'FAILED') return run.state;
  try {
    await cluster.temporal.workflow.getHandle(rebalanceIdOf(name), run.runId).result();
    return 'COMPLETED';
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    return cause instanceof ApplicationFailure ? (cause.type ?? 'FAILED') : 'FAILED';
  }
}
