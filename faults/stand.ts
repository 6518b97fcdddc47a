// Owns: where cells run: one worker on one real Temporal server, its activities handed on to the service
// that each call is about. Never knows a fault.

import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { Activities } from '../activities/index.js';
import type { RebalanceRequest } from '../activities/types.js';
import { registerSearchAttributes } from '../src/search-attributes.js';
import { startWorker } from '../src/worker.js';
import { openMemoryService } from './memory-service.js';

export type Run = Awaited<ReturnType<Stand['request']>>;
export type Stand = Awaited<ReturnType<typeof openStand>>;

export async function openStand(address: string, workflowBundlePath?: string) {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  await registerSearchAttributes(connection.operatorService, 'default');
  const taskQueue = `faults-${randomUUID().slice(0, 8)}`;
  const services = new Map<string, Activities>();
  // Ports of nobody: every call goes to the activities of its own service.
  const { ports } = await openMemoryService({ service: 'nobody', replicas: 0 });
  const worker = await startWorker({
    temporalAddress: address,
    ports,
    taskQueue,
    ...(workflowBundlePath === undefined ? {} : { workflowBundlePath }),
    wrapActivities: (activities) => handingOn(activities, services),
  });
  return {
    client,
    /** Whose calls go to which activities from now on. */
    route: (service: string, activities: Activities) => void services.set(service, activities),
    forget: (service: string) => void services.delete(service),
    request: (service: string, said: Partial<RebalanceRequest>) =>
      client.workflow.signalWithStart('rebalance', {
        workflowId: `rebalance/${service}`,
        taskQueue,
        args: [{ service }],
        ...(said.reason === undefined ? {} : { staticSummary: said.reason }),
        signal: 'requestRebalance',
        signalArgs: [
          { requestId: randomUUID(), reason: 'fault matrix', source: 'operator', ...said },
        ],
      }),
    close: async () => {
      await worker.shutdown();
      await connection.close();
    },
  };
}

type Call = (input: unknown) => Promise<unknown>;

function handingOn(activities: Activities, services: Map<string, Activities>): Activities {
  const names = Object.keys(activities) as (keyof Activities)[];
  const handed = names.map((name): [string, Call] => [
    name,
    async (input) => {
      const { service, saga } = input as { service?: string; saga?: { service: string } };
      const own = services.get(service ?? saga?.service ?? '');
      if (own === undefined) throw new Error(`${name} is about a service that is not here`);
      return (own[name] as Call)(input);
    },
  ]);
  return Object.fromEntries(handed) as unknown as Activities;
}
