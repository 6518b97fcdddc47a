// A new version that crash-loops is not waited for: the roll goes back as soon as the platform has counted
// a second end, long before the policy's time for a start is over.
import { afterEach, describe, expect, it } from 'vitest';
import { rollStatusQuery } from '../../../workflows/roll-messages.js';
import { eventually } from '../../support/eventually.js';
import { failureOf, one, start, templates, two } from './rolls.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();
afterEach(closeAll);

/** Longer than any test may take. */
const policy = { instanceStartMs: 3_600_000 };
const crashTwice = async (w: World, name: string): Promise<void> => {
  for (let times = 0; times < 2; times += 1) {
    await w.crash(name);
    // Seen once before the next one: a first look counts nothing.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
};
const starting = (w: World, name: string) => async () => {
  const { instances } = await w.platform.observe(w.service);
  return instances.some((found) => found.name === name && found.template === two);
};

describe('a version that crash-loops', () => {
  it('in the surge instance: nobody has moved', async () => {
    const autoReady = ({ template }: { template: string }) => template === one;
    const w = await bootstrapped({ replicas: 2, policy, autoReady });
    const handle = await start(w);
    const surge = `${w.service}-2`;
    await eventually('it starts', starting(w, surge));
    await crashTwice(w, surge);
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(/-2 ended 2 times before it was Ready.*went back/);
    expect(await w.platform.observe(w.service)).toMatchObject({ replicas: 2, template: one });
    expect((await w.configDb.latestDistribution(w.service))?.revision).toBe(1);
  });

  it('in an instance that was started again: everybody goes back', async () => {
    let isBad = false;
    const autoReady = ({ template }: { template: string }) => template === one || !isBad;
    const w = await bootstrapped({ replicas: 2, policy, autoReady });
    const handle = await start(w);
    await eventually('the surge instance is watched', async () => {
      const { steps } = await handle.query(rollStatusQuery);
      return steps.at(-1)?.title.startsWith('watch') === true;
    });
    isBad = true;
    const first = `${w.service}-0`;
    await eventually('it starts again', starting(w, first));
    await crashTwice(w, first);
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(/-0 ended 2 times before it was Ready.*went back/);
    expect(await templates(w)).toEqual([one, one]);
    expect(Object.keys(await w.owned())).toEqual(['0', '1']);
  });

  it('once is an accident, which is waited for', async () => {
    let isReady = false;
    const autoReady = ({ template }: { template: string }) => template === one || isReady;
    const w = await bootstrapped({ replicas: 2, policy, autoReady });
    const handle = await start(w);
    const surge = `${w.service}-2`;
    await eventually('it starts', starting(w, surge));
    isReady = true;
    await w.crash(surge);
    expect(await handle.result()).toMatchObject({ outcome: 'completed' });
  });
});
