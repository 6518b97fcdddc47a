// A saga that fails on the whole real stack is undone: the old instances serve everything again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { checkLogs } from '../../../src/local/evidence.js';
import { systemClock } from '../../../src/adapters/system-clock.js';
import { startWorker, type RunningWorker } from '../../../src/worker.js';
import { checkoutDir } from '../../../stack/checkout.js';
import { eventually } from '../../support/eventually.js';
import { faultyBus, type FaultyBus } from '../../support/faulty-bus.js';
import { connectPlainly, type PlainClient } from '../../support/plain-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

describe('a saga that fails', () => {
  let under: ServiceUnderTest;
  let worker: RunningWorker;
  let bus: FaultyBus;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    under = await startServiceUnderTest({
      name: 'undone',
      instances: 2,
      startWorker: async (cluster) => {
        bus = faultyBus(cluster.bus);
        worker = await startWorker({
          temporalAddress: cluster.env['TEMPORAL_ADDRESS'] ?? '',
          taskQueue: cluster.taskQueue,
          workflowBundlePath: join(checkoutDir, 'dist', 'workflow-bundle.js'),
          ports: {
            configDb: cluster.configDb,
            bus,
            platform: cluster.platform,
            metrics: { load: async () => [] },
            clock: systemClock,
          },
        });
      },
    });
    const { directoryUrl, directoryKey } = under.service;
    for (const user of ['ada', 'bob', 'cyn', 'dan', 'eve', 'fay', 'gil', 'hal']) {
      clients.push(await connectPlainly({ directoryUrl, directoryKey, user }));
    }
    await eventually('everybody is welcomed', () => clients.every((one) => one.connected()));
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await worker.shutdown();
    await under.stop();
  });

  /** Asks for a third instance, and returns the failure that the run closed with. */
  const growAndFail = async (): Promise<{ type: unknown; message: string }> => {
    const run = await under.follow(await under.ask({ instances: 3 }));
    expect(run.status).toBe('FAILED');
    const handle = under.cluster.temporal.workflow.getHandle(run.workflowId, run.runId);
    const failure = await handle.result().then(
      () => undefined,
      (error: { cause?: { type?: unknown; message?: string } }) => error.cause,
    );
    return { type: failure?.type, message: failure?.message ?? '' };
  };

  /** Two instances hold everything, the third is gone, and everybody is connected and served. */
  const expectTheOldState = async (): Promise<void> => {
    expect(await under.ownership()).toEqual({
      [`${under.name}-0`]: [[0, 179]],
      [`${under.name}-1`]: [[180, 359]],
    });
    const view = await under.cluster.platform.observe(under.name);
    expect(view.replicas).toBe(2);
    expect(view.instances.map(({ name }) => name)).toEqual([`${under.name}-0`, `${under.name}-1`]);
    await eventually('everybody is connected again', () => clients.every((one) => one.connected()));
    const before = clients.map(({ bodies }) => bodies.length);
    await Promise.all(
      ['ada', 'bob', 'cyn', 'dan', 'eve', 'fay', 'gil', 'hal'].map((user) =>
        (clients[0] as PlainClient).send(user, 'still here'),
      ),
    );
    await eventually('everybody hears', () =>
      clients.every(({ bodies }, i) => bodies.length === (before[i] ?? 0) + 1),
    );
    expect(clients.map((one) => one.socketsMax())).toEqual(clients.map(() => 1));
    const evidence = await checkLogs(under.cluster.bus, under.name);
    expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
  };

  it('at prepare leaves the two instances as they were, and says why', async () => {
    bus.failOn(({ type }) => type === 'prepare');
    const failure = await growAndFail();
    expect(failure.type).toBe('RebalanceUndone');
    expect(failure.message).toMatch(/prepare failed: .*refuses to write prepare.*undone/);
    await expectTheOldState();
    const latest = await under.cluster.configDb.latestDistribution(under.name);
    expect(latest?.revision).toBe(1);
  });

  it('at notify goes back by a higher revision, and says why', async () => {
    const before = await under.cluster.configDb.latestDistribution(under.name);
    const revision = (before?.revision ?? 0) + 1;
    bus.failOn((message) => message.type === 'distribution' && message.revision === revision);
    const failure = await growAndFail();
    expect(failure.type).toBe('RebalanceUndone');
    expect(failure.message).toMatch(/notify failed: .*refuses to write distribution.*undone/);
    await expectTheOldState();
    const latest = await under.cluster.configDb.latestDistribution(under.name);
    expect(latest).toMatchObject({ revision: revision + 1, cause: { kind: 'undo' } });
  });

  it('does not stand in the way of the next one', async () => {
    bus.failOn(null);
    const run = await under.follow(await under.ask({ instances: 3 }));
    expect(run.outcome).toMatchObject({ outcome: 'completed' });
    expect(Object.keys(await under.ownership())).toHaveLength(3);
    await eventually('everybody is connected', () => clients.every((one) => one.connected()));
  });
});
