// A rolling upgrade on the whole real stack, with the supervisor's processes under chatting clients; and a
// bad new version, which goes back by itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollOf, sameBuildElsewhere } from '../../../bench/roll/run.js';
import { checkLogs } from '../../../src/local/evidence.js';
import type { Swarm } from '../../../src/load/swarm.js';
import {
  crowdOf,
  startServiceUnderTest,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';

const [instances, clients] = [3, 30];

describe('a rolling upgrade', () => {
  let under: ServiceUnderTest;
  let swarm: Swarm;

  beforeAll(async () => {
    under = await startServiceUnderTest({
      name: 'roll',
      instances,
      policy: { instanceStartMs: 180_000 },
    });
    swarm = await crowdOf(under, clients, 30);
  });
  afterAll(async () => {
    swarm?.stop();
    await under?.stop();
  });

  const templates = async () => {
    const view = await under.cluster.platform.observe(under.name);
    return view.instances.map(({ template }) => template);
  };

  it('moves each client at most twice, 1 + 1/n times on average, and loses nothing', async () => {
    const before = await templates();
    const window = swarm.open();
    const image = sameBuildElsewhere(under.cluster.logDir);
    const { result } = await rollOf(under.cluster, under.name, { image, watchMs: 500 });
    expect(result).toMatchObject({ outcome: 'completed' });
    const { messages, moves, missing } = await window.close();
    expect(missing).toEqual([]);
    expect(messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 });
    expect(moves.every(({ planned }) => planned)).toBe(true);
    expect(moves.length).toBe(result?.movedClients);
    expect(moves.length).toBeLessThanOrEqual(clients * (1 + 1 / instances));
    expect(moves.length).toBeGreaterThanOrEqual(clients);
    expect(Object.keys(await under.ownership()).length).toBe(instances);
    expect(await templates()).toHaveLength(instances);
    expect(new Set(await templates()).size).toBe(1);
    expect(await templates()).not.toEqual(before);
    const evidence = await checkLogs(under.cluster.bus, under.name);
    expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
  });

  it('goes back by itself from a version that ends at once, and nobody moves', async () => {
    const before = await templates();
    const window = swarm.open();
    const image = join(under.cluster.logDir, 'bad');
    mkdirSync(join(image, 'src', 'messaging'), { recursive: true });
    writeFileSync(join(image, 'src', 'messaging', 'instance-main.js'), 'process.exit(7);\n');
    const { failure } = await rollOf(under.cluster, under.name, { image, watchMs: 500 });
    expect(failure).toMatchObject({ type: 'RollUndone' });
    expect(failure?.message).toMatch(
      /-3 ended 2 times before it was Ready: .*exit code 7.*went back/,
    );
    expect((await window.close()).moves).toEqual([]);
    expect(await templates()).toEqual(before);
    const { replicas, template } = await under.cluster.platform.observe(under.name);
    expect({ replicas, template }).toEqual({ replicas: instances, template: before[0] });
  });
});
