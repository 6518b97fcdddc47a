// Instances that are to own nothing any more: drained by a person, told to end, or lost, whatever is
// under way.

import { heartbeat, sleep } from '@temporalio/activity';
import { afterEach, describe, expect, it } from 'vitest';
import { abortUpdate, statusQuery, type RebalanceStatus } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

type Handle = Awaited<ReturnType<World['request']>>;

const reaches = (handle: Handle, phase: RebalanceStatus['phase']) =>
  eventually(`phase ${phase}`, async () => (await handle.query(statusQuery)).phase === phase);

const asks = (handle: Handle) =>
  eventually('it asks', async () => (await handle.query(statusQuery)).awaitsApproval);

/** Every partition is held, and by nobody but these ordinals. */
async function heldOnlyBy(w: World, ordinals: readonly number[]): Promise<void> {
  expect(Object.keys(await w.owned()).map(Number)).toEqual(ordinals);
}

async function lose(w: World, name: string, requestId = 'lost'): Promise<Handle> {
  const incarnation = await w.crash(name, 'down');
  const lost = [{ instance: name, incarnation }];
  return w.request({ requestId, source: 'instance-lost', lost, reason: 'its lease went silent' });
}

describe('draining a named instance', () => {
  it('leaves a lower ordinal running and empty; the next rebalance gives it partitions again', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const drained = await w.rebalance({ drain: [`${w.service}-1`] });
    expect(drained.outcomes).toMatchObject([
      { outcome: 'completed', text: 'drain 3 → 2, revision 2' },
    ]);
    await heldOnlyBy(w, [0, 2]);
    expect(await w.replicas()).toBe(3);

    const again = await w.rebalance();
    expect(again.outcomes).toMatchObject([{ outcome: 'completed' }]);
    await heldOnlyBy(w, [0, 1, 2]);
  });

  it('ends the highest ordinal, as a shrink does', async () => {
    const w = await bootstrapped({ replicas: 3 });
    await w.rebalance({ drain: [`${w.service}-2`] });
    await heldOnlyBy(w, [0, 1]);
    expect(await w.replicas()).toBe(2);
  });

  it('with a number of instances replaces it by a new one', async () => {
    const w = await bootstrapped({ replicas: 2 });
    const { outcomes } = await w.rebalance({ drain: [`${w.service}-0`], instances: 2 });
    expect(outcomes).toMatchObject([{ outcome: 'completed', text: 'replace 2 → 2, revision 2' }]);
    await heldOnlyBy(w, [1, 2]);
    expect(await w.replicas()).toBe(3);
  });

  it('is refused, with a sentence, where that makes no sense', async () => {
    const w = await bootstrapped({ replicas: 2 });
    const unknown = await w.rebalance({ drain: [`${w.service}-7`] });
    const all = await w.rebalance({ drain: [`${w.service}-0`, `${w.service}-1`] });
    expect(unknown.outcomes).toMatchObject([{ outcome: 'refused' }]);
    expect(unknown.outcomes[0]?.text).toContain('-7 is not an instance of');
    expect(all.outcomes).toMatchObject([{ outcome: 'refused' }]);
    expect(all.outcomes[0]?.text).toContain('only 0 instances own partitions');
  });
});

describe('an owner that is down when a plan is made, of which nobody has told', () => {
  it('is not counted on: others take over first, then the plan is made without it', async () => {
    const w = await bootstrapped({ replicas: 3 });
    await w.crash(`${w.service}-1`, 'down');
    const { outcomes } = await w.rebalance({ instances: 4 });
    expect(outcomes).toMatchObject([{ outcome: 'recovered', revision: 3 }]);
    expect(outcomes[0]?.text).toContain(`without ${w.service}-1`);
    await heldOnlyBy(w, [0, 2, 3]);
    expect(w.simulated.heldAtStop.size).toBe(0);
  });

  it('is waited for while it is started again, and keeps what it owns', async () => {
    const w = await bootstrapped({ replicas: 2 });
    await w.crash(`${w.service}-1`);
    const { outcomes } = await w.rebalance({ instances: 3 });
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 2 }]);
    await heldOnlyBy(w, [0, 1, 2]);
  });

  it('is counted on where nobody else is left', async () => {
    const w = await bootstrapped({ replicas: 1, policy: { instanceStartMs: 60_000 } });
    await w.crash(`${w.service}-0`, 'down');
    const handle = await w.request({ instances: 2 });
    await reaches(handle, 'scale-up');
    w.platform.revive(w.service);
    expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'completed' }]);
    await heldOnlyBy(w, [0, 1]);
  });
});

describe('a lost instance', () => {
  it('is fenced, and the others take over at once', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const { outcomes } = await (await lose(w, `${w.service}-1`)).result();
    expect(outcomes).toMatchObject([{ outcome: 'recovered', revision: 2 }]);
    await heldOnlyBy(w, [0, 2]);
    expect(await w.replicas()).toBe(3);
  });

  it('is no matter when it is back as a newer incarnation and holds its partitions', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const name = `${w.service}-1`;
    const incarnation = await w.crash(name);
    const request = await w.request({
      source: 'instance-lost',
      lost: [{ instance: name, incarnation }],
    });
    const { outcomes } = await request.result();
    expect(outcomes).toMatchObject([{ outcome: 'unnecessary' }]);
    expect(outcomes[0]?.text).toContain('is back as a newer incarnation');
    await heldOnlyBy(w, [0, 1, 2]);
    expect((await w.configDb.latestDistribution(w.service))?.revision).toBe(1);
  });

  it('cannot be replaced where nobody else is: it takes its partitions when it is back', async () => {
    const w = await bootstrapped({ replicas: 1 });
    const { outcomes } = await (await lose(w, `${w.service}-0`)).result();
    expect(outcomes).toMatchObject([{ outcome: 'refused' }]);
    w.platform.revive(w.service);
    await eventually('it serves again', async () => (await w.owned())[0] === '[0-359]');
  });

  it('interrupts a plan that waits for approval', async () => {
    const w = await bootstrapped({ replicas: 3, policy: { approval: 'always' } });
    const handle = await w.request({ requestId: 'shrink', source: 'threshold', instances: 2 });
    await reaches(handle, 'approval');
    await lose(w, `${w.service}-0`);
    await eventually('the others took over', async () => !('0' in (await w.owned())));
    await asks(handle);
    await handle.executeUpdate('approve', { args: [{ by: 'ada' }] });
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([
      { requestId: 'shrink', outcome: 'recovered' },
      { requestId: 'lost', outcome: 'recovered' },
    ]);
    await heldOnlyBy(w, [1]);
  });

  it('interrupts the wait for a new instance', async () => {
    let autoReady = true;
    const w = await bootstrapped({ replicas: 3, autoReady: () => autoReady });
    autoReady = false;
    const handle = await w.request({ requestId: 'grow', instances: 4 });
    await reaches(handle, 'scale-up');
    await lose(w, `${w.service}-1`);
    await eventually('the others took over', async () => !('1' in (await w.owned())));
    await reaches(handle, 'scale-up');
    w.platform.ready(w.service, `${w.service}-3`);
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([
      { requestId: 'grow', outcome: 'recovered' },
      { requestId: 'lost', outcome: 'recovered' },
    ]);
    expect(outcomes[0]?.text).toContain('-1, revision 3');
    await heldOnlyBy(w, [0, 2, 3]);
  });

  it('is not counted on by the way back to an earlier revision that it interrupts', async () => {
    let [open, waves] = [true, 0];
    const mayMove = (revision: number) => open || (revision === 4 && (waves += 1) <= 1);
    const pace = { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 15 };
    const policy = { prepareMs: 3_000, pace };
    const w = await bootstrapped({ mayMove, policy });
    await w.rebalance({ instances: 3 });
    await w.rebalance({ instances: 2 });
    open = false;
    const handle = await w.request({ requestId: 'back', rollback: 2 });
    await eventually('the first wave has moved', async () => '2' in (await w.owned()));
    await lose(w, `${w.service}-1`);
    open = true;
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([
      { requestId: 'back', outcome: 'recovered' },
      { requestId: 'lost', outcome: 'recovered' },
    ]);
    await heldOnlyBy(w, [0, 2]);
  });

  it.each([
    ['a donor', 0],
    ['the receiver', 2],
  ])('interrupts a hand-over: %s', async (_who, ordinal) => {
    let waves = 0;
    const mayMove = (revision: number) => revision !== 2 || (waves += 1) <= 2;
    const policy = { pace: { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 15 } };
    const w = await bootstrapped({ mayMove, policy });
    const handle = await w.request({ requestId: 'grow', instances: 3 });
    await eventually('something has moved', async () => Object.keys(await w.owned()).length === 3);
    await lose(w, `${w.service}-${ordinal}`);
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([{ outcome: 'recovered' }, { outcome: 'recovered' }]);
    await heldOnlyBy(
      w,
      [0, 1, 2].filter((other) => other !== ordinal),
    );
  });

  it('interrupts an undo: what it held goes to those of the former that are there', async () => {
    let open = false;
    const mayMove = (revision: number) => open || revision === 2;
    const policy = { pace: { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 15 } };
    const w = await bootstrapped({ replicas: 3, mayMove, policy }, (activities) => ({
      ...activities,
      verify: async () => {
        // Until it is cancelled.
        for (;;) {
          heartbeat();
          await sleep(50);
        }
      },
    }));
    const handle = await w.request({ requestId: 'grow', instances: 4 });
    await reaches(handle, 'verify');
    await handle.executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
    await reaches(handle, 'undo');
    await lose(w, `${w.service}-1`);
    open = true;
    const { outcomes } = await handle.result();
    expect(outcomes[0]).toMatchObject({ requestId: 'grow', outcome: 'aborted' });
    await heldOnlyBy(w, [0, 2]);
    expect(await w.replicas()).toBe(3);
  });

  it('past the point of no return does not stop what goes forward', async () => {
    let calls = 0;
    const w = await bootstrapped({ replicas: 3 }, (activities) => ({
      ...activities,
      scaleDown: async (input) => {
        calls += 1;
        if (calls === 1) await lose(w, `${w.service}-0`);
        if (calls < 3) throw new Error('the platform is away');
        return activities.scaleDown(input);
      },
    }));
    const { outcomes } = await w.rebalance({ instances: 2 });
    expect(outcomes).toMatchObject([{ outcome: 'recovered' }, { outcome: 'recovered' }]);
    await heldOnlyBy(w, [1]);
    expect(await w.replicas()).toBe(2);
  });

  it('too often within one request ends that request; the last one is seen to all the same', async () => {
    const w = await bootstrapped({ replicas: 8, policy: { approval: 'always' } });
    const handle = await w.request({ requestId: 'shrink', source: 'threshold', instances: 7 });
    for (const ordinal of [0, 1, 2, 3, 4, 5]) {
      await asks(handle);
      await lose(w, `${w.service}-${ordinal}`, `lost-${ordinal}`);
      await eventually('it is gone', async () => !(String(ordinal) in (await w.owned())));
    }
    await expect(handle.result()).rejects.toThrow();
    await heldOnlyBy(w, [6, 7]);
  });
});

describe('a straggler', () => {
  it('that does not apply a revision is fenced, and the others go on without it', async () => {
    const w = await bootstrapped({ replicas: 3, policy: { notifyMs: 5_000 } });
    await w.simulated.deafen(await w.incarnationOf(`${w.service}-1`));
    const { outcomes } = await w.rebalance({ instances: 4 });
    expect(outcomes).toMatchObject([{ outcome: 'recovered' }]);
    await heldOnlyBy(w, [0, 2, 3]);
  });
});

describe('an instance that is told to end', () => {
  it('hands over first, and stays a member of the platform', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const { outcomes } = await w.rebalance({ source: 'leave', drain: [`${w.service}-1`] });
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 2 }]);
    await heldOnlyBy(w, [0, 2]);
    expect(await w.replicas()).toBe(3);
  });

  it('does not wait for a rebalance that waits', async () => {
    const w = await bootstrapped({ replicas: 3, policy: { approval: 'always' } });
    const handle = await w.request({ requestId: 'shrink', source: 'threshold', instances: 2 });
    await reaches(handle, 'approval');
    await w.request({ requestId: 'leave', source: 'leave', drain: [`${w.service}-0`] });
    await eventually('it holds nothing', async () => !('0' in (await w.owned())));
    await asks(handle);
    await handle.executeUpdate('reject', { args: [{ by: 'ada' }] });
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([
      { requestId: 'shrink', outcome: 'rejected' },
      { requestId: 'leave', outcome: 'recovered' },
    ]);
  });
});
