// What a saga stands on is away for a while: it waits, says so, and goes on; each step of each flow is
// in the fault matrix (npm run faults). Here: what people see of it, and what they can do meanwhile.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { temporal } from '../../../stack/parts/temporal.js';
import { startPart } from '../../../stack/running-part.js';
import { abortUpdate, statusQuery } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, openWorld, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

const two = { 0: '[0-179]', 1: '[180-359]' };
const three = { 0: '[0-119]', 1: '[180-299]', 2: '[120-179,300-359]' };

type Handle = Awaited<ReturnType<World['request']>>;

async function pageOf(handle: Handle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }, []>(
    '__temporal_workflow_metadata',
  );
  return metadata.currentDetails ?? '';
}

/** From the first call of `name` on, until the test ends it. */
async function awayAt(name: 'notify' | 'commit' | 'scaleUp', what: 'ConfigDB' | 'Kafka') {
  const policy = { notifyMs: 5_000 };
  const w: World = await bootstrapped({ policy }, (activities) => ({
    ...activities,
    [name]: async (input: never, patience: never) => {
      if (patience === undefined) w.setAway(what, true);
      return (activities[name] as (...args: never[]) => Promise<unknown>)(input, patience);
    },
  }));
  return w;
}

describe('while ConfigDB is away', () => {
  it('the saga says so on its page and in its status, and goes on when it is back', async () => {
    const w = await awayAt('notify', 'ConfigDB');
    const handle = await w.request({ instances: 3 });
    const outage = await eventually('it says so', async () => {
      const { outage } = await handle.query(statusQuery);
      return outage ?? false;
    });
    expect(outage).toMatchObject({ what: 'ConfigDB' });
    expect(outage.tries).toBeGreaterThan(1);
    const page = await pageOf(handle);
    expect(page).toMatch(/ConfigDB does not answer since \d\d:\d\d:\d\d UTC, tried \d+ times/);
    expect(page).toContain('undone after 10 min');
    w.setAway('ConfigDB', false);
    const { outcomes } = await handle.result();
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 2 }]);
    expect((await handle.query(statusQuery)).outage).toBeNull();
    expect(await w.owned()).toEqual(three);
  });

  it('an abort is felt at once, and undone when it is back', async () => {
    const w = await awayAt('scaleUp', 'ConfigDB');
    const handle = await w.request({ instances: 3 });
    await eventually('it waits', async () => (await handle.query(statusQuery)).outage !== null);
    await handle.executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
    await eventually(
      'it is undone',
      async () => (await handle.query(statusQuery)).phase === 'undo',
    );
    w.setAway('ConfigDB', false);
    expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'aborted' }]);
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
  });
});

describe('while Kafka is away', () => {
  it('no bound on instances runs out: they cannot be told', async () => {
    // Away for longer than instances have to apply a revision.
    const w = await awayAt('notify', 'Kafka');
    const handle = await w.request({ instances: 3 });
    await eventually('it says so', async () => {
      const { outage } = await handle.query(statusQuery);
      return outage?.what === 'Kafka';
    });
    await sleep(w.policy.notifyMs);
    w.setAway('Kafka', false);
    expect((await handle.result()).outcomes).toMatchObject([{ outcome: 'completed', revision: 2 }]);
    expect(await w.owned()).toEqual(three);
  });
});

describe('a Temporal server that is killed and started again on its database', () => {
  it('in the middle of scaling and of a hand-over costs the saga nothing but the time', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenkeel-temporal-'));
    const server = await startPart(temporal, await temporal.find(() => undefined), directory);
    let isReady = true;
    let mayMove = true;
    const w = await openWorld({
      replicas: 2,
      clientsPerPartition: () => 1,
      temporalAddress: server.env['TEMPORAL_ADDRESS'] ?? '',
      autoReady: () => isReady,
      mayMove: () => mayMove,
      policy: { instanceStartMs: 60_000, handOverStallMs: 60_000 },
    });
    try {
      const worker = await w.startWorker();
      await w.rebalance();
      isReady = false;
      mayMove = false;
      const { workflowId } = await w.request({ instances: 3 });
      const phase = async () => {
        const status = await w.client.workflow.getHandle(workflowId).query(statusQuery);
        return status.phase;
      };
      await eventually('it scales up', async () => (await phase()) === 'scale-up');
      await eventually('the platform was asked', async () => (await w.replicas()) === 3);
      await server.stop('SIGKILL');
      // Longer than a heartbeat may be missing.
      await sleep(7_000);
      await server.start();
      w.platform.ready(w.service, `${w.service}-2`);
      await eventually('it hands over', async () => (await phase()) === 'hand-over', 60_000);
      await server.stop('SIGKILL');
      mayMove = true;
      await sleep(7_000);
      await eventually('everything has moved', async () => {
        expect(await w.owned()).toEqual(three);
        return true;
      });
      await server.start();
      const ended = await eventually(
        'it is over',
        async () => {
          const run = await w.client.workflow.getHandle(workflowId).describe();
          return run.status.name === 'RUNNING' ? false : run.status.name;
        },
        60_000,
      );
      expect(ended).toBe('COMPLETED');
      const latest = await w.configDb.latestDistribution(w.service);
      expect(latest?.revision).toBe(2);
      expect(await w.owned()).toEqual(three);
      expect(await w.replicas()).toBe(3);
      await worker.shutdown();
    } finally {
      await w.close();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
