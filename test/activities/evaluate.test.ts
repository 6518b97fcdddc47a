// One evaluation on a service in memory: what is recorded, what the next one remembers, and what a dry
// run leaves undone.
import { describe, expect, it } from 'vitest';
import { connect } from '../../activities/connections.js';
import { evaluate } from '../../activities/evaluate.js';
import type { TemporalSide } from '../../activities/temporal-side.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { decisionsText } from '../../src/cli/explain/decisions.js';
import { decisionSeen, rerunOf, rerunText } from '../../src/cli/explain/records.js';
import type { Policy } from '../../src/core/scaling/policy.js';
import type { DecisionRecord } from '../../src/core/scaling/record.js';
import type { Bus, DecisionDoc, Platform } from '../../src/ports.js';
import { policy } from '../core/scaling/given.js';

const service = 'messaging';
const windows = { upMs: 60_000, downMs: 300_000, urgentShare: 0.3 };

/** Two instances that own half of the partitions each, every report 15 s after the one before. */
async function world(changes: Partial<Policy> = {}) {
  const configDb = createMemoryConfigDb();
  let nowMs = Date.UTC(2026, 5, 1, 12);
  let clients = [60, 60];
  const inForce = policy({ stabilisation: windows, ...changes });
  await configDb.insertPolicy({ service, revision: 4, policy: inForce, by: 'ada', atMs: nowMs });
  const distribution = {
    service,
    revision: 1,
    partitions: 360,
    ranges: [
      [0, 179, 0],
      [180, 359, 1],
    ] as const,
    hash: 'h',
    base: null,
    plan: null,
    cause: { kind: 'bootstrap', text: 'first' },
    epoch: 1,
    workflow: { id: 'w', runId: 'r' },
    atMs: nowMs,
  };
  await configDb.insertDistribution(distribution);
  const view = { replicas: 2, instances: [{ phase: 'ready' }, { phase: 'ready' }] };
  const temporal = { rebalanceRuns: async () => false, rollRuns: async () => false };
  const connections = connect(
    {
      configDb,
      bus: {} as Bus,
      platform: { observe: async () => view } as unknown as Platform,
      metrics: {
        load: async () =>
          clients.map((count, i) => ({ instance: `${service}-${i}`, clients: count, ageMs: 500 })),
      },
      clock: { monotonicMs: () => nowMs, wallMs: () => nowMs },
    },
    temporal as unknown as TemporalSide,
  );
  return {
    configDb,
    /** Oldest first. */
    decisions: async (): Promise<DecisionDoc[]> =>
      [...(await configDb.decisions(service, 0, 1_000))].reverse(),
    tick: async (...seen: number[]) => {
      clients = seen;
      nowMs += 15_000;
      return evaluate(connections, { service });
    },
  };
}

describe('an evaluation', () => {
  it('remembers the ones before it, by their records', async () => {
    const w = await world();
    await w.tick(60, 60);
    const kinds: string[] = [];
    for (let tick = 0; tick < 5; tick += 1) kinds.push((await w.tick(110, 110)).kind);
    expect(kinds).toEqual(['skip', 'skip', 'skip', 'skip', 'act']);
    const [first, second] = (await w.decisions()).map(({ body }) => body as DecisionRecord);
    expect(second?.memory).toEqual(first?.after);
    expect(second?.policyRevision).toBe(4);
  });

  it('comes out the same when it is made again from its record, and a changed record is found', async () => {
    const w = await world();
    for (let tick = 0; tick < 30; tick += 1) await w.tick(60 + 3 * tick, 70);
    const decisions = await w.decisions();
    expect(rerunText(rerunOf(decisions))).toBe(
      'made again from their records: all 30 the same, byte by byte',
    );
    const [{ body, ...first } = {} as DecisionDoc] = decisions;
    const record = body as DecisionRecord;
    const snapshot = { ...record.snapshot, ready: 3 };
    expect(rerunOf([{ ...first, body: { ...record, snapshot } }]).differ[0]?.why).toBe('hash');
    const decision = { ...record.decision, desired: 9 };
    expect(rerunOf([{ ...first, body: { ...record, decision } }]).differ[0]?.why).toBe('decision');
    expect(rerunOf([{ ...first, body: {} }]).differ[0]?.why).toBe('unreadable');
  });

  it('of a dry run decides as ever, and asks for nothing', async () => {
    const w = await world({ mode: 'dry-run' });
    const quiet = await w.tick(60, 60);
    const loaded = await w.tick(140, 140);
    expect(quiet).toMatchObject({ kind: 'skip', desired: null });
    expect(loaded).toMatchObject({ kind: 'skip', desired: null });
    expect(loaded.reasons[0]).toBe('dry run: would go from 2 to 3 instances');
    await w.tick(140, 140);
    const seen = (await w.decisions()).map(decisionSeen);
    expect(seen.map(({ kind, would = false }) => [kind, would])).toEqual([
      ['skip', false],
      ['skip', true],
      ['skip', true],
    ]);
    const text = decisionsText(service, '1h', seen);
    expect(text).toContain('3 evaluations in the last 1h, 0 acted, 2 would have (dry run)');
    expect(text).toContain('would act ×2 (3 instances): 140 users per instance are above 100');
  });

  it('goes on from a record of an older version, which has no memory', async () => {
    const w = await world();
    await w.configDb.recordDecision({
      service,
      atMs: Date.UTC(2026, 5, 1, 11),
      inputHash: 'old',
      kind: 'skip',
      body: { decision: { kind: 'skip', reasons: [] }, text: ['old'], snapshot: {}, policy: {} },
    });
    expect((await w.tick(60, 60)).reasons).toEqual([
      '60 users per instance are within 40..100 (120 on 2)',
    ]);
  });

  it('counts clients that were moved within the hour, whoever asked', async () => {
    const w = await world({
      disruption: { clientsPerHour: 100 },
      stabilisation: { ...windows, upMs: 0 },
    });
    await w.configDb.saveRebalance({
      id: `${service}@1`,
      service,
      runId: 'r',
      atMs: Date.UTC(2026, 5, 1, 11, 30),
      body: { outcome: 'completed', movedClients: 60, plan: { kind: 'grow' } },
    });
    const { reasons } = await w.tick(110, 110);
    expect(reasons[0]).toBe(
      '3 instances would move 74 users, and 60 of the 100 that may be moved in an hour have been',
    );
  });
});
