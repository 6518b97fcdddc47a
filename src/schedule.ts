// Owns: the Schedule `evenkeel/<service>` that starts an evaluation every so often. Repeating it
// changes nothing but what the policy changed; an operator's pause stays. Never evaluates.

import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';
import type { Policy } from './core/scaling/policy.js';
import { serviceAttribute } from '../workflows/attributes.js';
import type { autoscale } from '../workflows/autoscale.js';

/** A missed evaluation is made up for while the next is not due; the server takes no less than 10 s. */
const catchupWindowMinMs = 10_000;
/** Share of the interval by which evaluations are spread, so that many services do not come at once. */
const jitterShare = 0.1;

/** What workers and whoever starts workflows agree on (protocol.md §6). */
export const defaultTaskQueue = 'evenkeel';

export const scheduleIdOf = (service: string): string => `evenkeel/${service}`;

type Action = ScheduleOptionsStartWorkflowAction<typeof autoscale>;

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
