// Owns: that somebody is there who carries a rebalance out, before one is asked for: without a worker a
// request waits, and says nothing.

import type { Client } from '@temporalio/client';
import { UnreachableError } from '../../errors.js';
import { pollerFreshMs, workflowTasks } from '../doctor/temporal.js';

export interface Asked {
  readonly options: Pick<Client['options'], 'namespace'>;
  readonly workflowService: Pick<Client['workflowService'], 'describeTaskQueue'>;
}

/** @throws UnreachableError when no worker has polled the task queue lately */
export async function expectWorker(
  { options, workflowService }: Asked,
  taskQueue: string,
  nowMs = Date.now(),
): Promise<void> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  });
  const lives = (pollers ?? []).some(
    ({ lastAccessTime }) => nowMs - Number(lastAccessTime?.seconds ?? 0) * 1_000 <= pollerFreshMs,
  );
  if (lives) return;
  throw new UnreachableError(
    'worker',
    `no worker polls task queue ${taskQueue}, so nobody would carry out the rebalances that the kit asks for`,
    undefined,
    'start one: evenkeel worker; or leave them out: --no-moves',
  );
}
