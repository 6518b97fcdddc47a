// Owns: a run whose workflow task fails again and again: workers poll, and none can carry it on. What
// the server keeps of it (the pending task's tries, the last failure in the history), and what a person
// can do about it. Reads only.

import type { Client, DescribeWorkflowExecutionResponse } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { payloadKeysVariable } from '../../payload-codec.js';
import { durationText, timeText } from '../when.js';

export interface StuckTask {
  /** Of the task that does not succeed: it is tried for ever, at growing distances. */
  readonly attempt: number;
  readonly sinceMs: number;
  /** First line of what the worker said of the first try; later ones are not kept. */
  readonly why: string;
}

type Description = Pick<
  DescribeWorkflowExecutionResponse,
  'pendingWorkflowTask' | 'workflowExecutionInfo'
>;

/** Nothing but signals comes behind the failure: events looked through for it. */
const eventsLookedAt = 50;
/** temporal.api.enums.v1.EventType */
const taskCompleted = 7;
const taskFailed = 9;

/** Null when the run's task was not tried yet, or only a worker went away over it. */
export async function stuckOf(client: Client, described: Description): Promise<StuckTask | null> {
  const { pendingWorkflowTask: task, workflowExecutionInfo } = described;
  const execution = workflowExecutionInfo?.execution;
  if (task == null || (task.attempt ?? 1) < 2 || execution == null) return null;
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution,
    maximumPageSize: eventsLookedAt,
  });
  // Newest first: a task that was completed since makes an earlier failure one that is over.
  const last = history?.events?.find(({ eventType }) =>
    [taskFailed, taskCompleted].includes(Number(eventType)),
  );
  const failed = last?.workflowTaskFailedEventAttributes;
  if (failed == null) return null;
  const error = await decodeOptionalFailureToOptionalError(
    client.options.loadedDataConverter,
    failed.failure,
  ).catch(() => undefined);
  return {
    attempt: task.attempt ?? 1,
    sinceMs: Number(last?.eventTime?.seconds ?? 0) * 1_000,
    why: error?.message.split('\n')[0] || keylessWhy,
  };
}

const keylessWhy = 'without the payload key nobody can read why';
const keysText = `Something in its history was encrypted with a key that the workers do not have, or have another of that name: give them that key in ${payloadKeysVariable} (the newest first, older ones behind it), as whoever asked has it, and start them again: the run goes on by itself.`;

/** Of what the codec, or the SDK without one, says of payloads that it cannot decode. */
function isAboutKeys(why: string): boolean {
  return (
    why === keylessWhy || why.includes('binary/encrypted') || why.includes(payloadKeysVariable)
  );
}

/** What is so, in one sentence. */
export function stuckText({ attempt, sinceMs, why }: StuckTask, nowMs: number): string {
  const since = durationText(Math.max(0, nowMs - sinceMs));
  return `stuck since ${timeText(sinceMs)} (${since}), tried ${attempt} times: no worker can carry it on: ${why}`;
}

/** What that means for the service, and what to do: sentences, the commands each on its own line. */
export function stuckMendLines(
  service: string,
  { why }: Pick<StuckTask, 'why'>,
): readonly string[] {
  return [
    'Meanwhile the instances serve what they hold, nobody moves, and no other request is carried out.',
    ...(isAboutKeys(why) ? [keysText] : []),
    'If workers of another version were started lately, start the former version again: the run goes on by itself, where it was.',
    'Else end it and ask anew. Terminate undoes nothing: partitions stay where they are, and the next run begins by finishing or undoing what this one left. What waits in this run is forgotten.',
    `  temporal workflow terminate --workflow-id rebalance/${service} --reason stuck`,
    `  evenkeel rebalance ${service}`,
  ];
}
