// doctor on a service in memory: what is well is said to be well, and each planted fault is found by
// its name, with what to do about it.
import { describe, expect, it } from 'vitest';
import { hashOf } from '../../../activities/situation.js';
import { createMemoryBus } from '../../../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../../../src/adapters/memory/config-db.js';
import { createMemoryPlatform } from '../../../src/adapters/memory/platform.js';
import { examine } from '../../../src/cli/doctor/examine.js';
import { doctorText } from '../../../src/cli/doctor.js';
import { ok } from '../../../src/cli/doctor/finding.js';
import { policyDefaults, type Policy } from '../../../src/core/scaling/policy.js';
import { UnreachableError } from '../../../src/errors.js';
import { ownershipEntry, topicSpecs, topicsOf } from '../../../src/logs/topics.js';
import type { DistributionDoc } from '../../../src/ports.js';

const service = 'chat';
const partitions = 12;
const nowMs = 1_000_000;
const ranges = [
  [0, 5, 0],
  [6, 11, 1],
] as const;

const policy: Policy = {
  ...policyDefaults,
  service,
  partitions,
  instances: { min: 1, max: 8 },
  clientsPerInstance: { upper: 250, lower: 50, target: 150 },
  tolerance: 0,
};

const distribution: DistributionDoc = {
  service,
  revision: 1,
  partitions,
  ranges,
  hash: hashOf(service, 1, partitions, ranges),
  base: null,
  plan: null,
  cause: { kind: 'bootstrap', text: 'first' },
  epoch: 1,
  workflow: { id: 'w', runId: 'r' },
  atMs: nowMs,
};

const report = (instance: string) => ({
  service,
  instance,
  incarnation: `${instance}/1`,
  url: 'ws://x',
  revision: 1,
  epoch: 1,
  clients: 1,
  held: 6,
  load: [],
  takenBack: [],
  moves: [],
  atMs: nowMs - 1_000,
});

/** Two instances that hold what they should, and live; Temporal is not there. */
async function world() {
  const bus = createMemoryBus();
  const configDb = createMemoryConfigDb();
  const platform = createMemoryPlatform();
  platform.declare(service, { replicas: 2 });
  await bus.ensureTopics(topicSpecs(service, partitions));
  await configDb.insertPolicy({ service, revision: 1, policy, by: 'ada', atMs: nowMs });
  await configDb.insertDistribution(distribution);
  for (const name of ['chat-0', 'chat-1']) await configDb.saveReport(report(name));
  const decision = {
    service,
    inputHash: 'h',
    kind: 'skip',
    body: {},
    atMs: nowMs - 9_000,
  } as const;
  await configDb.recordDecision(decision);
  const appender = await bus.appender('test');
  const acquire = (partition: number, ordinal: number, revision = 1, prev: string | null = null) =>
    appender.append([
      ownershipEntry(service, {
        type: 'acquired',
        partition,
        revision,
        instance: `chat-${ordinal}`,
        incarnation: `chat-${ordinal}/1`,
        prev,
        next: '0',
      }),
    ]);
  const alive = new Set([0, 1]);
  let seq = 0;
  const beat = async () => {
    for (const ordinal of alive) {
      const instance = `chat-${ordinal}`;
      const value = { type: 'alive', instance, incarnation: `${instance}/1`, seq: (seq += 1) };
      const topic = topicsOf(service).leases;
      await appender.append([{ topic, partition: ordinal, value: JSON.stringify(value) }]);
    }
  };
  return { bus, configDb, platform, appender, acquire, alive, beat };
}

type World = Awaited<ReturnType<typeof world>>;

async function acquireAll(w: World, but: readonly number[] = []): Promise<void> {
  for (let p = 0; p < partitions; p += 1) {
    if (!but.includes(p)) await w.acquire(p, p < 6 ? 0 : 1);
  }
}

const away = () => Promise.reject(new UnreachableError('temporal', 'Temporal does not answer'));

async function findingsOf(w: World, over: Partial<Parameters<typeof examine>[0]> = {}) {
  const beating = setInterval(() => void w.beat(), 5);
  const findings = await examine({
    service,
    taskQueue: 'q',
    temporal: away,
    configDb: async () => w.configDb,
    bus: async () => w.bus,
    topicSettings: async () => [],
    platform: async () => w.platform,
    nowMs,
    listenMs: 60,
    ...over,
  });
  clearInterval(beating);
  return findings;
}

/** Check → verdict, of everything that is not well, Temporal left out. */
async function complaints(w: World, over: Partial<Parameters<typeof examine>[0]> = {}) {
  const findings = await findingsOf(w, over);
  const ill = findings.filter(({ verdict, check }) => verdict !== 'ok' && check !== 'temporal');
  for (const { mend } of ill) expect(mend).toBeTruthy();
  return Object.fromEntries(
    ill.map(({ check, verdict, found }) => [check, `${verdict}: ${found}`]),
  );
}

describe('doctor', () => {
  it('finds nothing in a service that is well, and says that Temporal does not answer', async () => {
    const w = await world();
    await acquireAll(w);
    const findings = await findingsOf(w);
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
      { check: 'temporal', verdict: 'fault', found: 'Temporal does not answer' },
    ]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'policy',
        'distribution',
        'topics',
        'leases',
        'ownership',
        'orphans',
      ]),
    );
  });

  it('names what nobody holds', async () => {
    const w = await world();
    await acquireAll(w, [3, 4]);
    expect(await complaints(w)).toEqual({
      ownership: 'fault: nobody holds [3-4]: their users cannot connect',
    });
  });

  it('names who holds partitions and says nothing', async () => {
    const w = await world();
    await acquireAll(w);
    w.alive.delete(1);
    expect(await complaints(w)).toEqual({
      leases: 'fault: hold partitions, but say nothing: chat-1 [6-11]',
    });
  });

  it('finds a ConfigDB that forgot a revision', async () => {
    const w = await world();
    await acquireAll(w, [0]);
    await w.acquire(0, 0, 7);
    expect((await complaints(w))['revisions']).toMatch(/ends at revision 1, .* knows 7/);
  });

  it('finds a distribution that was changed by hand, or does not tile', async () => {
    const w = await world();
    await acquireAll(w);
    await w.configDb.insertDistribution({ ...distribution, revision: 2 });
    expect((await complaints(w))['distribution']).toMatch(/^fault: revision 2 was changed/);
    const holed = {
      ...distribution,
      revision: 3,
      ranges: [[0, 4, 0], ...ranges.slice(1)],
    } as const;
    await w.configDb.insertDistribution(holed);
    expect((await complaints(w))['distribution']).toBe('fault: revision 3: nobody owns [5]');
  });

  it('finds a topic that is not there', async () => {
    const w = await world();
    const bus = createMemoryBus();
    const specs = topicSpecs(service, partitions).filter(
      ({ topic }) => !topic.endsWith('.control'),
    );
    await bus.ensureTopics(specs);
    const found = await complaints(w, { bus: async () => bus });
    expect(found).toEqual({ topics: 'fault: topic chat.control is not there' });
  });

  it('finds instances that nobody needs, and members that are missing', async () => {
    const w = await world();
    await acquireAll(w);
    const { epoch, version } = await w.platform.observe(service);
    await w.platform.scale(service, { replicas: 3, epoch: epoch + 1, version });
    const surplus = (await findingsOf(w)).find(({ check }) => check === 'orphans');
    expect(surplus?.found).toContain('own nothing: chat-2');
    expect(surplus?.mend).toContain('evenkeel rebalance chat --to 2 removes them');
    const inForce = await w.configDb.latestPolicy(service);
    const policy = { ...(inForce?.policy as object), warmSpares: 1 };
    const doc = { service, revision: 2, policy, by: 'ada', atMs: 0 };
    expect(await w.configDb.insertPolicy(doc)).toEqual({ kind: 'committed' });
    const spare = (await findingsOf(w)).find(({ check }) => check === 'orphans');
    expect(spare?.verdict).toBe('ok');
    const fewer = createMemoryPlatform();
    fewer.declare(service, { replicas: 1 });
    const found = await complaints(w, { platform: async () => fewer });
    expect(found['instances']).toMatch(/^fault: .* not Ready: chat-1$/);
  });

  it('finds a rebalance that could not be undone, and one that recorded nothing', async () => {
    const w = await world();
    await acquireAll(w);
    const save = (id: string, body: unknown, atMs: number) =>
      w.configDb.saveRebalance({ id, service, runId: 'r', body, atMs });
    await save('chat@1', { outcome: 'compensation-failed', text: 'no pods' }, nowMs);
    expect((await complaints(w))['last-rebalance']).toBe(
      'fault: chat@1 could not be undone: no pods',
    );
    await save('chat@2', {}, nowMs + 1);
    expect((await complaints(w))['last-rebalance']).toMatch(
      /^warning: chat@2 has recorded no outcome/,
    );
  });

  it('finds a log that was trimmed above its checkpoint', async () => {
    const w = await world();
    await acquireAll(w);
    w.bus.trim(topicsOf(service).ownership, 0, 4);
    expect((await complaints(w))['ownership-log']).toMatch(/^fault: it was trimmed up to offset 4/);
  });

  it('finds silent instances, evaluations that stopped and a policy that contradicts itself', async () => {
    const w = await world();
    await acquireAll(w);
    expect(await complaints(w, { nowMs: nowMs + 3_600_000 })).toMatchObject({
      reports: 'warning: no report within 15.0 s from chat-0, chat-1',
      evaluations: expect.stringMatching(/^warning: the last one was 1 h 0 min ago/) as string,
    });
    const broken = { ...policy, instances: { min: 9, max: 8 } };
    await w.configDb.insertPolicy({ service, revision: 2, policy: broken, by: 'ada', atMs: nowMs });
    expect((await complaints(w))['policy']).toContain('instances.min is 9');
  });

  it('says of a service that nobody applied what there is to do first', async () => {
    const w = await world();
    const configDb = createMemoryConfigDb();
    const found = await complaints(w, { configDb: async () => configDb });
    expect(found['policy']).toBe('fault: chat has no policy in this database');
    expect(found['kafka']).toMatch(/^unknown: how many partitions the service has is not known/);
  });

  it('prints a line each, how to mend it, and the verdict last', async () => {
    const w = await world();
    await acquireAll(w, [3, 4]);
    const text = doctorText(service, await findingsOf(w));
    expect(text).toContain('✓ policy             the policy holds together');
    expect(text).toMatch(/✗ ownership {10}nobody holds \[3-4\].*\n {4}→ if no rebalance/);
    expect(text).toMatch(/chat: 2 faults, 0 warnings$/);
  });

  it('keeps its columns beside a check with a long name', () => {
    const text = doctorText(service, [ok('policy', 'one'), ok('prometheus-connection', 'two')]);
    expect(new Set(text.split('\n').map((line) => /(one|two)/.exec(line)?.index))).toEqual(
      new Set([24, undefined]),
    );
  });
});
