// How a flow is recorded: a first distribution, requests, what happens meanwhile; and where its history is
// kept, without what only says on which machine it was recorded.
import { writeFileSync } from 'node:fs';
import { heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Activities } from '../../../activities/index.js';
import type { RebalanceRequest } from '../../../activities/types.js';
import { statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import type { createWorlds, World, WorldOptions } from './saga-world.js';

export type Handle = Awaited<ReturnType<World['request']>>;

/** One flow: from a first distribution through requests; the run of the last one is recorded. */
export interface Flow {
  readonly name: string;
  readonly world?: Partial<WorldOptions>;
  /** Activities may wait for the world that they are called in. */
  readonly wrap?: (activities: Activities, world: () => Promise<World>) => Activities;
  readonly before?: (world: World) => Promise<unknown>;
  readonly request: Partial<RebalanceRequest>;
  /** Resolves with another run that is to be recorded, where there is one. */
  readonly during?: (world: World, handle: Handle) => Promise<string | undefined>;
}

export async function record(
  { bootstrapped }: Pick<ReturnType<typeof createWorlds>, 'bootstrapped'>,
  { name, world, wrap, before, request, during }: Flow,
): Promise<void> {
  const opened: Promise<World> = bootstrapped(
    world ?? {},
    wrap === undefined ? undefined : (activities) => wrap(activities, () => opened),
  );
  const flow = await opened;
  await before?.(flow);
  const lost = request.source === 'instance-lost' ? await lose(flow, 1) : {};
  const drain = request.drain?.map((end) => `${flow.service}${end}`);
  const named = drain === undefined ? {} : { drain };
  const handle = await flow.request({ reason: 'recorded', ...request, ...lost, ...named });
  const another = await during?.(flow, handle);
  await handle.result().catch(() => undefined);
  await save(flow, name, handle.workflowId, another ?? handle.signaledRunId);
}

export const failing = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('made to fail', 'Injected');
};

/** The first call fails for good, or takes so long that requests can come meanwhile. */
export function failingOnce<In, Out>(
  real: (input: In) => Promise<Out>,
  how: 'before' | 'slowly' = 'before',
) {
  let calls = 0;
  return async (input: In): Promise<Out> => {
    calls += 1;
    if (calls === 1 && how === 'before') return failing();
    if (calls === 1) await sleep(1_500);
    return real(input);
  };
}

/** The first call takes so long that somebody can speak meanwhile; it ends when it is cancelled. */
export const slowly = <In, Out>(real: (input: In) => Promise<Out>) => {
  let calls = 0;
  return async (input: In): Promise<Out> => {
    calls += 1;
    if (calls > 1) return real(input);
    for (let beats = 0; beats < 30; beats += 1) {
      heartbeat();
      await sleep(100);
    }
    return real(input);
  };
};

/** Never ends by itself, only when it is cancelled. */
export const untilCancelled = async (): Promise<never> => {
  for (;;) {
    heartbeat();
    await sleep(50);
  }
};

/** Waits until the run asks for approval. */
export const asks = (handle: Pick<Handle, 'query'>) =>
  eventually('it asks', async () => (await handle.query(statusQuery)).awaitsApproval);

/** What a person says in a recorded flow. */
export const by = { args: [{ by: 'ada', reason: 'recorded' }] as [{ by: string; reason: string }] };

/** Waits until the run is at the step with this title. */
export const runsStep = (handle: Pick<Handle, 'query'>, title: string) =>
  eventually(title, async () =>
    (await handle.query(statusQuery)).steps.some(
      (step) => step.state === 'running' && step.title === title,
    ),
  );

/** Loses an instance by its ordinal; it does not come back. */
export async function lose(world: World, ordinal: number): Promise<Partial<RebalanceRequest>> {
  const instance = `${world.service}-${ordinal}`;
  const incarnation = await world.crash(instance, 'down');
  return { source: 'instance-lost', lost: [{ instance, incarnation }] };
}

/** Writes the history of one run as test/replay reads it. */
export async function save(
  world: World,
  name: string,
  workflowId: string,
  runId: string,
): Promise<void> {
  const history = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const path = new URL(`../../replay/histories/${name}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(JSON.parse(historyToJSON(history)), scrub, 2)}\n`);
}

/** What only says on which machine it was recorded. */
function scrub(key: string, value: unknown): unknown {
  if (key === 'identity') return 'recorder';
  if (key === 'name' && typeof value === 'string' && value.includes('@')) return 'sticky';
  return key === 'stackTrace' || key === 'stickyAttributes' ? undefined : value;
}
