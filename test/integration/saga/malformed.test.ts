// What anybody may send without this program: runs that are started with nonsense. The workflow id is
// the lock of its service, so such a run must go on and serve the requests that come to it.

import { WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { statusQuery, type RebalanceResult } from '../../../workflows/messages.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

const wish = { requestId: 'grow', reason: 'r', source: 'operator', instances: 3 } as const;

async function startedWith(w: World, args: unknown[]) {
  const handle = await w.client.workflow.signalWithStart('rebalance', {
    workflowId: `rebalance/${w.service}`,
    taskQueue: w.taskQueue,
    args,
    signal: 'requestRebalance',
    signalArgs: [wish],
  });
  const result = (await handle.result()) as RebalanceResult;
  const { notes } = await w.client.workflow
    .getHandle(handle.workflowId, handle.signaledRunId)
    .query(statusQuery);
  return { result, notes };
}

describe('a run that is started with nonsense', () => {
  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['null', [null]],
    ['a text', ['m']],
    ['a number for a name', [{ service: 5 }]],
    ['another service', [{ service: 'other' }]],
  ])('%s is about the service that its id names', async (_what, args) => {
    const w = await bootstrapped();
    const { result, notes } = await startedWith(w, args);
    expect(result.service).toBe(w.service);
    expect(result.outcomes).toMatchObject([{ requestId: 'grow', outcome: 'completed' }]);
    expect(notes[0]).toContain(`it is about ${w.service}, as its id says`);
  });

  it('leaves out what was handed on and is none', async () => {
    const w = await bootstrapped();
    const { result, notes } = await startedWith(w, [
      { service: w.service, pending: 'abc', outcomes: [7] },
    ]);
    expect(result.outcomes).toMatchObject([{ requestId: 'grow', outcome: 'completed' }]);
    expect(notes).toEqual([
      "left out of the run's input: pending, which was no list",
      "left out of the run's input: an outcome that is none",
    ]);
  });

  it('fails at once, with a sentence, under an id that names no service', async () => {
    const w = await bootstrapped();
    const options = { taskQueue: w.taskQueue, args: [{ service: w.service }] };
    const workflowId = `not-a-rebalance-of-${w.service}`;
    const error: unknown = await w.client.workflow
      .execute('rebalance', { workflowId, ...options })
      .catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause?.message).toBe(
      `the workflow id "${workflowId}" names no service: a run is started as rebalance/SERVICE`,
    );
  });
});
