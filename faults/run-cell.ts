// Owns: one cell of the matrix from a fresh service to a verdict. Never prints.

import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import { createActivities } from '../activities/index.js';
import { connect } from '../activities/connections.js';
import { rangesByInstance } from '../src/core/distribution.js';
import { instanceName } from '../src/core/records.js';
import type { RebalanceResult } from '../workflows/messages.js';
import { putInForce, writeRevision } from './by-hand.js';
import { historyViolation, settled, undoneViolation } from './check.js';
import { inject, stallingPorts, type Around } from './injection.js';
import { nameOf, requestOf, type Cell } from './matrix.js';
import { openMemoryService, type MemoryService } from './memory-service.js';
import type { Run, Stand } from './stand.js';

export interface CellResult {
  readonly flow: string;
  readonly step: string;
  readonly fault: string;
  readonly outcome: string;
  readonly instances: number;
  readonly revision: number;
  readonly ok: boolean;
  readonly why?: string;
}

/** A run that is not over by then hangs: no fault here keeps one for longer than some heartbeats. */
const runWithinMs = 90_000;
/** A failure is tried again for some 25 s before the saga is undone; an outage outlasts that. */
const awayMs = 30_000;
const lostOrdinal = 1;

let cellsRun = 0;

export async function runCell(cell: Cell, stand: Stand): Promise<CellResult> {
  const { flow, step, fault } = cell;
  cellsRun += 1;
  const service = `f${process.pid}x${cellsRun}`;
  const bounds = { instanceStartMs: 5_000, prepareMs: 5_000, notifyMs: 5_000 };
  const policy = { ...bounds, instances: { min: 1, max: 8 }, handOverStallMs: 5_000 };
  const replicas = flow.instances;
  const world = await openMemoryService({
    service,
    replicas,
    policy,
    clientsPerPartition: () => 1,
  });
  const connections = connect(world.ports);
  const real = createActivities(world.ports, connections);
  stand.route(service, real);
  const told = { flow: flow.name, step, fault };
  try {
    await closed(await stand.request(service, { reason: nameOf(cell) }), world);
    if (flow.name === 'in-place') await makeUneven(world);
    if (flow.first !== undefined) {
      await closed(await stand.request(service, requestOf(service, flow.first)), world);
    }
    const verdict = await underFault(cell, stand, world, real);
    const latest = await world.configDb.latestDistribution(service);
    const { why, outcome } = verdict;
    const end = { instances: await world.replicas(), revision: latest?.revision ?? 0 };
    return {
      ...told,
      outcome,
      ...end,
      ok: why === undefined,
      ...(why === undefined ? {} : { why }),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...told, outcome: 'none', instances: 0, revision: 0, ok: false, why };
  } finally {
    stand.forget(service);
    await world.simulated.stopAll();
    void connections.close().catch(() => undefined);
  }
}

async function underFault(
  cell: Cell,
  stand: Stand,
  world: MemoryService,
  real: ReturnType<typeof createActivities>,
): Promise<{ readonly outcome: string; readonly why: string | undefined }> {
  const { flow, step, fault } = cell;
  const { service, configDb } = world;
  const lost: number[] = [];
  const lose = async (ordinal: number) => {
    const instance = instanceName(service, ordinal);
    lost.push(ordinal);
    return { instance, incarnation: await world.crash(instance, 'down') };
  };
  const latest = await configDb.latestDistribution(service);
  const owners = [...rangesByInstance({ ranges: latest?.ranges ?? [] }).keys()];
  const { replicas, template } = await world.platform.observe(service);
  const before = { owners, replicas, template };
  const gone = flow.name === 'lost' ? { lost: [await lose(lostOrdinal)] } : {};

  const workflow = () => stand.client.workflow.getHandle(`rebalance/${service}`);
  const around: Around = {
    cancel: async () => void (await workflow().cancel()),
    terminate: async () => void (await workflow().terminate('fault matrix')),
    loseAnother: async () => {
      const another = [await lose(flow.alsoLost)];
      await stand.request(service, { source: 'instance-lost', lost: another });
    },
    writeRevision: async () => void (await writeRevision(world)),
    restoreConfigDb: world.backup(),
    goAway: (what) => {
      world.setAway(what, true);
      backAgain = sleep(awayMs).then(() => world.setAway(what, false));
    },
  };
  let backAgain = Promise.resolve();
  const doomedPorts = stallingPorts(world.ports);
  const doomed = createActivities(doomedPorts, connect(doomedPorts));
  const injection = inject(real, doomed, cell, around);
  stand.route(service, injection.activities);
  try {
    return await carriedThrough();
  } finally {
    injection.bury();
  }

  async function carriedThrough() {
    const first = await stand.request(service, { ...requestOf(service, flow.request), ...gone });
    let outcome = await closed(first, world);
    await backAgain;
    const wrong = await historyViolation(stand, first.workflowId, first.signaledRunId);
    if (wrong !== undefined) return { outcome, why: wrong };
    const wellEnded = flow.turnsBackAt === undefined ? ['completed', 'recovered'] : ['undone'];
    if (fault.endsWith('away') && !wellEnded.includes(outcome)) {
      return { outcome, why: `${fault} for ${awayMs / 1_000} s, and it did not go on` };
    }
    // The watcher says it again while nobody serves; people ask again after what was not finished.
    if (needsAnother(flow.name, outcome)) {
      const again = 'lost' in gone ? { source: 'instance-lost' as const, ...gone } : {};
      const next = await closed(await stand.request(service, again), world);
      if (outcome === 'terminated') outcome = next;
    }
    if (!injection.happened()) return { outcome, why: `${step} was never called` };
    const state = await stateOf(world);
    await injection.wake();
    const after = await stateOf(world);
    if (state !== after) return { outcome, why: `the dead run's activity did something: ${after}` };
    const violation = await settled(world);
    if (violation !== undefined) return { outcome, why: violation };
    const undone = outcome === 'undone' && flow.name !== 'lost';
    return { outcome, why: undone ? await undoneViolation(world, before, lost) : undefined };
  }
}

function needsAnother(flow: string, outcome: string): boolean {
  if (outcome === 'terminated' || outcome === 'compensation-failed') return true;
  return flow === 'lost' && outcome === 'undone';
}

async function stateOf(world: MemoryService): Promise<string> {
  const latest = await world.configDb.latestDistribution(world.service);
  const { replicas, epoch, template, instances } = await world.platform.observe(world.service);
  const uids = instances.map(({ uid }) => uid);
  return JSON.stringify([latest?.revision, latest?.hash, replicas, epoch, template, uids]);
}

/** How the run's first saga ended, once the run is over, whichever way; throws when it hangs. */
async function closed(run: Run, world: MemoryService): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_resolve, reject) => {
    const hangs = () => reject(new Error(`${run.workflowId} hangs: not over in ${runWithinMs} ms`));
    timer = setTimeout(hangs, runWithinMs);
  });
  try {
    const result = (await Promise.race([run.result(), bound])) as RebalanceResult;
    return result.outcomes[0]?.outcome ?? 'none';
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (error.cause instanceof TerminatedFailure) return 'terminated';
    return recordedOutcome(world, run.signaledRunId);
  } finally {
    clearTimeout(timer);
  }
}

/** Of a run that closed as Failed or Cancelled; one that failed before it could record is undone. */
async function recordedOutcome(
  { configDb, service }: MemoryService,
  runId: string,
): Promise<string> {
  const [newest] = await configDb.rebalances(service, 1);
  const { outcome } = (newest?.runId === runId ? newest.body : {}) as { outcome?: string | null };
  return outcome ?? 'undone';
}

/** What in-place evens out: somebody wrote it by hand. */
async function makeUneven(world: MemoryService): Promise<void> {
  const third = world.partitions / 3;
  await putInForce(world, [
    [0, 2 * third - 1, 0],
    [2 * third, 2 * third + third / 2 - 1, 1],
    [2 * third + third / 2, world.partitions - 1, 2],
  ]);
  const violation = await settled(world);
  if (violation !== undefined) throw new Error(`the uneven start failed: ${violation}`);
}
