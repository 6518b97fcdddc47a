// What the figures of moved clients say after a crash: the same as before it. Who came back from the crash is
// told apart, by the real service, its clients and what its instances report.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cameUnder } from '../../../activities/record.js';
import { gapsPicture, othersPicture } from '../../../src/cli/console/gaps.js';
import { rebalanceSeen, type RebalanceSeen } from '../../../src/cli/rebalance-record.js';
import type { Swarm } from '../../../src/load/swarm.js';
import { eventually } from '../../support/eventually.js';
import {
  crowdOf,
  startServiceUnderTest,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';

const clients = 60;
const withinMs = 60_000;
let under: ServiceUnderTest;
let swarm: Swarm;

beforeAll(async () => {
  under = await startServiceUnderTest({ name: 'gaps', instances: 2 });
  swarm = await crowdOf(under, clients);
}, 180_000);
afterAll(async () => {
  swarm.stop();
  await under.stop();
});

const reports = () => under.cluster.configDb.reports(under.name);

/** Its record, and how many clients were told to move, by themselves. */
async function resize(instances: number): Promise<{ record: RebalanceSeen; told: number }> {
  const window = swarm.open();
  const run = await under.follow(await under.ask({ instances }));
  expect(run.outcome).toMatchObject({ outcome: 'completed' });
  const { moves } = await window.close();
  const [newest] = await under.cluster.configDb.rebalances(under.name, 1);
  if (newest === undefined) throw new Error('no rebalance was recorded');
  return { record: rebalanceSeen(newest), told: moves.filter(({ planned }) => planned).length };
}

it('a crash changes nothing about the clients that were moved before, and the next move does', async () => {
  const grown = await resize(3);
  expect(grown.told).toBeGreaterThan(0);
  expect(grown.record).toMatchObject({
    ...{ revision: 2, movedClients: grown.told, notReturned: 0, otherGapMs: null },
    gapMs: { n: grown.told },
  });
  const { left: _, arrived, ...before } = gapsPicture(await reports()) ?? { left: 0 };
  expect({ arrived, ...before }).toMatchObject({ revision: 2, arrived: grown.told, n: grown.told });
  expect(othersPicture(await reports())).toBeNull();

  // Without a watcher nobody else gets its partitions: its clients come back to it, by revision 2.
  await under.worker?.end('SIGTERM');
  const window = swarm.open();
  await under.cluster.platform.kill(under.name, `${under.name}-0`, 'SIGKILL');
  await eventually(
    'its clients say how long they were gone',
    async () => cameUnder(await reports(), 2) > grown.told && swarm.connected() === clients,
    withinMs,
  );
  const { moves } = await window.close();
  expect(moves.filter(({ planned }) => planned)).toEqual([]);
  expect(gapsPicture(await reports())).toMatchObject(before);
  expect(othersPicture(await reports())).not.toBeNull();

  await under.cluster.startWorker();
  const shrunk = await resize(2);
  expect(shrunk.record).toMatchObject({ revision: 3, gapMs: { n: shrunk.told } });
  expect(gapsPicture(await reports())).toMatchObject({ revision: 3, n: shrunk.told });
  expect(othersPicture(await reports())).toBeNull();
}, 240_000);
