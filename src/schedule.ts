// Owns: the Schedule `evenkeel/<service>` that starts an evaluation every so often. Repeating it
// changes nothing but what the policy changed; an operator's pause stays. Never evaluates.

import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';
import type { Policy } from './core/scaling/policy.js';
import { serviceAttribute } from '../workflows/attributes.js';
import type { AutoscaleWorkflow } from '../workflows/messages.js';

/** A missed evaluation is made up for while the next is not due; the server takes no less than 10 s. */
const catchupWindowMinMs = 10_000;
/** Share of the interval by which evaluations are spread, so that many services do not come at once. */
const jitterShare = 0.1;

/** What workers and whoever starts workflows agree on (protocol.md §6). */
export const defaultTaskQueue = 'evenkeel';

export const scheduleIdOf = (service: string): string => `evenkeel/${service}`;

type Action = ScheduleOptionsStartWorkflowAction<AutoscaleWorkflow>;

/** Creates the Schedule or brings it up to date. */
export async function ensureSchedule(
  client: Client,
  policy: Pick<Policy, 'service' | 'scheduleEveryMs'>,
  taskQueue: string,
): Promise<'created' | 'updated'> {
  const scheduleId = scheduleIdOf(policy.service);
  const wanted = scheduleOf(policy, taskQueue);
  try {
    await client.schedule.create({ scheduleId, ...wanted });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  // The state is the operator's: whether it is paused, and the note that says why.
  await client.schedule.getHandle(scheduleId).update(({ state }) => ({
    ...wanted,
    state: { paused: state.paused, note: state.note ?? '' },
  }));
  return 'updated';
}

/** Evaluates now, unless an evaluation is running. */
export async function triggerSchedule(client: Client, service: string): Promise<void> {
  await client.schedule.getHandle(scheduleIdOf(service)).trigger(ScheduleOverlapPolicy.SKIP);
}

/** How the evaluations of a Schedule went, by the server's own count since it exists. */
export interface ScheduleTicks {
  readonly paused: boolean;
  /** Not started, because nobody could within the catch-up window. */
  readonly missed: number;
  /** Not started, because the one before still ran. */
  readonly skipped: number;
  /** When the last one was started; null before the first. */
  readonly lastAtMs: number | null;
}

/** Null for a service without a Schedule. */
export async function ticksOf(client: Client, service: string): Promise<ScheduleTicks | null> {
  try {
    return ticksIn(await client.schedule.getHandle(scheduleIdOf(service)).describe());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

export function ticksIn({
  state,
  info,
}: Pick<ScheduleDescription, 'state' | 'info'>): ScheduleTicks {
  return {
    paused: state.paused,
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
    lastAtMs: info.recentActions.at(-1)?.takenAt.getTime() ?? null,
  };
}

/** What of a Schedule is not as `apply` makes it, the interval aside: somebody changed it by hand. */
export function driftOf(
  { action, policies, spec }: Pick<ScheduleDescription, 'action' | 'policies' | 'spec'>,
  service: string,
  taskQueue: string,
): readonly string[] {
  const everyMs = spec.intervals?.[0]?.every ?? 0;
  const wanted = scheduleOf({ service, scheduleEveryMs: everyMs }, taskQueue);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['overlap policy', policies.overlap, wanted.policies?.overlap],
    ['catch-up window in ms', policies.catchupWindow, wanted.policies?.catchupWindow],
    ['workflow type', action.workflowType, wanted.action.workflowType],
    ['workflow id', action.workflowId, wanted.action.workflowId],
    ['task queue', action.taskQueue, wanted.action.taskQueue],
  ];
  return pairs
    .filter(([, found, right]) => found !== right)
    .map(([what, found, right]) => `${what} ${String(found)}, not ${String(right)}`);
}

function scheduleOf(
  { service, scheduleEveryMs }: Pick<Policy, 'service' | 'scheduleEveryMs'>,
  taskQueue: string,
): Omit<ScheduleOptions<Action>, 'scheduleId'> {
  return {
    spec: {
      intervals: [{ every: scheduleEveryMs }],
      jitter: Math.round(scheduleEveryMs * jitterShare),
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(catchupWindowMinMs, scheduleEveryMs),
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'autoscale',
      workflowId: `autoscale/${service}`,
      taskQueue,
      args: [{ service }],
      staticSummary: `evaluates ${service} against its policy`,
      typedSearchAttributes: [{ key: serviceAttribute, value: service }],
    },
  };
}
