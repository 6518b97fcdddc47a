// Requests that name as gone who never was an instance: refused with a sentence that says who there is,
// and nothing is changed, whether a saga runs or not. Who is meant beside them is seen to.

import { afterEach, describe, expect, it } from 'vitest';
import type { RebalanceRequest } from '../../../activities/types.js';
import { statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

/** What no request about strangers may change. */
async function stateOf(w: World) {
  const [latest, epoch, records, platform, owned] = await Promise.all([
    w.configDb.latestDistribution(w.service),
    w.configDb.latestEpoch(w.service),
    w.configDb.rebalances(w.service, 20),
    w.platform.observe(w.service),
    w.owned(),
  ]);
  const { epoch: platformEpoch, replicas } = platform;
  return {
    revision: latest?.revision,
    epoch,
    records: records.length,
    platformEpoch,
    replicas,
    owned,
  };
}

const gone: readonly (readonly [string, (name: string) => Partial<RebalanceRequest>])[] = [
  ['leaving', (name) => ({ source: 'leave', drain: [name] })],
  ['lost', (name) => ({ source: 'instance-lost', lost: [{ instance: name, incarnation: 'one' }] })],
];

describe.each(gone)('somebody unknown who is said to be %s', (_how, saying) => {
  it('is refused, and nothing is changed', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const before = await stateOf(w);
    const { outcomes, notBegun } = await w.rebalance({
      requestId: 'of 9',
      ...saying(`${w.service}-9`),
    });
    expect(outcomes).toMatchObject([{ requestId: 'of 9', outcome: 'refused', revision: null }]);
    expect(outcomes[0]?.text).toBe(
      `${w.service}-9 is not an instance of ${w.service}: there are ${w.service}-0..${w.service}-2; nothing was done`,
    );
    expect(notBegun).toBe(1);
    expect(await stateOf(w)).toEqual(before);
  });

  it('does not interrupt the saga that runs', async () => {
    const w = await bootstrapped({ replicas: 3, policy: { approval: 'always' } });
    const handle = await w.request({ requestId: 'grow', source: 'threshold', instances: 4 });
    const status = () => handle.query(statusQuery);
    await eventually('it asks', async () => (await status()).awaitsApproval);
    const asked = (await status()).steps;
    await w.request({ requestId: 'of 9', ...saying(`${w.service}-9`) });
    await eventually('it waits', async () => (await status()).queued.includes('of 9'));
    expect((await status()).steps).toEqual(asked);
    await handle.executeUpdate('approve', { args: [{ by: 'ada' }] });
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([
      { requestId: 'grow', outcome: 'completed', revision: 2 },
      { requestId: 'of 9', outcome: 'refused', revision: null },
    ]);
    expect(outcomes[1]?.text).toContain(`there are ${w.service}-0..${w.service}-3`);
    expect(await w.configDb.latestEpoch(w.service)).toBe(2);
  });
});

describe('a request about a stranger and somebody else', () => {
  it('is carried out for the other one', async () => {
    const w = await bootstrapped({ replicas: 3 });
    const drain = [`${w.service}-9`, `${w.service}-1`];
    const handle = await w.request({ source: 'leave', drain });
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 2 }]);
    expect(outcomes[0]?.text).toContain(`went on without ${w.service}-1, `);
    expect(Object.keys(await w.owned())).toEqual(['0', '2']);
    const { notes } = await handle.query(statusQuery);
    expect(notes[0]).toContain(`${w.service}-9 is not an instance of ${w.service}`);
  });

  it('that comes while a stranger is told to be none is seen to in a saga of its own', async () => {
    let during: (() => Promise<unknown>) | undefined;
    const w = await bootstrapped({ replicas: 3 }, (activities) => ({
      ...activities,
      reconcile: async (input) => {
        const answer = await activities.reconcile(input);
        await during?.();
        during = undefined;
        return answer;
      },
    }));
    during = async () => {
      const instance = `${w.service}-1`;
      const lost = [{ instance, incarnation: await w.crash(instance, 'down') }];
      await w.request({ requestId: 'lost', source: 'instance-lost', lost });
    };
    const drain = [`${w.service}-9`];
    const { outcomes } = await w.rebalance({ requestId: 'of 9', source: 'leave', drain });
    expect(outcomes).toMatchObject([
      { requestId: 'of 9', outcome: 'refused' },
      { requestId: 'lost', outcome: 'recovered', revision: 2 },
    ]);
    expect(Object.keys(await w.owned())).toEqual(['0', '2']);
  });
});
