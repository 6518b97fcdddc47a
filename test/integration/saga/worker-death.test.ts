import { afterEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../../activities/index.js';
import { statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { openWorld, type World } from './saga-world.js';

let w: World | undefined;

afterEach(async () => {
  await w?.close();
  w = undefined;
});

describe('a worker that dies in the middle of a saga', () => {
  it.each([
    ['scaleUp', 0],
    ['prepare', 0],
    ['commit', 0],
    ['notify', 0],
    // Longer than Temporal waits for a heartbeat.
    ['handOver', 12_000],
  ] as const)('at %s: the next one, %i ms later, goes on and ends well', async (name, laterMs) => {
    w = await openWorld({ replicas: 2, clientsPerPartition: () => 1 });
    const first = await w.startWorker();
    await w.rebalance();
    await first.shutdown();

    // The activity does its work and is never heard of again, as when its process was killed.
    let silent = false;
    const dying = await w.startWorker((activities: Activities) => ({
      ...activities,
      [name]: async (input: never) => {
        await (activities[name] as (input: never) => Promise<unknown>)(input);
        silent = true;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        throw new Error('the process is gone');
      },
    }));
    const handle = await w.request({ instances: 3 });
    await eventually(`${name} ran`, () => silent);
    const dead = dying.shutdown();
    await new Promise((resolve) => setTimeout(resolve, laterMs));
    await w.startWorker();
    await eventually(
      'the next worker answers',
      async () => (await handle.query(statusQuery)).service,
    );
    const { outcomes } = await handle.result();
    await dead;
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 2 }]);
    expect(await w.owned()).toEqual({ 0: '[0-119]', 1: '[180-299]', 2: '[120-179,300-359]' });
    expect(await w.replicas()).toBe(3);
  });
});
