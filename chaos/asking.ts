// Owns: making the requests and words of a script, as operators, the autoscaler's policy and people at
// the UI make them; and saying in a sentence what came of it. Never looks what the service makes of it.

import { randomUUID } from 'node:crypto';
import type { RebalanceRequest } from '../activities/types.js';
import { latestRun, rebalanceIdOf, requestRebalance } from '../src/cli/temporal.js';
import type { OperatorWord } from '../workflows/messages.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { applyPolicy } from '../src/local/apply.js';
import type { Request, Word } from './events.js';
import { actWithinMs } from './limits.js';
import { instanceAt, restingPolicy, type Scene } from './scene.js';

export interface Asking {
  request(event: Request): Promise<string>;
  word(event: Word): Promise<string>;
  /** Asks as an operator does; resolves with the id of the request when Temporal has it. */
  ask(request: Partial<RebalanceRequest>): Promise<string>;
  /** Puts the policy in force with which nothing is asked for by itself. */
  rest(): Promise<void>;
}

const by = 'chaos';
/** Of the clients per instance that the policy is after: far enough from those of one more or less. */
const thresholdShare = 0.15;

export function createAsking({ world, fleet }: Scene): Asking {
  const { cluster, name } = world;
  const { temporal, configDb, taskQueue } = cluster;
  let wanted: number | null = null;
  let approval: Policy['approval'] = 'never';

  const soon = <T>(call: () => Promise<T>): Promise<T> =>
    temporal.withDeadline(Date.now() + actWithinMs, call);
  const ask = async (request: Partial<RebalanceRequest>): Promise<string> => {
    const requestId = `chaos-${randomUUID().slice(0, 8)}`;
    const whole = { requestId, reason: 'chaos', source: 'operator', by, ...request } as const;
    await soon(() => requestRebalance(temporal, name, whole, taskQueue));
    return requestId;
  };
  const putInForce = async (): Promise<void> => {
    const policy = { ...restingPolicy(name), ...thresholds(wanted, fleet.clients), approval };
    await soon(() => applyPolicy(cluster, policy, by));
  };
  return {
    ask,
    request: async (event) => {
      switch (event.kind) {
        case 'resize':
          return `asked by ${await ask({ instances: event.instances })}`;
        case 'in-place':
          return `asked by ${await ask({})}`;
        case 'drain': {
          const { place, instances } = event;
          const { name: drained } = await instanceAt(world, place);
          const more = instances === null ? {} : { instances };
          return `asked by ${await ask({ drain: [drained], ...more })}: ${drained}`;
        }
        case 'rollback': {
          const latest = (await configDb.latestDistribution(name))?.revision ?? 1;
          const rollback = Math.max(1, latest - event.back);
          return `asked by ${await ask({ rollback })}: revision ${rollback} of ${latest}`;
        }
        case 'autoscale':
          wanted = event.instances;
          await putInForce();
          return 'in force';
        case 'approval':
          approval = event.policy;
          await putInForce();
          return 'in force';
      }
    },
    word: ({ kind }) =>
      soon(async () => {
        const run = temporal.workflow.getHandle(rebalanceIdOf(name));
        const { status, runId } = await run.describe();
        if (status.name !== 'RUNNING') return `no run to say it to: ${status.name}`;
        const phase = (await latestRun(temporal, name))?.status?.phase ?? 'no worker answers';
        const at = `run ${runId} at ${phase}`;
        if (kind === 'cancel') await run.cancel();
        else if (kind === 'terminate') await run.terminate(by);
        else {
          const said = { args: [{ by, reason: 'chaos' }] } satisfies { args: [OperatorWord] };
          return `${at}: ${await run.executeUpdate<string, [OperatorWord]>(kind, said)}`;
        }
        return at;
      }),
    rest: async () => {
      wanted = null;
      approval = 'never';
      await putInForce();
    },
  };
}

/** With so many clients the autoscaler wants so many instances; none: it wants nothing. */
function thresholds(
  instances: number | null,
  clients: number,
): Partial<Pick<Policy, 'clientsPerInstance' | 'hysteresis' | 'stepMax'>> {
  if (instances === null) return {};
  const target = clients / instances;
  const [upper, lower] = [target * (1 + thresholdShare), target * (1 - thresholdShare)];
  return { clientsPerInstance: { upper, lower, target }, hysteresis: 0, stepMax: 2 };
}
