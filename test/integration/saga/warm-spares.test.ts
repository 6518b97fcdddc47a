// A spare is kept running and owns nothing; a growth uses it and waits for no instance to start; a shrink
// leaves one.
import { afterEach, expect, it } from 'vitest';
import { ensureSchedule, scheduleIdOf } from '../../../src/schedule.js';
import type { DecisionRecord } from '../../../src/core/scaling/record.js';
import { eventually } from '../../support/eventually.js';
import { openWorld, type World } from './saga-world.js';

let w: World | undefined;

afterEach(async () => {
  if (w === undefined) return;
  await w.client.schedule
    .getHandle(scheduleIdOf(w.service))
    .delete()
    .catch(() => undefined);
  await w.close();
  w = undefined;
});

it('a growth takes the spare, whether or not the next one ever starts', async () => {
  let clients = 1;
  let startsReady = true;
  w = await openWorld({
    replicas: 2,
    clientsPerPartition: () => clients,
    autoReady: () => startsReady,
    policy: {
      warmSpares: 1,
      instances: { min: 2, max: 4 },
      clientsPerInstance: { upper: 300, lower: 100, target: 200 },
      instanceStartMs: 120_000,
    },
  });
  const { service, configDb, client, taskQueue, platform } = w;
  await w.startWorker();
  await ensureSchedule(client, { service, scheduleEveryMs: 1_000 }, taskQueue);
  const revision = async () => (await configDb.latestDistribution(service))?.revision ?? 0;
  const idle = async () => {
    const [last] = await configDb.rebalances(service, 1);
    return (last?.body as { outcome?: string } | undefined)?.outcome === 'completed';
  };
  const replicas = async () => (await platform.observe(service)).replicas;
  const owners = async () => Object.keys((await w?.owned()) ?? {}).length;

  await eventually('the first distribution and its spare', async () => {
    return (await revision()) === 1 && (await idle()) && (await replicas()) === 3;
  });
  expect(await owners()).toBe(2);

  // From now on nobody who is started becomes Ready.
  startsReady = false;
  clients = 2;
  await eventually('three owners', async () => (await owners()) === 3 && (await idle()));
  expect(await replicas()).toBe(4);
  const { instances } = await platform.observe(service);
  expect(instances.map(({ phase }) => phase)).toEqual(['ready', 'ready', 'ready', 'starting']);

  clients = 0;
  await eventually('two owners', async () => (await owners()) === 2 && (await idle()));
  expect(await replicas()).toBe(3);

  // A spare that somebody takes away is asked for again.
  const { version } = await platform.observe(service);
  const epoch = await configDb.latestEpoch(service);
  expect(await platform.scale(service, { replicas: 2, epoch, version })).toMatchObject({
    kind: 'scaled',
  });
  await eventually('the spare again', async () => (await replicas()) === 3);
  expect(await owners()).toBe(2);
  const decisions = await configDb.decisions(service, 0, 1_000);
  const acts = decisions.filter(({ kind }) => kind === 'act').reverse();
  expect(acts.map(({ body }) => (body as DecisionRecord).decision.reasons[0]?.kind)).toEqual([
    'bootstrap',
    'above-upper',
    'below-lower',
    'spares-missing',
  ]);
});
