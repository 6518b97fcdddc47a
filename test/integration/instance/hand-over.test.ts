import { afterEach, expect, it } from 'vitest';
import { openOwnershipView } from '../../../src/logs/ownership-view.js';
import type { OwnedRange } from '../../../src/core/records.js';
import { eventually } from '../../support/eventually.js';
import { Service } from './instances.js';
import type { FakeClient } from './instances.js';

const two: readonly OwnedRange[] = [
  [0, 17, 0],
  [18, 35, 1],
];
const three: readonly OwnedRange[] = [
  [0, 11, 0],
  [12, 17, 2],
  [18, 29, 1],
  [30, 35, 2],
];

let service: Service;
afterEach(async () => {
  await service.stop();
});

it('hands partitions and their clients from two instances to a third, each client once', async () => {
  service = await Service.start(36);
  const a = await service.instance(0);
  const b = await service.instance(1);
  await service.say('distribution', 1, two);
  await eventually('state reached', () => {
    expect([a.status().held, b.status().held]).toEqual([18, 18]);
    return true;
  });

  const c = await service.instance(2);
  const gaps: number[] = [];
  const clients: FakeClient[] = [];
  for (let i = 0; i < 72; i += 1) {
    const partition = i % 36;
    const home = partition < 18 ? a : b;
    const identity = { partition, user: `u${i}`, client: 'd', session: `s${i}`, sessionAtMs: i };
    const client = service.client(identity, home, (_old, notice) => {
      const startedAt = performance.now();
      const again = service.client(identity, c, () => undefined);
      const welcomed = again.welcome.bind(again);
      again.welcome = (w) => {
        gaps.push(performance.now() - startedAt);
        welcomed(w);
      };
      clients.push(again);
      c.admit(identity, notice.revision, again);
    });
    clients.push(client);
    home.admit(identity, null, client);
  }
  await eventually('state reached', () => {
    expect(clients.filter((client) => client.state === 'welcome').length).toBe(72);
    return true;
  });

  await service.say('prepare', 2, three);
  await eventually('state reached', () => {
    expect(service.warmed).toContain(c.name);
    return true;
  });
  await service.say('distribution', 2, three);
  await eventually('state reached', () => {
    expect([a.status().held, b.status().held, c.status().held]).toEqual([12, 12, 12]);
    expect(gaps.length).toBe(24);
    return true;
  });
  gaps.sort((x, y) => x - y);
  console.log(`gap ms: p50 ${gaps[12]?.toFixed(1)} max ${gaps.at(-1)?.toFixed(1)}`);
  const view = await openOwnershipView({
    bus: service.bus,
    service: service.service,
    partitions: 36,
  });
  expect(view.ranges()).toEqual([
    [0, 11, a.name],
    [12, 17, c.name],
    [18, 29, b.name],
    [30, 35, c.name],
  ]);
  await view.close();
  await eventually('state reached', () => {
    expect(service.reports.get(c.name)?.clients).toBe(24);
    return true;
  });
});

it('a new incarnation of an ordinal fences the one before and takes over', async () => {
  service = await Service.start(8);
  const a = await service.instance(0);
  await service.say('distribution', 1, [[0, 7, 0]]);
  await eventually('state reached', () => {
    expect(a.status().held).toBe(8);
    return true;
  });
  const again = await service.instance(0);
  await eventually('state reached', () => {
    expect(again.status().held).toBe(8);
    return true;
  });
  expect(await a.ended).toBe('fenced');
  expect(a.maySpeak(0)).toBe(false);
});

it('a leaving instance releases everything before it ends', async () => {
  service = await Service.start(8);
  const a = await service.instance(0);
  await service.say('distribution', 1, [[0, 7, 0]]);
  await eventually('state reached', () => {
    expect(a.status().held).toBe(8);
    return true;
  });
  await a.leave(30_000, Promise.resolve());
  expect(await a.ended).toBe('left');
  const view = await openOwnershipView({
    bus: service.bus,
    service: service.service,
    partitions: 8,
  });
  expect(view.ranges()).toEqual([[0, 7, null]]);
  await view.close();
});
