import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type Connections } from '../../activities/connections.js';
import { reconcile } from '../../activities/reconcile.js';
import type { TemporalSide } from '../../activities/temporal-side.js';
import type { RebalanceRequest } from '../../activities/types.js';
import { openMemoryService, type MemoryService } from '../../faults/memory-service.js';
import { hashOf } from '../../activities/situation.js';

const temporal = { isOpen: async () => true } as unknown as TemporalSide;
const opened: { service: MemoryService; connections: Connections }[] = [];

afterEach(async () => {
  for (const { service, connections } of opened.splice(0)) {
    await connections.close();
    await service.simulated.stopAll();
  }
});

/** `m-0..m-2` run and own nothing yet. */
async function three() {
  const service = await openMemoryService({ service: 'm', replicas: 3, partitions: 12 });
  const connections = connect(service.ports, temporal);
  opened.push({ service, connections });
  const asked = (request: Partial<RebalanceRequest>, mayDecline?: true) =>
    new MockActivityEnvironment().run(() =>
      reconcile(connections, {
        service: 'm',
        request: { requestId: 'r', reason: 'a test', source: 'operator', ...request },
        workflow: { id: 'rebalance/m', runId: 'run' },
        ...(mayDecline === undefined ? {} : { mayDecline }),
      }),
    );
  const touched = async () => ({
    epoch: await service.configDb.latestEpoch('m'),
    records: (await service.configDb.rebalances('m', 10)).length,
    platform: (await service.platform.observe('m')).epoch,
  });
  return { service, asked, touched };
}

const lost = (...names: readonly string[]): Partial<RebalanceRequest> => ({
  source: 'instance-lost',
  lost: names.map((instance) => ({ instance, incarnation: 'one' })),
});
const leave = (...drain: readonly string[]): Partial<RebalanceRequest> => ({
  source: 'leave',
  drain,
});

describe('a request about instances that are gone', () => {
  it.each([
    ['a loss', lost('m-9')],
    ['a leave', leave('m-9')],
  ])(
    'is declined when it names only strangers, and nothing is touched: %s',
    async (_how, request) => {
      const { asked, touched } = await three();
      const before = await touched();
      expect(await asked(request, true)).toEqual({
        declined: 'm-9 is not an instance of m: there are m-0..m-2; nothing was done',
      });
      expect(await touched()).toEqual(before);
    },
  );

  it('is carried out for those of its names that are known', async () => {
    const { asked, touched } = await three();
    expect(await asked(leave('m-9', 'm-1'), true)).toMatchObject({ epoch: 1, known: 3 });
    expect((await touched()).epoch).toBe(1);
  });

  it('is not declined for a workflow that does not know what that means', async () => {
    const { asked } = await three();
    expect(await asked(lost('m-9'))).toMatchObject({ epoch: 1, known: 3 });
  });

  it('may be about somebody who owns without being told to run', async () => {
    const { service, asked } = await three();
    const ranges = [[0, 11, 4]] as const;
    await service.configDb.insertDistribution({
      ...{ service: 'm', revision: 1, partitions: 12, ranges, hash: hashOf('m', 1, 12, ranges) },
      ...{ base: null, plan: null, cause: { kind: 'bootstrap', text: 'by hand' }, epoch: 1 },
      ...{ workflow: { id: 'rebalance/m', runId: 'before' }, atMs: 0 },
    });
    expect(await asked(leave('m-5'), true)).toEqual({
      declined: 'm-5 is not an instance of m: there are m-0..m-4; nothing was done',
    });
    expect(await asked(leave('m-4'), true)).toMatchObject({ known: 5 });
  });
});

it('a request of a person is never declined here: the plan answers it', async () => {
  const { asked } = await three();
  expect(await asked({ drain: ['m-9'] }, true)).toMatchObject({ epoch: 1, known: 3 });
});
