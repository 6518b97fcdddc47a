// What the question says of the cost: short, and true also where nobody moves; whom it is said to.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { costLines } from '../../src/cli/console/cost.js';
import type { DryRun } from '../../src/cli/rebalance/dry-run-text.js';
import { consoleCostsAtOnceMax } from '../../src/console/limits.js';
import { closeAll, openForTest } from './world.js';

afterEach(closeAll);

const grow: DryRun = {
  ...{ service: 'messaging', kind: 'grow', revision: { from: 1, to: 2 }, hash: 'h' },
  ...{ partitions: 360, current: {}, instances: {}, notes: [] },
  owners: { from: 2, to: 3 },
  running: { from: 2, to: 3 },
  moved: { partitions: 120, weight: 120, lowerBound: 120 },
  clients: 38,
  transfers: [
    { donor: 'messaging-0', receiver: 'messaging-2', partitions: 60, clients: 20 },
    { donor: null, receiver: 'messaging-2', partitions: 1, clients: 0 },
  ],
  estimateMs: 19_000,
  approval: { needed: false, neededByAutoscaler: false },
};

it('says how many move, for how long, and from whom to whom', () => {
  expect(costLines(grow)).toEqual([
    'grow: 2 → 3 instances own partitions; 2 → 3 run. About 38 clients move, with 120 partitions.',
    'About 19.0 s to hand over, once everybody is ready and warm.',
    'messaging-0 → messaging-2: 60 partitions, 20 clients',
    'nobody → messaging-2: 1 partition, 0 clients',
  ]);
});

it('says that nobody moves, and what else there is to know', () => {
  const calm = {
    ...grow,
    kind: 'keep',
    owners: { from: 3, to: 3 },
    transfers: [],
    notes: ['a note'],
  };
  expect(costLines(calm)).toEqual(['keep: 3 instances own partitions; nobody moves.', 'a note']);
});

it('names a few pairs of many, as a phone can show them', () => {
  const transfers = Array.from({ length: 40 }, (_, i) => ({
    ...{ donor: 'messaging-0', receiver: `messaging-${i}`, partitions: 1, clients: 1 },
  }));
  const lines = costLines({ ...grow, transfers });
  expect(lines).toHaveLength(9);
  expect(lines.at(-1)).toBe('… 34 more pairs');
});

describe('what a rebalance would cost', () => {
  it('is said to whoever may ask for one, and to no other site', async () => {
    const asked: object[] = [];
    const cost = async (of: object, by: string) => {
      asked.push({ ...of, by });
      return { ok: true, lines: ['nobody moves'] };
    };
    const { post, logIn } = await openForTest({ cost });
    const { cookie, csrf } = await logIn('ada');
    const good = { cookie, 'x-evenkeel-csrf': csrf };
    const answer = await post('/api/cost', { service: 'messaging', instances: 3 }, good);
    expect(answer.json()).toEqual({ ok: true, lines: ['nobody moves'] });
    const foreign = { ...good, origin: 'https://evil.example' };
    expect((await post('/api/cost', { service: 'messaging' }, foreign)).statusCode).toBe(403);
    expect((await post('/api/cost', { service: 'messaging' }, { cookie })).statusCode).toBe(403);
    for (const body of [{ service: '<b>' }, { service: 'messaging', instances: 0 }])
      expect((await post('/api/cost', body, good)).statusCode).toBe(400);
    expect(asked).toEqual([{ service: 'messaging', instances: 3, by: 'ada' }]);
  });

  it('is planned for a few at once, and for the next when one has its answer', async () => {
    const waiting: (() => void)[] = [];
    const cost = () =>
      new Promise<{ ok: true; lines: readonly string[] }>((resolve) =>
        waiting.push(() => resolve({ ok: true, lines: [] })),
      );
    const { post, logIn } = await openForTest({ cost });
    const { cookie, csrf } = await logIn();
    const ask = () =>
      post('/api/cost', { service: 'messaging' }, { cookie, 'x-evenkeel-csrf': csrf });
    const first = Array.from({ length: consoleCostsAtOnceMax }, ask);
    await vi.waitFor(() => expect(waiting).toHaveLength(consoleCostsAtOnceMax));
    expect((await ask()).statusCode).toBe(503);
    for (const answer of waiting.splice(0)) answer();
    await Promise.all(first);
    const next = ask();
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting[0]?.();
    expect((await next).statusCode).toBe(200);
  });
});
