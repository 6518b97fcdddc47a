// Owns: `temporal workflow reset`, as an operator does it, and what is afterwards.
import { randomUUID } from 'node:crypto';
import type { rebalance } from '../../../workflows/rebalance.js';
import type { World } from './saga-world.js';

type Started = Awaited<ReturnType<World['request']>>;

/** As `temporal workflow reset` to the task that followed this activity. @returns the new run */
export async function resetAfter(w: World, { signaledRunId }: Started, activity: string) {
  const { workflowService } = w.client;
  const workflowId = `rebalance/${w.service}`;
  const { events } = await w.client.workflow.getHandle(workflowId, signaledRunId).fetchHistory();
  const all = events ?? [];
  const scheduled = all.find(
    (e) => e.activityTaskScheduledEventAttributes?.activityType?.name === activity,
  );
  const done = all.findIndex(
    ({ activityTaskCompletedEventAttributes: of }) =>
      of != null && of.scheduledEventId?.toString() === scheduled?.eventId?.toString(),
  );
  const task = all.slice(done).find((e) => e.workflowTaskCompletedEventAttributes != null);
  if (done < 0 || task?.eventId == null) throw new Error(`no task follows ${activity}`);
  const { runId } = await workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId: signaledRunId },
    workflowTaskFinishEventId: task.eventId,
    requestId: randomUUID(),
    reason: 'a test resets',
  });
  return w.client.workflow.getHandle<typeof rebalance>(workflowId, runId);
}

/** What an activity that should be able to do nothing might have changed. */
export async function stateOf(w: World) {
  const latest = await w.configDb.latestDistribution(w.service);
  const { replicas, epoch } = await w.platform.observe(w.service);
  return { revision: latest?.revision, replicas, epoch, owned: await w.owned() };
}
