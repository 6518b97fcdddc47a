// Rolling upgrades on a real Temporal server, with simulated instances: every step is a request to the
// rebalance workflow, and what goes wrong goes back.
import { randomUUID } from 'node:crypto';
import type { WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import {
  abortRollUpdate,
  pauseRollUpdate,
  resumeRollUpdate,
  rollStatusQuery,
  type RollInput,
} from '../../../workflows/roll-messages.js';
import type { roll } from '../../../workflows/roll.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();
afterEach(closeAll);

const start = (w: World, more: Partial<RollInput> = {}) =>
  w.client.workflow.start<typeof roll>('roll', {
    workflowId: `roll/${w.service}`,
    taskQueue: w.taskQueue,
    args: [
      { service: w.service, image: 'two', watchMs: 100, by: 'ada', reason: 'a test', ...more },
    ],
  });

const templates = async (w: World) =>
  (await w.platform.observe(w.service)).instances.map(({ template }) => template);
const [one, two] = ['template-1', 'template-of-two'];
/** Clients told to move, by all instances that ever were, from each revision's moved partitions. */
const heldAtStops = (w: World) => [...w.simulated.heldAtStop.values()];
const failureOf = async (result: Promise<unknown>) =>
  result.then(
    () => undefined,
    (error: WorkflowFailedError) => error.cause as { type?: string; message?: string },
  );
const whole = { 0: '[0-119]', 1: '[120-239]', 2: '[240-359]' };

describe('one step of a roll, by request', () => {
  it('gives one instance exactly what another owns, and starts that one again', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const before = await w.platform.observe(w.service);
    const surge = await w.rebalance({ source: 'roll', roll: { replicas: 4, image: 'two' } });
    expect(surge.outcomes).toMatchObject([{ outcome: 'completed', movedClients: 0, revision: 1 }]);
    expect(await templates(w)).toEqual([one, one, one, two]);
    const [instance, to] = [`${w.service}-1`, `${w.service}-3`];
    const swap = await w.rebalance({ source: 'roll', roll: { replicas: 4, instance, to } });
    expect(swap.outcomes).toMatchObject([
      {
        outcome: 'completed',
        movedClients: 120,
        revision: 2,
        text: expect.stringMatching(/handed over to .*-3, .*-1 was started again/) as string,
      },
    ]);
    expect(await w.owned()).toEqual({ 0: '[0-119]', 2: '[240-359]', 3: '[120-239]' });
    expect(await templates(w)).toEqual([one, two, one, two]);
    const after = await w.platform.observe(w.service);
    expect(after.instances[1]?.uid).not.toBe(before.instances[1]?.uid);
    expect(after.instances[0]).toEqual(before.instances[0]);
    expect(heldAtStops(w)).toEqual([0]);
  });

  it('refuses what cannot be: a receiver that owns, an instance that does and is to be started again', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const name = (ordinal: number) => `${w.service}-${ordinal}`;
    const said = async (roll: object) => {
      const { outcomes } = await w.rebalance({ source: 'roll', roll: roll as never });
      return `${outcomes[0]?.outcome}: ${outcomes[0]?.text}`;
    };
    const onto = { replicas: 3, instance: name(0), to: name(1) };
    expect(await said(onto)).toMatch(/^refused: .*-1 owns partitions/);
    expect(await said({ replicas: 3, instance: name(2) })).toMatch(
      /^refused: .*-2 owns partitions/,
    );
    expect(await said({ replicas: 2 })).toMatch(
      /^refused: .*-2 owns partitions: it is not removed/,
    );
    await expect(said({ replicas: 3, template: 'never-seen' })).rejects.toMatchObject({
      cause: { type: 'RebalanceUndone', message: expect.stringMatching(/never-seen/) as string },
    });
    expect(await said({ replicas: 0 })).toMatch(/^refused: roll.replicas must be/);
    expect(await said({ replicas: 3, to: name(3) })).toMatch(/^refused: roll.to goes with/);
    expect(await w.owned()).toEqual(whole);
  });

  it('takes the surge instance and the template back when it does not get Ready', async () => {
    const w = await bootstrapped({
      replicas: 2,
      policy: { instanceStartMs: 1_000 },
      autoReady: ({ template }) => template === one,
    });
    const handle = await w.request({ source: 'roll', roll: { replicas: 3, image: 'two' } });
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({ type: 'RebalanceUndone' });
    expect(failure?.message).toMatch(/-2 not ready within 1000 ms/);
    expect(await w.platform.observe(w.service)).toMatchObject({ replicas: 2, template: one });
    expect(await templates(w)).toEqual([one, one]);
  });

  it('tells by name that the restarted instance is not Ready, and leaves everybody served', async () => {
    let bad = false;
    const w = await bootstrapped({
      replicas: 2,
      policy: { instanceStartMs: 1_000 },
      autoReady: () => !bad,
    });
    await w.rebalance({ source: 'roll', roll: { replicas: 3, image: 'two' } });
    bad = true;
    const [instance, to] = [`${w.service}-0`, `${w.service}-2`];
    const { outcomes } = await w.rebalance({ source: 'roll', roll: { replicas: 3, instance, to } });
    expect(outcomes).toMatchObject([
      {
        outcome: 'completed',
        failure: { type: 'NotReady', text: expect.stringMatching(/-0 not ready/) as string },
      },
    ]);
    expect(await w.owned()).toEqual({ 1: '[180-359]', 2: '[0-179]' });
  });
});

describe('a roll', () => {
  it('moves everybody once, those of one instance twice, and ends as it began', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const handle = await start(w);
    const result = await handle.result();
    expect(result).toMatchObject({
      outcome: 'completed',
      template: { from: one, to: two },
      // 360 clients, 120 of them twice.
      movedClients: 480,
    });
    // Each has what the one above it had.
    expect(await w.owned()).toEqual({ 0: '[120-239]', 1: '[240-359]', 2: '[0-119]' });
    expect(await w.replicas()).toBe(3);
    expect(await templates(w)).toEqual([two, two, two]);
    expect(heldAtStops(w)).toEqual([0, 0, 0, 0]);
    const { steps } = await handle.query(rollStatusQuery);
    expect(steps.map(({ title }) => title).filter((title) => !title.startsWith('watch'))).toEqual([
      'image two',
      `surge instance ${w.service}-3`,
      '0 → 3, restart 0',
      '1 → 0, restart 1',
      '2 → 1, restart 2',
      '3 → 2, scale to 3',
    ]);
  });

  it('has nothing to do where everybody runs the version', async () => {
    const w = await bootstrapped();
    const { taskQueue, service } = w;
    const handle = await w.client.workflow.start<typeof roll>('roll', {
      workflowId: `roll/${service}`,
      taskQueue,
      args: [{ service }],
    });
    expect(await handle.result()).toMatchObject({ outcome: 'unnecessary', movedClients: 0 });
  });

  it('goes back by itself when the new version never gets Ready: nobody has moved', async () => {
    const w = await bootstrapped({
      replicas: 2,
      policy: { instanceStartMs: 1_000 },
      autoReady: ({ template }) => template === one,
    });
    const failure = await failureOf((await start(w)).result());
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(
      /-2 not ready within 1000 ms.*went back from .*all 2 instances run template-1/,
    );
    expect(await w.platform.observe(w.service)).toMatchObject({ replicas: 2, template: one });
    expect(await templates(w)).toEqual([one, one]);
    expect((await w.configDb.latestDistribution(w.service))?.revision).toBe(1);
  });

  it('goes back from the middle, by the same steps, when it crash-loops there', async () => {
    const w = await bootstrapped({ replicas: 3, policy: { instanceStartMs: 2_000 } });
    const handle = await start(w, { watchMs: 1_000 });
    await eventually('the second is rolled, empty and watched', async () => {
      const { steps } = await handle.query(rollStatusQuery);
      const watches = steps.at(-1)?.title.startsWith('watch') === true;
      return watches && (await w.owned())[0] === '[120-239]' && (await templates(w))[1] === two;
    });
    for (let i = 0; i < 2; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await w.crash(`${w.service}-1`);
    }
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(/-1 ended 2 times while it was watched.*went back/);
    expect(Object.keys(await w.owned())).toEqual(['0', '1', '2']);
    expect(await w.replicas()).toBe(3);
    expect(await templates(w)).toEqual([one, one, one]);
    expect(heldAtStops(w).every((held) => held === 0)).toBe(true);
  });

  it('pauses, goes on, and is aborted where it is; the next one goes on from there', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const handle = await start(w, { watchMs: 300 });
    const word = { args: [{ by: 'ada', reason: 'lunch' }] as [{ by: string; reason: string }] };
    expect(await handle.executeUpdate(pauseRollUpdate, word)).toMatch(/^paused/);
    await eventually(
      'it is paused',
      async () => (await handle.query(rollStatusQuery)).phase === 'paused',
    );
    await expect(handle.executeUpdate(pauseRollUpdate, word)).rejects.toThrow();
    await handle.executeUpdate(resumeRollUpdate, word);
    await eventually(
      'two run the version',
      async () => (await templates(w)).filter((t) => t === two).length === 2,
    );
    await handle.executeUpdate(abortRollUpdate, word);
    const aborted = await handle.result();
    expect(aborted).toMatchObject({ outcome: 'aborted' });
    expect(aborted.text).toMatch(/aborted by ada: lunch: \d of 3 instances run it/);
    expect(await w.replicas()).toBe(4);
    const next = await start(w);
    expect(await next.result()).toMatchObject({ outcome: 'completed' });
    expect(await templates(w)).toEqual([two, two, two]);
    expect(Object.keys(await w.owned())).toEqual(['0', '1', '2']);
  });

  it('goes back when it is told to', async () => {
    const w = await bootstrapped({ replicas: 2 });
    const handle = await start(w, { watchMs: 300 });
    await eventually('one is rolled', async () => (await templates(w))[0] === two);
    await handle.executeUpdate(abortRollUpdate, { args: [{ by: 'ada', back: true }] });
    expect(await handle.result()).toMatchObject({
      outcome: 'aborted',
      text: expect.stringMatching(/went back/) as string,
    });
    expect(await templates(w)).toEqual([one, one]);
    expect(Object.keys(await w.owned())).toEqual(['0', '1']);
  });

  it('keeps the autoscaler from deciding anything, and leaves a rebalance that runs its turn', async () => {
    const w = await bootstrapped({ replicas: 2 });
    const handle = await start(w, { watchMs: 500 });
    const tick = await w.client.workflow.execute('autoscale', {
      workflowId: `autoscale/${w.service}-${randomUUID()}`,
      taskQueue: w.taskQueue,
      args: [{ service: w.service }],
    });
    const { kind, reasons } = tick as { kind: string; reasons: readonly string[] };
    expect(kind).toBe('skip');
    expect(reasons[0]).toMatch(/rolling upgrade is under way|a rebalance is running/);
    const asked = await w.request({ instances: 2, reason: 'meanwhile' });
    expect(await handle.result()).toMatchObject({ outcome: 'completed' });
    await asked.result().catch(() => undefined);
    expect(await templates(w)).toEqual([two, two]);
  });

  it('goes on without an instance that is lost meanwhile, and shares out again at the end', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const handle = await start(w, { watchMs: 300 });
    await eventually('one is rolled', async () => (await templates(w))[0] === two);
    const instance = `${w.service}-2`;
    const incarnation = await w.crash(instance);
    await w.request({ source: 'instance-lost', lost: [{ instance, incarnation }] });
    expect(await handle.result()).toMatchObject({ outcome: 'completed' });
    expect(await templates(w)).toEqual([two, two, two]);
    expect(Object.keys(await w.owned())).toEqual(['0', '1', '2']);
  });

  it('goes on after its run was terminated, from what is', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const handle = await start(w, { watchMs: 300 });
    await eventually('one is rolled', async () => (await templates(w))[0] === two);
    await handle.terminate('a test');
    const next = await start(w);
    expect(await next.result()).toMatchObject({ outcome: 'completed' });
    expect(await templates(w)).toEqual([two, two, two]);
    expect(await w.owned()).toMatchObject({
      0: expect.anything() as string,
      2: expect.anything() as string,
    });
    expect(await w.replicas()).toBe(3);
  });
});
