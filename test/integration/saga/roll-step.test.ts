// One step of a roll on a real Temporal server: a request to the rebalance workflow like any other.
import { afterEach, describe, expect, it } from 'vitest';
import { templates, one, two, heldAtStops, failureOf, whole } from './rolls.js';
import { createWorlds } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();
afterEach(closeAll);

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
