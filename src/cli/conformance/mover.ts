// Asks the worker of a running service for one instance more, and for as many as before, as an operator
// would. Owns the requests; the saga moves.

import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { RebalanceRequest } from '../../../activities/types.js';
import { rebalanceWithinMs } from '../../conformance/limits.js';
import type { Mover } from '../../conformance/scene.js';
import type { ConfigDb } from '../../ports.js';
import { outcomeOf, requestRebalance } from '../temporal.js';
import { defaultTaskQueue } from '../../schedule.js';
import { thisUser } from '../this-user.js';

export async function moverOf(options: {
  readonly temporal: Client;
  readonly configDb: Pick<ConfigDb, 'latestDistribution'>;
  readonly service: string;
  readonly taskQueue: string;
  readonly run: string;
}): Promise<Mover | undefined> {
  const { temporal, configDb, service, taskQueue, run } = options;
  const distribution = await configDb.latestDistribution(service);
  if (distribution === null) return undefined;
  const owners = new Set(distribution.ranges.map(([, , ordinal]) => ordinal)).size;
  const queue = taskQueue === defaultTaskQueue ? '' : ` --task-queue ${taskQueue}`;
  const byHand = `evenkeel rebalance ${service} --to ${owners}${queue}`;
  let asked = 0;
  return {
    announces: `asks rebalance/${service} for ${owners + 1} instances, and then for ${owners} again: clients of the service are moved (--no-moves leaves it out). Ctrl-C puts it back, too; if this process is killed, do it by hand: ${byHand}`,
    byHand,
    ask: async (how) => {
      asked += 1;
      const instances = how === 'one-more' ? owners + 1 : owners;
      const request: RebalanceRequest = {
        requestId: `conformance-${run}-${asked}-${how}`,
        reason: `conformance kit: ${how === 'one-more' ? 'one instance more' : 'as many instances as before'}`,
        source: 'operator',
        by: thisUser(),
        instances,
      };
      const handle = await requestRebalance(temporal, service, request, taskQueue);
      const result = handle.result().then(
        (ended) => outcomeOf(ended, request.requestId)?.outcome ?? 'no outcome',
        (error: unknown) => {
          if (error instanceof WorkflowFailedError) return 'undone';
          throw error;
        },
      );
      return Promise.race([result, late()]);
    },
  };
}

function late(): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('not over'), rebalanceWithinMs);
    timer.unref();
  });
}
