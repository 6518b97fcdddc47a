// A run whose history got long continues as new between two sagas, also when one of them was undone: no
// request is forgotten, no payload gets large, and the last run ends with why it was undone.

import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { RebalanceResult } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { openWorld, type World } from './saga-world.js';
import { startShortHistoryServer } from './short-histories.js';

const payloadMaxBytes = 2_048;
const waitingMax = 16;

let w: World | undefined;
let server: Awaited<ReturnType<typeof startShortHistoryServer>> | undefined;

afterEach(async () => {
  await w?.close();
  await server?.stop();
});

describe('a run with a long history', () => {
  it('continues as new with everything that waits, also after an undo', async () => {
    server = await startShortHistoryServer();
    const { temporalAddress } = server;
    const world = await openWorld({ replicas: 2, clientsPerPartition: () => 1, temporalAddress });
    w = world;
    const first = await world.startWorker();
    await world.rebalance();
    await first.shutdown();
    let letGo = (): void => undefined;
    const waits = new Promise<void>((resolve) => (letGo = resolve));
    let isHeld = false;
    await world.startWorker((activities) => ({
      ...activities,
      notify: async (input) => {
        if (isHeld) return activities.notify(input);
        isHeld = true;
        await waits;
        throw ApplicationFailure.nonRetryable('made to fail', 'Injected');
      },
    }));
    const handle = await world.request({ requestId: 'grow', instances: 3 });
    await eventually('it notifies', () => isHeld);
    // Different wishes, so that none makes another pointless; drains of nobody are refused at once.
    const reason = 'before the match '.repeat(16);
    for (let i = 0; i < waitingMax; i += 1) {
      const drain = Array.from({ length: 6 }, (_, k) => `${world.service}-${100 + i * 10 + k}`);
      await world.request({ requestId: `wait-${i}`, by: 'ada', reason, drain });
    }
    letGo();
    const error: unknown = await handle.result().catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const failure = (error as WorkflowFailedError).cause as ApplicationFailure;
    expect(failure).toMatchObject({ type: 'RebalanceUndone' });
    expect(failure.message).toContain('notify failed: made to fail; undone');
    const [told] = failure.details as [RebalanceResult];
    expect(told.outcomes.at(-1)).toMatchObject({ requestId: 'wait-15', outcome: 'refused' });
    const records = await world.configDb.rebalances(world.service, 40);
    expect(records.map(({ body }) => (body as { readonly outcome: string }).outcome)).toEqual([
      ...Array.from({ length: waitingMax }, () => 'refused'),
      'undone',
      'completed',
    ]);
    const runs: string[] = [];
    for await (const run of world.client.workflow.list({
      query: `WorkflowId = "rebalance/${world.service}"`,
    })) {
      runs.push(run.runId);
    }
    expect(runs.length).toBeGreaterThan(3);
    for (const runId of runs) {
      const run = world.client.workflow.getHandle(`rebalance/${world.service}`, runId);
      const { events } = await run.fetchHistory();
      const started = events?.[0]?.workflowExecutionStartedEventAttributes;
      // Workers of before would read no other argument.
      expect(started?.input?.payloads).toHaveLength(1);
      for (const { data } of started?.input?.payloads ?? []) {
        expect(data?.length ?? 0).toBeLessThan(payloadMaxBytes);
      }
      expect(events?.length).toBeLessThan(500);
    }
  });
});
