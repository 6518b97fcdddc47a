// A dry run on a service in memory: it says what the saga's own planning activity then plans, and
// every way of writing anything is closed to it.
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Connections } from '../../../activities/connections.js';
import { plan } from '../../../activities/plan.js';
import { hashOf } from '../../../activities/situation.js';
import type { PlanSummary, RebalanceRequest } from '../../../activities/types.js';
import { openMemoryService, type MemoryService } from '../../../faults/memory-service.js';
import type { DryRun } from '../../../src/cli/rebalance/dry-run-text.js';
import { proposed } from '../../../src/cli/rebalance/dry-run.js';
import type { OwnedRange } from '../../../src/core/records.js';
import type { Policy } from '../../../src/core/scaling/policy.js';
import { topicsOf } from '../../../src/logs/topics.js';
import { eventually } from '../../support/eventually.js';

const service = 'chat';
const operator: RebalanceRequest = { requestId: 'q', reason: 'why not', source: 'operator' };
let world: MemoryService;
let connections: Connections;

async function open(
  policy: Partial<Policy> = {},
  clientsPerPartition: (partition: number) => number = () => 5,
) {
  world = await openMemoryService({ service, replicas: 2, clientsPerPartition, policy });
  connections = connect(world.ports);
}
beforeEach(() => open());
afterEach(async () => {
  await world.simulated.stopAll();
  await connections.close();
});

/** Revision 1 in force, and held: 0 has twice as much as 1. */
async function distributed() {
  const ranges: readonly OwnedRange[] = [
    [0, 239, 0],
    [240, 359, 1],
  ];
  const [revision, partitions] = [1, 360];
  const hash = hashOf(service, revision, partitions, ranges);
  const doc = { service, revision, partitions, ranges, hash, base: null, plan: null, epoch: 1 };
  const cause = { kind: 'operator', text: 'by hand' };
  const workflow = { id: 'by hand', runId: '' };
  await world.configDb.insertDistribution({ ...doc, cause, workflow, atMs: 1 });
  const said = { type: 'distribution', epoch: 1, revision, rebalance: 'chat@1', hash, ranges };
  const value = JSON.stringify({ ...said, instances: {}, pace: world.policy.pace });
  const appender = await world.bus.appender('by hand');
  await appender.append([{ topic: topicsOf(service).control, partition: 0, value }]);
  await appender.close();
  await eventually('everything is held, and reported', async () => {
    const reports = await world.configDb.reports(service);
    return reports.reduce((sum, { held }) => sum + held, 0) === partitions;
  });
}

const refuse = () => {
  throw new Error('a dry run wrote something');
};

/** The same, where nothing can be written. */
function readingOnly(): Connections {
  const { configDb, bus, platform } = world.ports;
  const closed = {
    insertDistribution: refuse,
    takeEpoch: refuse,
    insertPolicy: refuse,
    savePlan: refuse,
    saveRebalance: refuse,
    recordDecision: refuse,
    saveReport: refuse,
    saveWarmed: refuse,
    saveCheckpoint: refuse,
  };
  const ports = {
    ...world.ports,
    configDb: { ...configDb, ...closed },
    bus: { ...bus, appender: refuse, ensureTopics: refuse },
    platform: { ...platform, scale: refuse },
  };
  return connect(ports);
}

async function dry(said: Partial<RebalanceRequest> = {}) {
  const reading = readingOnly();
  const { json, text, exitCode = 0 } = await proposed(reading, service, { ...operator, ...said });
  await reading.close();
  return { found: json as DryRun & { why?: string }, text, exitCode };
}

/** What the saga's activity plans. */
function planned(said: Partial<RebalanceRequest>): Promise<PlanSummary> {
  const saga = { service, rebalance: `${service}@9`, epoch: 9 };
  const request = { ...operator, ...said };
  const question = { saga, request, attempt: 1, gone: [], instances: null };
  return new MockActivityEnvironment().run(() => plan(connections, question));
}

describe('a dry run', () => {
  it('says who ends above its limit, and why', async () => {
    await world.simulated.stopAll();
    await connections.close();
    await open({ tolerance: 0.1, balanceBy: 'clients' }, (partition) =>
      partition === 7 ? 5_000 : 1,
    );
    await distributed();
    const { found, text } = await dry({ instances: 3 });
    expect(found.imbalance?.outOfBounds[0]).toMatchObject({
      side: 'above',
      reason: 'heavy-partition',
    });
    expect(text).toContain('partition 7 alone weighs');
  });

  it.each([
    ['grow', { instances: 3 }],
    ['in-place', {}],
    ['shrink', { instances: 1 }],
    ['replace', { drain: ['chat-1'], instances: 2 }],
  ] as const)('of a %s says what the saga plans from the same', async (kind, said) => {
    await distributed();
    const { found, exitCode } = await dry(said);
    const saga = await planned(said);
    expect(exitCode).toBe(0);
    expect(found).toMatchObject({
      kind,
      dryRun: true,
      revision: { from: 1, to: 2 },
      hash: saga.hash,
      clients: saga.movedClients,
      estimateMs: saga.estimateMs,
      moved: { partitions: saga.movedPartitions },
      owners: { from: saga.from, to: saga.to },
      running: { from: saga.running, to: saga.replicas },
    });
    expect(found.waves).toHaveLength(saga.waves);
  });

  it('reads like `evenkeel plan`, with the clients that move and from whom to whom', async () => {
    await distributed();
    const { text } = await dry({ instances: 3 });
    expect(text).toContain('chat: grow 2 → 3, revision 1 → 2 (dry run: nothing was changed)');
    expect(text).toContain('moved    120 partitions, weight 120; at least 120');
    expect(text).toContain('pods     2 → 3 run, 3 own partitions');
    expect(text).toContain('clients  about 600 move');
    expect(text).toContain('chat-0 → chat-2  120 partitions, 600 clients');
    expect(text).toContain('takes    about 6.0 s to hand over');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says when the autoscaler would have to ask a person for the same', async () => {
    await world.simulated.stopAll();
    await open({ approval: { aboveMovedClients: 500 } });
    await distributed();
    const { found, text } = await dry({ instances: 3 });
    expect(found.approval).toEqual({ needed: false, neededByAutoscaler: true });
    expect(text).toContain('the autoscaler would have to wait for it');
  });

  it('of the first distribution disconnects nobody', async () => {
    const { found, text } = await dry();
    expect(found).toMatchObject({ kind: 'bootstrap', clients: 0, revision: { from: null, to: 1 } });
    expect(text).toContain('chat: bootstrap of 2 instances, revision 1');
    expect(text).toContain('clients  nobody moves');
  });

  it('of a rollback shows who owned what, though no planner is asked', async () => {
    await distributed();
    const { instances } = (await dry({ instances: 3 })).found;
    expect(Object.keys(instances)).toHaveLength(3);
    const { exitCode, found } = await dry({ rollback: 7 });
    expect(exitCode).toBe(3);
    expect(found).toMatchObject({ kind: 'refused', why: 'revision 7 of chat is not in ConfigDB' });
  });

  it('is refused as the request would be: exit code 3', async () => {
    await distributed();
    const { found, exitCode, text } = await dry({ instances: 99 });
    expect(exitCode).toBe(3);
    expect(found).toMatchObject({ kind: 'refused' });
    expect(text).toBe("chat: refused: 99 instances are outside of the policy's 1..8");
  });

  it('of what is there already says so: exit code 0', async () => {
    await distributed();
    await world.configDb.saveRebalance({
      id: 'chat@1',
      service,
      runId: 'r',
      body: { request: operator, outcome: 'completed', text: 'done' },
      atMs: 1,
    });
    const { found, exitCode } = await dry({ requestId: 'q' });
    expect(exitCode).toBe(0);
    expect(found).toMatchObject({ kind: 'unnecessary' });
  });

  it('says that a rebalance has not ended yet', async () => {
    await distributed();
    const body = { request: operator, outcome: null };
    await world.configDb.saveRebalance({ id: 'chat@1', service, runId: 'r', body, atMs: 1 });
    const { found, text } = await dry({ instances: 3 });
    expect(found.notes).toEqual([
      'chat@1 has recorded no outcome: it is under way, or died; this comes after it',
    ]);
    expect(text).toContain('note     chat@1 has recorded no outcome');
  });
});
