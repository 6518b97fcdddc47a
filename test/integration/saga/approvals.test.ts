// A person is asked, where the policy wants that: what becomes of an answer, of none, and of one that is late.
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import {
  abortUpdate,
  approveUpdate,
  rejectUpdate,
  statusQuery,
  type RebalanceStatus,
} from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

type Handle = Awaited<ReturnType<World['request']>>;

const reaches = (handle: Handle, phase: RebalanceStatus['phase']) =>
  eventually(`phase ${phase}`, async () => (await handle.query(statusQuery)).phase === phase);

async function refusalOf(run: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await run.catch((failed: unknown) => failed);
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return (error as WorkflowUpdateFailedError).cause?.message;
}

describe('approval', () => {
  it('approves or rejects what a threshold asked for, where the policy wants that', async () => {
    const w = await bootstrapped({ policy: { approval: 'always' } });
    const first = await w.request({ instances: 3, source: 'threshold' });
    await reaches(first, 'approval');
    await first.executeUpdate(rejectUpdate, { args: [{ by: 'ada', reason: 'not today' }] });
    expect((await first.result()).outcomes).toMatchObject([{ outcome: 'rejected' }]);
    expect(await w.replicas()).toBe(2);

    const second = await w.request({ instances: 3, source: 'threshold' });
    await reaches(second, 'approval');
    await second.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
    expect((await second.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
  });

  it('asks only above the number of moved clients that the policy says, and not for ever', async () => {
    const approval = { aboveMovedClients: 100 };
    const policy = { approval, approvalMs: 1_000 };
    const w = await bootstrapped({ policy, clientsPerPartition: () => 1 });
    const drain = [`${w.service}-1`];
    // A third of 360 clients would move.
    const { outcomes } = await w.rebalance({ instances: 3, source: 'threshold' });
    expect(outcomes).toMatchObject([{ outcome: 'rejected', text: 'nobody approved within 1.0 s' }]);
    const byPerson = await w.rebalance({ drain });
    expect(byPerson.outcomes).toMatchObject([{ outcome: 'completed' }]);
  });

  it('takes no word about a plan or a request that is over', async () => {
    const w = await bootstrapped({ policy: { approval: 'always' } });
    const first = await w.request({ instances: 3, source: 'threshold', requestId: 'one' });
    await reaches(first, 'approval');
    const read = (await first.query(statusQuery)).plan?.planId ?? '';
    await first.executeUpdate(rejectUpdate, { args: [{ by: 'ada', plan: read }] });
    await first.result();

    const second = await w.request({ instances: 3, source: 'threshold', requestId: 'two' });
    await reaches(second, 'approval');
    const asked = (await second.query(statusQuery)).plan?.planId ?? '';
    const late = { args: [{ by: 'bob', plan: read }] } satisfies { args: [object] };
    expect(await refusalOf(second.executeUpdate(approveUpdate, late))).toBe(
      `plan ${read} is not asked about any more; now it is ${asked}`,
    );
    const ended = { args: [{ by: 'bob', request: 'one' }] } satisfies { args: [object] };
    expect(await refusalOf(second.executeUpdate(abortUpdate, ended))).toBe(
      'what is carried out now is another request: two',
    );
    await second.executeUpdate(approveUpdate, { args: [{ by: 'bob', plan: asked }] });
    expect((await second.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
  });

  it('computes again what was approved: a plan that has become pointless is not carried out', async () => {
    const w = await bootstrapped({ policy: { approval: 'always' } });
    const handle = await w.request({ instances: 3, source: 'threshold' });
    await reaches(handle, 'approval');
    await w.configDb.insertPolicy({
      service: w.service,
      revision: 2,
      policy: { ...w.policy, instances: { min: 1, max: 2 } },
      by: 'test',
      atMs: Date.now(),
    });
    await handle.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([
      { outcome: 'refused', text: "3 instances are outside of the policy's 1..2" },
    ]);
    expect(await w.replicas()).toBe(2);
  });
});
