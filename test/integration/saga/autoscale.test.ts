import { afterEach, describe, expect, it } from 'vitest';
import { ensureSchedule, scheduleIdOf, triggerSchedule } from '../../../src/schedule.js';
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

describe('the Schedule', () => {
  it('makes the first distribution, grows past the upper threshold and shrinks below the lower', async () => {
    let clients = 1;
    w = await openWorld({
      replicas: 2,
      clientsPerPartition: () => clients,
      policy: {
        instances: { min: 2, max: 4 },
        clientsPerInstance: { upper: 300, lower: 100, target: 200 },
      },
    });
    const { service, configDb, client, taskQueue } = w;
    await w.startWorker();
    expect(await ensureSchedule(client, { service, scheduleEveryMs: 1_000 }, taskQueue)).toBe(
      'created',
    );

    const revision = async () => (await configDb.latestDistribution(service))?.revision;
    const idle = async () => {
      const [last] = await configDb.rebalances(service, 1);
      return (last?.body as { outcome?: string } | undefined)?.outcome === 'completed';
    };
    await eventually('the first distribution', async () => (await revision()) === 1 && idle());
    clients = 2;
    await eventually('a third instance', async () => (await revision()) === 2 && idle());
    expect(await w.replicas()).toBe(3);
    clients = 0;
    await eventually('two instances again', async () => (await revision()) === 3 && idle());
    expect(await w.owned()).toEqual({ 0: '[0-179]', 1: '[180-359]' });

    const decisions = await configDb.decisions(service, 0, 100);
    const acted = decisions.filter(({ kind }) => kind === 'act').reverse();
    const kinds = acted.map(
      ({ body }) =>
        (body as { decision: { reasons: { kind: string }[] } }).decision.reasons[0]?.kind,
    );
    expect(kinds).toEqual(['bootstrap', 'above-upper', 'below-lower']);
    const [last] = await configDb.rebalances(service, 1);
    expect(last?.body).toMatchObject({ request: { source: 'threshold', instances: 2 } });
  });

  it('is brought up to date without losing an operator’s pause', async () => {
    w = await openWorld({ replicas: 2 });
    const { service, client, taskQueue } = w;
    await ensureSchedule(client, { service, scheduleEveryMs: 15_000 }, taskQueue);
    const handle = client.schedule.getHandle(scheduleIdOf(service));
    await handle.pause('ada looks into it');
    expect(await ensureSchedule(client, { service, scheduleEveryMs: 20_000 }, taskQueue)).toBe(
      'updated',
    );
    const { state, spec, policies } = await handle.describe();
    expect(state).toMatchObject({ paused: true, note: 'ada looks into it' });
    expect(spec.intervals).toMatchObject([{ every: 20_000 }]);
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 20_000 });
    expect(spec.jitter).toBe(2_000);
    await triggerSchedule(client, service);
  });
});
