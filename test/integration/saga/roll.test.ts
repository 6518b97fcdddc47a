// Rolling upgrades on a real Temporal server, with simulated instances: they end as they began, and go back by
// themselves when the new version does not go well.
import { afterEach, describe, expect, it } from 'vitest';
import { rollStatusQuery, type RollWorkflow } from '../../../workflows/roll-messages.js';
import { eventually } from '../../support/eventually.js';
import { start, templates, one, two, heldAtStops, failureOf } from './rolls.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();
afterEach(closeAll);

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
    const handle = await w.client.workflow.start<RollWorkflow>('roll', {
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
    const w: World = await bootstrapped({ replicas: 3 }, (activities) => ({
      ...activities,
      // The second one is watched until it has ended twice.
      watchRoll: async (input) =>
        activities.watchRoll(
          (await templates(w))[1] === two ? { ...input, watchMs: 60_000 } : input,
        ),
    }));
    const handle = await start(w);
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
});
