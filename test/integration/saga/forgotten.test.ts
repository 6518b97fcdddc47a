// ConfigDB has forgotten what is in force: an older backup was restored, its last second was lost,
// everything is gone. The next run finds it, and goes on from what is held.

import { afterEach, describe, expect, it } from 'vitest';
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MongoClient } from 'mongodb';
import { randomUUID } from 'node:crypto';
import { lastTold } from '../../../activities/told.js';
import { settled } from '../../../faults/check.js';
import { connectMongo } from '../../../src/adapters/mongo.js';
import { topicsOf } from '../../../src/logs/topics.js';
import { eventually } from '../../support/eventually.js';
import { outliving } from './outliving.js';
import { createWorlds, type World } from './saga-world.js';

const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

const two = { 0: '[0-179]', 1: '[180-359]' };
const three = { 0: '[0-119]', 1: '[180-299]', 2: '[120-179,300-359]' };

/** How often partitions were given to somebody: only a hand-over writes such a record. */
async function acquisitions(w: World): Promise<number> {
  const { ownership } = topicsOf(w.service);
  const records = await w.bus.readRange(ownership, 0, 0, 100_000, 100_000);
  return records.filter(({ value }) => value?.includes('"acquired"')).length;
}

async function latestOf(w: World) {
  const latest = await w.configDb.latestDistribution(w.service);
  return { revision: latest?.revision, cause: latest?.cause.kind };
}

/** What a run closed with. */
async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await run.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

async function allIsWell(w: World): Promise<void> {
  expect(await settled(w)).toBeUndefined();
}

describe('a ConfigDB that was restored from an older backup', () => {
  it('takes what is held as a revision that nobody has seen, and nobody moves', async () => {
    const w = await bootstrapped();
    const restore = w.backup();
    await w.rebalance({ instances: 3 });
    const before = await acquisitions(w);
    restore();
    const { outcomes } = await w.rebalance();
    expect(outcomes).toMatchObject([{ outcome: 'unnecessary', revision: 3, movedClients: 0 }]);
    expect(await latestOf(w)).toEqual({ revision: 3, cause: 'mend' });
    expect(await w.owned()).toEqual(three);
    expect(await acquisitions(w)).toBe(before);
    await allIsWell(w);
  });

  it('carries out the request after that, with an epoch above all that were seen', async () => {
    const w = await bootstrapped();
    const restore = w.backup();
    await w.rebalance({ instances: 3 });
    const { epoch } = await w.platform.observe(w.service);
    restore();
    const { outcomes } = await w.rebalance({ instances: 2 });
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 4 }]);
    expect((await w.platform.observe(w.service)).epoch).toBeGreaterThan(epoch);
    expect(await w.replicas()).toBe(2);
    await allIsWell(w);
  });

  it('after a run that was terminated in the middle of its hand-over goes on from the middle', async () => {
    let waves = 0;
    const w = await bootstrapped({
      policy: { pace: { clientsPerWave: 10, acceptPerSecond: 10_000, partitionsPerWave: 10 } },
      mayMove: (revision) => revision !== 2 || (waves += 1) <= 3,
    });
    const restore = w.backup();
    const run = await w.request({ instances: 3 });
    await eventually('some have moved', async () => '2' in (await w.owned()));
    await w.client.workflow.getHandle(run.workflowId).terminate('by hand');
    restore();
    const before = await acquisitions(w);
    const { outcomes } = await w.rebalance();
    expect(outcomes).toMatchObject([{ outcome: 'completed', revision: 4 }]);
    expect(await w.owned()).toEqual(three);
    // What had moved before stays where it is: 120 partitions move in all.
    expect(before).toBeGreaterThan(360);
    expect(await acquisitions(w)).toBe(360 + 120);
    await allIsWell(w);
  });

  it.each(['commit', 'notify', 'handOver'] as const)(
    'refuses the %s of a dead run that comes after',
    async (name) => {
      const zombie = outliving(name);
      const w: World = await bootstrapped(
        {},
        zombie.wrap(() => w),
      );
      const restore = w.backup();
      await expect((await w.request({ instances: 3 })).result()).rejects.toThrow();
      restore();
      const next = await w.rebalance({ instances: 2 });
      expect(['completed', 'unnecessary']).toContain(next.outcomes[0]?.outcome);
      const before = await latestOf(w);
      await zombie.letGo();
      expect(await latestOf(w)).toEqual(before);
      expect((await lastTold(w, w.service)).said.epoch).toBeGreaterThan(100);
      expect(await w.owned()).toEqual(two);
      await allIsWell(w);
    },
  );

  it('in the middle of a saga ends it with a sentence, and the next one goes on', async () => {
    let restore: () => void = () => undefined;
    const w = await bootstrapped({}, (activities) => ({
      ...activities,
      pauseSchedule: async () => undefined,
      handOver: async (input) => {
        restore();
        restore = () => undefined;
        return activities.handOver(input);
      },
    }));
    restore = w.backup();
    const run = await w.request({ instances: 3 });
    const failure = await failureOf(run.result());
    expect(failure.type).toBe('CompensationFailed');
    expect(failure.message).toContain('forgotten revision 2');
    const { outcomes } = await w.rebalance({ instances: 3 });
    expect(['completed', 'unnecessary']).toContain(outcomes[0]?.outcome);
    expect(await w.owned()).toEqual(three);
    await allIsWell(w);
  });
});

describe('a ConfigDB that lost everything', () => {
  it('is written anew from what is held, once there is a policy again', async () => {
    const w = await bootstrapped();
    await w.rebalance({ instances: 3 });
    w.loseConfigDb();
    expect((await failureOf(w.rebalance())).message).toContain('evenkeel apply FILE');
    const { service, policy } = w;
    await w.configDb.insertPolicy({ service, revision: 1, policy, by: 'ada', atMs: 0 });
    const before = await acquisitions(w);
    const { outcomes } = await w.rebalance();
    expect(outcomes).toMatchObject([{ outcome: 'unnecessary', revision: 3 }]);
    expect(await w.owned()).toEqual(three);
    expect(await acquisitions(w)).toBe(before);
    await allIsWell(w);
  });
});

describe('another number of partitions', () => {
  it('is refused with both numbers', async () => {
    const w = await bootstrapped();
    const { service } = w;
    const policy = { ...w.policy, partitions: 720 };
    await w.configDb.insertPolicy({ service, revision: 2, policy, by: 'ada', atMs: 0 });
    const { outcomes } = await w.rebalance({ instances: 3 });
    expect(outcomes).toMatchObject([{ outcome: 'refused' }]);
    expect(outcomes[0]?.text).toContain(
      'says 720 partitions, and revision 1, which is served, has 360',
    );
    expect(await w.owned()).toEqual(two);
    expect(await w.replicas()).toBe(2);
    await w.configDb.insertPolicy({ service, revision: 3, policy: w.policy, by: 'ada', atMs: 0 });
    expect((await w.rebalance({ instances: 3 })).outcomes).toMatchObject([
      { outcome: 'completed' },
    ]);
  });

  it('of the topic is refused, too', async () => {
    const w = await bootstrapped();
    w.topicHas(720);
    const { outcomes } = await w.rebalance({ instances: 3 });
    expect(outcomes).toMatchObject([{ outcome: 'refused' }]);
    expect(outcomes[0]?.text).toContain('has 720 partitions, and');
    expect(outcomes[0]?.text).toContain('runs with 360');
    expect(await w.replicas()).toBe(2);
  });
});

describe('the real MongoDB adapter', () => {
  it('that lost its newest revisions and epochs is mended alike', async () => {
    const uri = process.env['MONGODB_URI'] ?? '';
    const database = `forgotten-${randomUUID().slice(0, 8)}`;
    const configDb = await connectMongo({ uri, database });
    const w = await bootstrapped({ configDb });
    await w.rebalance({ instances: 3 });
    const client = await MongoClient.connect(uri);
    const db = client.db(database);
    await db.collection('distributions').deleteMany({ revision: { $gt: 1 } });
    await db.collection('epochs').deleteMany({ epoch: { $gt: 1 } });
    await client.close();
    const { outcomes } = await w.rebalance();
    expect(outcomes).toMatchObject([{ outcome: 'unnecessary', revision: 3 }]);
    expect(await w.owned()).toEqual(three);
    await allIsWell(w);
    await closeAll();
    await configDb.close();
  });
});
