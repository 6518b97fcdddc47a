// A new version that crash-loops is not waited for: the roll goes back as soon as the platform has counted
// a second end, long before the policy's time for a start is over.
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { failureOf, one, start, templates, two } from './rolls.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();
afterEach(closeAll);

/** Longer than any test may take. */
const policy = { instanceStartMs: 3_600_000 };
/** Its process ends again and again, as long as it is on the new version and not Ready. */
const crashLoop = async (w: World, name: string, until: Promise<unknown>): Promise<void> => {
  const over = until.then(
    () => true,
    () => true,
  );
  for (;;) {
    const { instances } = await w.platform.observe(w.service);
    const found = instances.find((one) => one.name === name);
    if (found?.template === two && found.phase === 'starting') await w.crash(name);
    const isOver = await Promise.race([over, new Promise((go) => setTimeout(go, 300, false))]);
    if (isOver === true) return;
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
    const result = handle.result();
    await crashLoop(w, surge, result);
    const failure = await failureOf(result);
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(/-2 ended \d times before it was Ready.*went back/);
    expect(await w.platform.observe(w.service)).toMatchObject({ replicas: 2, template: one });
    expect((await w.configDb.latestDistribution(w.service))?.revision).toBe(1);
  });

  it('in an instance that was started again: everybody goes back', async () => {
    let isBad = false;
    const autoReady = ({ template }: { template: string }) => template === one || !isBad;
    const w = await bootstrapped({ replicas: 2, policy, autoReady }, (activities) => ({
      ...activities,
      // The surge instance went well.
      restart: async (input) => {
        isBad = true;
        return activities.restart(input);
      },
    }));
    const handle = await start(w);
    const first = `${w.service}-0`;
    await eventually('it starts again', starting(w, first));
    const result = handle.result();
    await crashLoop(w, first, result);
    const failure = await failureOf(result);
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(/-0 ended \d times before it was Ready.*went back/);
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
