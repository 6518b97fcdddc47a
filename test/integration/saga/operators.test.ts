import { randomUUID } from 'node:crypto';
import { CancelledFailure } from '@temporalio/common';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import {
  abortUpdate,
  approveUpdate,
  rejectUpdate,
  statusQuery,
  type RebalanceResult,
  type RebalanceStatus,
} from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

/** Nothing moves to revision 2 until it is let go; other revisions are free. */
function gate() {
  let open = false;
  return { open: () => (open = true), mayMove: (revision: number) => open || revision !== 2 };
}

type Handle = Awaited<ReturnType<World['request']>>;

const reaches = (handle: Handle, phase: RebalanceStatus['phase']) =>
  eventually(`phase ${phase}`, async () => (await handle.query(statusQuery)).phase === phase);

const two = { 0: '[0-179]', 1: '[180-359]' };

describe('what operators can do', () => {
  it('aborts a running hand-over: it is undone and the run completes as aborted', async () => {
    const { mayMove } = gate();
    const w = await bootstrapped({ mayMove });
    const handle = await w.request({ instances: 3 });
    await reaches(handle, 'hand-over');
    const answer = await handle.executeUpdate(abortUpdate, {
      args: [{ by: 'ada', reason: 'too busy' }],
    });
    expect(answer).toContain('aborting at hand-over');
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([{ outcome: 'aborted' }]);
    expect(outcomes[0]?.text).toContain('aborted by ada at hand-over: too busy');
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
  });

  it.each([
    [2, 3],
    [3, 2],
  ])('aborts %i → %i while its last check ends well all the same', async (from, to) => {
    let mayEnd = (): void => undefined;
    const aborted = new Promise<void>((resolve) => (mayEnd = resolve));
    const w = await bootstrapped({ replicas: from }, (activities) => ({
      ...activities,
      // It ends as if it had never heard of being cancelled.
      verify: async (input) => {
        const seen = await activities.verify(input);
        await aborted;
        return seen;
      },
    }));
    const before = await w.owned();
    const handle = await w.request({ instances: to });
    await reaches(handle, 'verify');
    await handle.executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
    mayEnd();
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([{ outcome: 'aborted' }]);
    expect(outcomes[0]?.text).toContain('aborted by ada at verify');
    expect(Object.keys(await w.owned()).sort()).toEqual(Object.keys(before).sort());
    expect(await w.replicas()).toBe(from);
  });

  it('cancels a run: it is undone and closes as Cancelled', async () => {
    const { mayMove } = gate();
    const w = await bootstrapped({ mayMove });
    const handle = await w.request({ instances: 3 });
    await reaches(handle, 'hand-over');
    await w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId).cancel();
    const error: unknown = await handle.result().catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
  });

  it('terminates a run in the middle of a hand-over: the next request sorts it out', async () => {
    const { mayMove } = gate();
    const w = await bootstrapped({ mayMove });
    const handle = await w.request({ instances: 3 });
    await reaches(handle, 'hand-over');
    await w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId).terminate('by hand');
    const { outcomes } = await w.rebalance({ instances: 2 });
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 3 }]);
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
  });

  it('terminates a run that has moved half: the next evaluation brings order', async () => {
    let waves = 0;
    const mayMove = (revision: number) => revision !== 2 || (waves += 1) <= 2;
    const policy = { pace: { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 15 } };
    const w = await bootstrapped({ mayMove, policy });
    const handle = await w.request({ instances: 3 });
    await eventually('something has moved', async () => Object.keys(await w.owned()).length === 3);
    await w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId).terminate('by hand');
    await w.client.workflow.execute('autoscale', {
      workflowId: `autoscale/${w.service}`,
      taskQueue: w.taskQueue,
      args: [{ service: w.service }],
    });
    const { outcomes } = (await w.client.workflow
      .getHandle(`rebalance/${w.service}`)
      .result()) as RebalanceResult;
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 3 }]);
    // Revision 2 is what ConfigDB wants, so it is finished rather than undone.
    expect(await w.owned()).toEqual({ 0: '[0-119]', 1: '[180-299]', 2: '[120-179,300-359]' });
    expect(await w.replicas()).toBe(3);
  });

  it('is told why approve, reject and abort cannot be done now', async () => {
    const { mayMove, open } = gate();
    const w = await bootstrapped({ mayMove });
    const handle = await w.request({ instances: 3 });
    await reaches(handle, 'hand-over');
    const refusalOf = async (run: Promise<unknown>) => {
      const error: unknown = await run.catch((failed: unknown) => failed);
      expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
      return (error as WorkflowUpdateFailedError).cause?.message;
    };
    const args: [{ by: string }] = [{ by: 'ada' }];
    expect(await refusalOf(handle.executeUpdate(approveUpdate, { args }))).toBe(
      'nothing awaits approval',
    );
    expect(await refusalOf(handle.executeUpdate(rejectUpdate, { args }))).toBe(
      'nothing awaits approval',
    );
    const nobody: [{ by: string }] = [{ by: '' }];
    expect(await refusalOf(handle.executeUpdate(abortUpdate, { args: nobody }))).toContain(
      'by must name',
    );
    open();
    await handle.result();
  });

  it('shows on the page what will happen, how far it is and how to stop it', async () => {
    const { mayMove, open } = gate();
    const w = await bootstrapped({ mayMove, clientsPerPartition: () => 1 });
    const handle = await w.request({ instances: 3, by: 'ada', reason: 'before the match' });
    await reaches(handle, 'hand-over');
    const page = async () => {
      const run = w.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
      type Metadata = { currentDetails: string };
      return (await run.query<Metadata>('__temporal_workflow_metadata')).currentDetails;
    };
    const shown = await eventually('a slice is over', async () => {
      const text = await page();
      return text.includes('of about 120 clients') ? text : undefined;
    });
    expect(shown).toContain('operator (ada): before the match');
    expect(shown).toContain('0 of 120 partitions, 0 of about 120 clients');
    expect(shown).toContain('**Next**: verify from the log');
    expect(shown).toContain('the update `abort`, or Cancel here; what has moved goes back');
    expect(shown).toContain('| ·\u00a0verify\u00a0from\u00a0the\u00a0log | | |');
    open();
    await handle.result();
    expect(await page()).toContain('**completed**: grow 2 → 3, revision 2');
  });

  it('past the point of no return is told that it goes forward', async () => {
    let open = false;
    const w = await bootstrapped({ replicas: 3 }, (activities) => ({
      ...activities,
      scaleDown: async (input) => {
        if (!open) throw new Error('the platform is away');
        return activities.scaleDown(input);
      },
    }));
    const handle = await w.request({ instances: 2 });
    await reaches(handle, 'scale-down');
    const answer = await handle.executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
    expect(answer).toContain('past the point of no return, so it goes forward');
    for (let i = 0; i < 20; i += 1) {
      const again = await handle.executeUpdate(abortUpdate, { args: [{ by: `ada ${i}` }] });
      expect(again).toContain(`abort by ada ${i} at scale-down`);
    }
    const { notes } = await handle.query(statusQuery);
    expect(notes.filter((note) => note.startsWith('abort by'))).toHaveLength(1);
    open = true;
    expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
    expect(await w.replicas()).toBe(2);
  });

  it('refuses what the policy does not allow and says the limits', async () => {
    const w = await bootstrapped();
    const { outcomes } = await w.rebalance({ instances: 9 });
    expect(outcomes).toMatchObject([
      { outcome: 'refused', text: "9 instances are outside of the policy's 1..8" },
    ]);
  });

  it('finds nothing to do where everything is as it should be', async () => {
    const w = await bootstrapped();
    expect((await w.rebalance()).outcomes).toMatchObject([{ outcome: 'unnecessary' }]);
    expect((await w.configDb.latestDistribution(w.service))?.revision).toBe(1);
  });

  it('takes a request id once, also after its run has closed', async () => {
    const w = await bootstrapped();
    const requestId = randomUUID();
    await w.rebalance({ instances: 3, requestId });
    await w.rebalance({ instances: 2 });
    const { outcomes } = await w.rebalance({ instances: 3, requestId });
    expect(outcomes).toMatchObject([{ outcome: 'unnecessary', movedClients: 0, gapP99Ms: 0 }]);
    expect(outcomes[0]?.text).toContain(`request ${requestId} ended before: completed: grow 2 → 3`);
    expect(await w.owned()).toEqual(two);
  });

  it('takes requests in order, each id once, and refuses nonsense without failing', async () => {
    const { mayMove, open } = gate();
    const w = await bootstrapped({ mayMove });
    const requestId = randomUUID();
    const handle = await w.request({ instances: 3, requestId });
    await reaches(handle, 'hand-over');
    await w.request({ instances: 3, requestId });
    await w.request({ instances: 2, requestId: 'back' });
    await handle.signal('requestRebalance', 'hello');
    open();
    const { outcomes } = await handle.result();
    expect(outcomes.map(({ requestId: id, outcome }) => [id, outcome])).toEqual([
      [expect.any(String), 'refused'],
      [requestId, 'completed'],
      ['back', 'completed'],
    ]);
    expect(await w.owned()).toEqual(two);
  });
});
