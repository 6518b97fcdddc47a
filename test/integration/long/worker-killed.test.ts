// kill -9 of the worker in the middle of a rebalance: the saga goes on where it was.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLogs } from '../../../src/local/evidence.js';
import type { Swarm } from '../../../src/load/swarm.js';
import type { LocalWorker } from '../../../src/local/worker.js';
import { eventually } from '../../support/eventually.js';
import {
  crowdOf,
  startServiceUnderTest,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';

const clients = 40;

describe('a worker that is killed in the middle of a rebalance', () => {
  let under: ServiceUnderTest;
  let swarm: Swarm;

  beforeAll(async () => {
    under = await startServiceUnderTest({ name: 'killed', instances: 2 });
    swarm = await crowdOf(under, clients);
  });
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
  });

  it('goes on after another one has started, twice, and ends well', async () => {
    const { cluster, name } = under;
    const window = swarm.open();
    const runId = await under.ask({ instances: 3 });

    await eventually('the third instance is asked for', async () => {
      const { replicas } = await cluster.platform.observe(name);
      return replicas === 3;
    });
    await (under.worker as LocalWorker).end('SIGKILL');
    const second = await cluster.startWorker();

    await eventually('the next revision is committed', async () => {
      const latest = await cluster.configDb.latestDistribution(name);
      return latest?.revision === 2;
    });
    await second.end('SIGKILL');
    expect(second.process.isRunning()).toBe(false);
    await cluster.startWorker();

    const run = await under.follow(runId);
    expect(run.status).toBe('COMPLETED');
    expect(run.outcome).toMatchObject({ outcome: 'completed', revision: 2 });
    expect(await under.ownership()).toEqual({
      [`${name}-0`]: [[0, 119]],
      [`${name}-1`]: [[180, 299]],
      [`${name}-2`]: [
        [120, 179],
        [300, 359],
      ],
    });
    const { messages, missing } = await window.close();
    expect(missing).toEqual([]);
    expect(messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 });
    expect(messages.sent).toBeGreaterThan(0);
    const evidence = await checkLogs(cluster.bus, name);
    expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
  });
});
