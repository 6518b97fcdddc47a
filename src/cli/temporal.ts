// Owns: what several commands say to Temporal: asking for a rebalance, looking at the run and at the
// Schedule. Never prints.

import { ScheduleNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { Option } from 'commander';
import type { Outcome, RebalanceRequest } from '../../activities/types.js';
import { shorten } from '../core/bytes.js';
import {
  defaultTaskQueue,
  driftOf,
  scheduleIdOf,
  ticksIn,
  type ScheduleTicks,
} from '../schedule.js';
import {
  requestRebalanceSignal,
  statusQuery,
  type RebalanceResult,
  type RebalanceStatus,
  type RebalanceWorkflow,
} from '../../workflows/messages.js';
import { saidOption } from './given.js';
import { pendingOf, type PendingActivity } from './status/pending.js';
import { stuckOf, type StuckTask } from './status/stuck.js';

/** A worker that is away must not hold up `status`. */
const queryWithinMs = 3_000;
/** The server takes 200 bytes. */
const summaryMaxBytes = 200;

export const rebalanceIdOf = (service: string): string => `rebalance/${service}`;

export function taskQueueOption(): Option {
  return new Option('--task-queue <name>', 'task queue of the worker')
    .env('EVENKEEL_TASK_QUEUE')
    .argParser(saidOption('--task-queue', `the name of a task queue, as ${defaultTaskQueue}`))
    .default(defaultTaskQueue);
}

/** The same signal that anybody may send without this program (protocol.md §6). */
export function requestRebalance(
  client: Client,
  service: string,
  request: RebalanceRequest,
  taskQueue: string,
) {
  return client.workflow.signalWithStart<RebalanceWorkflow, [RebalanceRequest]>('rebalance', {
    workflowId: rebalanceIdOf(service),
    taskQueue,
    args: [{ service }],
    signal: requestRebalanceSignal,
    signalArgs: [request],
    staticSummary: shorten(request.reason, summaryMaxBytes),
  });
}

export interface RunSeen {
  readonly workflowId: string;
  readonly runId: string;
  /** RUNNING, COMPLETED, FAILED, … */
  readonly state: string;
  readonly startedAtMs: number;
  /** What the run says of itself; null while no worker answers. */
  readonly status: RebalanceStatus | null;
  /** Why no worker can carry it on; null when nothing is known against that. */
  readonly stuck: StuckTask | null;
  /** What it waits for. */
  readonly pending: readonly PendingActivity[];
}

/** The latest run of `rebalance/<service>`, or that with `run` as its id; null when there was none. */
export async function latestRun(
  client: Client,
  service: string,
  run?: string,
): Promise<RunSeen | null> {
  const handle = client.workflow.getHandle(rebalanceIdOf(service), run);
  try {
    const { workflowId, runId, status, startTime, raw } = await handle.describe();
    const said = await client
      .withDeadline(Date.now() + queryWithinMs, () => handle.query(statusQuery))
      .catch(() => null);
    return {
      workflowId,
      runId,
      state: status.name,
      startedAtMs: startTime.getTime(),
      status: said,
      stuck: status.name === 'RUNNING' ? await stuckOf(client, raw) : null,
      pending: await pendingOf(raw, client.options.loadedDataConverter),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

export interface ScheduleSeen extends ScheduleTicks {
  readonly note: string | null;
  readonly everyMs: number | null;
  readonly nextAtMs: number | null;
  /** What somebody changed by hand. */
  readonly drift: readonly string[];
}

export async function scheduleOf(
  client: Client,
  service: string,
  taskQueue = defaultTaskQueue,
): Promise<ScheduleSeen | null> {
  try {
    const seen = await client.schedule.getHandle(scheduleIdOf(service)).describe();
    const { state, spec, info } = seen;
    return {
      ...ticksIn(seen),
      note: state.note === undefined || state.note === '' ? null : state.note,
      everyMs: spec.intervals?.[0]?.every ?? null,
      nextAtMs: info.nextActionTimes[0]?.getTime() ?? null,
      drift: driftOf(seen, service, taskQueue),
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** 0 for what was wanted, 3 for what the policy or a person refused, 1 for everything undone. */
export function exitCodeOf(outcome: Outcome): 0 | 1 | 3 {
  if (outcome === 'refused' || outcome === 'rejected') return 3;
  return ['completed', 'recovered', 'unnecessary'].includes(outcome) ? 0 : 1;
}

/** What became of one request of a run. */
export function outcomeOf(result: RebalanceResult, requestId: string) {
  return result.outcomes.find((outcome) => outcome.requestId === requestId);
}
