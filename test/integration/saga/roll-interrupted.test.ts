// Rolls that somebody or something comes between: people, the autoscaler, a loss, a terminated run.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  abortRollUpdate,
  pauseRollUpdate,
  resumeRollUpdate,
  rollStatusQuery,
} from '../../../workflows/roll-messages.js';
import { eventually } from '../../support/eventually.js';
import { start, templates, one, two } from './rolls.js';
import { createWorlds } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();
afterEach(closeAll);

describe('a roll that is interrupted', () => {
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
    const tick: unknown = await w.client.workflow.execute('autoscale', {
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
