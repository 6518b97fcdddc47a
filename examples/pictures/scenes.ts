// Owns: the sagas that the pictures in docs/ show: each is one service in memory under a real Temporal
// server, brought to the moment that is worth a look and held there. Never opens a page.

import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { connect, type Connections } from '../../activities/connections.js';
import { createActivities, type Activities } from '../../activities/index.js';
import type { RebalanceRequest } from '../../activities/types.js';
import type { Policy } from '../../src/core/scaling/policy.js';
import { openMemoryService, type MemoryService } from '../../faults/memory-service.js';
import type { Run, Stand } from '../../faults/stand.js';
import { ensureSchedule } from '../../src/schedule.js';
import { statusQuery, type RebalanceStatus } from '../../workflows/messages.js';

export interface Scene {
  readonly service: string;
  readonly run: Run;
}

export interface Stage {
  /** A grow whose hand-over is held half-way; `goOn` lets it end well. */
  handOver(): Promise<Scene & { goOn(): Promise<void> }>;
  /** A grow of the autoscaler that waits for a person. */
  approval(): Promise<Scene>;
  /** A grow that fails when the instances are told, and is undone. */
  undone(): Promise<Scene>;
  /** A grow that fails, and whose undo fails as well: its Schedule is paused. */
  failedUndo(): Promise<Scene>;
  close(): Promise<void>;
}

/** Long enough for a picture, and for a slow machine. */
const heldMs = 10 * 60_000;
const withinMs = 60_000;
/** The page has a word for silence from here on, and is not loaded again by itself. */
const worthAWordMs = 3_000;
const lookEveryMs = 100;
/** Of 120 partitions that move: the rest waits for `goOn`. */
const wavesBeforeHold = 10;
const clientsPerPartition = 5;

export function openStage(stand: Stand): Stage {
  const closers: (() => Promise<void>)[] = [];

  const open = async (
    service: string,
    policy: Partial<Policy> = {},
    more: { readonly mayMove?: (revision: number) => boolean } = {},
  ) => {
    const replicas = 2;
    const clients = () => clientsPerPartition;
    const pace = { clientsPerWave: 30, acceptPerSecond: 100, partitionsPerWave: 6 };
    const world = await openMemoryService({
      service,
      replicas,
      clientsPerPartition: clients,
      policy: { pace, handOverStallMs: heldMs, ...policy },
      ...more,
    });
    const connections = connect(world.ports);
    const activities = createActivities(world.ports, connections);
    stand.route(service, activities);
    await (await stand.request(service, { reason: 'first distribution', by: 'ada' })).result();
    closers.push(() => closeWorld(world, connections));
    return { world, activities };
  };

  return {
    async handOver() {
      const service = 'messaging';
      let waves = 0;
      let held = true;
      const mayMove = (revision: number) =>
        revision === 1 || !held || (waves += 1) <= wavesBeforeHold;
      await open(service, {}, { mayMove });
      const run = await ask(stand, service, { by: 'ada', reason: 'before the match' });
      await until(run, ({ progress }) => (progress?.quietMs ?? 0) >= worthAWordMs);
      const goOn = async () => {
        held = false;
        await run.result();
      };
      return { service, run, goOn };
    },
    async approval() {
      const service = 'trading';
      await open(service, { approval: { aboveMovedClients: 300 } });
      const reason = '1 800 clients on 2 instances, above 750 each';
      const run = await ask(stand, service, { source: 'threshold', reason });
      await until(run, ({ awaitsApproval }) => awaitsApproval);
      return { service, run };
    },
    async undone() {
      const service = 'lobby';
      const { activities } = await open(service);
      stand.route(service, {
        ...activities,
        notify: failing('Kafka refuses writes to lobby.control'),
      });
      const run = await ask(stand, service, { by: 'bob', reason: 'Friday evening' });
      await run.result().catch(() => undefined);
      return { service, run };
    },
    async failedUndo() {
      const service = 'presence';
      const { activities, world } = await open(service);
      await ensureSchedule(stand.client, { ...world.policy, scheduleEveryMs: 3_600_000 }, 'nobody');
      closers.push(() => deleteSchedule(stand.client, service));
      stand.route(service, {
        ...activities,
        verify: failing('partition 131 is held by presence-1, planned for presence-2'),
        planBack: failing('ConfigDB does not answer'),
      });
      const run = await ask(stand, service, { by: 'cyn', reason: 'new region' });
      await run.result().catch(() => undefined);
      return { service, run };
    },
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

function ask(stand: Stand, service: string, said: Partial<RebalanceRequest>): Promise<Run> {
  return stand.request(service, { instances: 3, ...said });
}

function failing(why: string): Activities[keyof Activities] & (() => Promise<never>) {
  return async () => {
    const failure = ApplicationFailure.nonRetryable(why, 'Injected');
    failure.stack = ''; // Where this checkout lies is of no interest to readers.
    throw failure;
  };
}

/** Polls what the run says of itself. Throws when it does not come to that. */
async function until(run: Run, isThere: (status: RebalanceStatus) => boolean): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!isThere(await run.query(statusQuery))) {
    if (performance.now() > untilMs) throw new Error(`${run.workflowId} did not get there`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

async function deleteSchedule(client: Client, service: string): Promise<void> {
  await client.schedule.getHandle(`evenkeel/${service}`).delete();
}

async function closeWorld(world: MemoryService, connections: Connections): Promise<void> {
  await world.simulated.stopAll();
  await connections.close();
}
