// One evaluation on a service in memory: what is recorded, what the next one remembers, and what a dry
// run leaves undone.
import { describe, expect, it } from 'vitest';
import { connect } from '../../activities/connections.js';
import { growthsIn } from '../../activities/foresee.js';
import { evaluate } from '../../activities/evaluate.js';
import type { TemporalSide } from '../../activities/temporal-side.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { decisionsText, forecastText, type ForecastSeen } from '../../src/cli/explain/decisions.js';
import { decisionSeen, forecastSeen, rerunOf, rerunText } from '../../src/cli/explain/records.js';
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
    tickAt: async (atMs: number, ...seen: number[]) => {
      clients = seen;
      nowMs = atMs;
      return evaluate(connections, { service });
    },
    tick: async (...seen: number[]) => {
      clients = seen;
      nowMs += 15_000;
      return evaluate(connections, { service });
    },
  };
}

describe('an evaluation', () => {
  it('does not ask again what a person has just rejected, and does after a while', async () => {
    const none = { upMs: 0, downMs: 0, urgentShare: 0.3 };
    const by = { stabilisation: none, cooldownAfterRejectionMs: 40_000 };
    const w = await world(by);
    const first = await w.tick(110, 110);
    expect(first.kind).toBe('act');
    const [asked] = await w.decisions();
    const body = { outcome: 'rejected', text: 'rejected by bob', movedClients: 0 };
    const saga = { id: `${service}@1`, service, runId: 'r', atMs: (asked?.atMs ?? 0) + 1_000 };
    await w.configDb.saveRebalance({ ...saga, body });
    const after = [await w.tick(110, 110), await w.tick(130, 130), await w.tick(110, 110)];
    expect(after.map(({ kind }) => kind)).toEqual(['skip', 'skip', 'act']);
    expect(after[1]?.text).toContain('the last plan was rejected 29 s ago');
  });

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

  it('foresees from what it counted, and adds an instance before the threshold is crossed', async () => {
    const forecast = {
      ...policy().forecast,
      mode: 'acting',
      stepMs: 60_000,
      horizonMs: 180_000,
      minHistoryMs: 2 * 86_400_000,
    } as const;
    const w = await world({ forecast, stabilisation: { ...windows, upMs: 0 } });
    const noon = Date.UTC(2026, 5, 1, 12);
    // Every hour on the hour 100 more come within two minutes, for ten.
    const at = (atMs: number): number => {
      const minute = (atMs / 60_000) % 60;
      const share = Math.min(1, Math.max(0, (minute + 1) % 60) / 2);
      return minute >= 59 || minute < 9 ? 140 + 100 * share : 140;
    };
    for (let day = 4; day >= 0; day -= 1) {
      const dayMs = Date.UTC(2026, 5, 1 - day);
      const steps = day === 0 ? 12 * 60 - 10 : 24 * 60;
      const values = Array.from({ length: steps }, (_, step) => at(dayMs + step * 60_000));
      const doc = { service, stepMs: 60_000, dayMs, values, open: { sum: 0, samples: 0 }, atMs: 0 };
      await w.configDb.saveLoad(doc);
    }
    const acts: { readonly atMs: number; readonly text: string }[] = [];
    for (let tick = 0; tick < 50 && acts.length === 0; tick += 1) {
      const atMs = noon - 10 * 60_000 + tick * 15_000;
      const { kind, text, source } = await w.tickAt(atMs, at(atMs) / 2, at(atMs) / 2);
      if (kind === 'act') acts.push({ atMs, text });
      if (kind === 'act') expect(source).toBe('forecast');
    }
    const [act] = acts;
    expect(act?.text).toMatch(
      /^2\d\d users are expected in 180 s .*: [34] instances are wanted, not 2;/,
    );
    // Nobody has come yet, and in three minutes 240 will be above 100 each.
    expect(at(act?.atMs ?? 0)).toBe(140);
    expect((noon - (act?.atMs ?? 0)) / 60_000).toBeGreaterThan(1);
    const decisions = await w.decisions();
    expect(rerunOf(decisions).differ).toEqual([]);
    const seen = forecastSeen(decisions.at(-1));
    expect(seen).toMatchObject({ mode: 'acting', forecast: { acts: true, horizonMs: 180_000 } });
    expect(forecastText(seen as ForecastSeen)).toMatch(
      /^ {2}forecast {2}2\d\d users \(\d+ to \d+\) at 1\d:\d\d:\d\dZ, by .*; it acts: its error was/,
    );
  });

  it('in shadow keeps what it counted, and says what it would have done only when asked', async () => {
    const w = await world();
    await w.tick(60, 60);
    await w.tick(60, 70);
    const [day] = await w.configDb.loads(service, 300_000, 0);
    expect(day?.open).toEqual({ sum: 250, samples: 2 });
    expect((await w.tick(60, 60)).reasons).toHaveLength(1);
    const seen = forecastSeen((await w.decisions()).at(-1));
    expect(forecastText(seen as ForecastSeen)).toBe('  forecast  none: there is no history yet');
    expect(forecastSeen(undefined)).toBeUndefined();
    const off = await world({ forecast: { ...policy().forecast, mode: 'off' } });
    await off.tick(60, 60);
    expect(await off.configDb.loads(service, 300_000, 0)).toEqual([]);
    expect(forecastSeen((await off.decisions()).at(-1))).toBeUndefined();
  });

  it('looks as far ahead as growths took, approval left out', () => {
    const step = (phase: string, tookMs: number) => ({ phase, tookMs });
    const grow = (outcome: string, kind: string, ...steps: object[]) => ({
      id: 'x',
      service,
      runId: 'r',
      atMs: 0,
      body: { outcome, plan: { kind }, steps },
    });
    expect(
      growthsIn([
        grow(
          'completed',
          'grow',
          step('plan', 100),
          step('approval', 90_000),
          step('hand-over', 50),
        ),
        grow('completed', 'shrink', step('plan', 1)),
        grow('undone', 'grow', step('plan', 1)),
        { ...grow('completed', 'grow'), body: { outcome: 'completed', plan: { kind: 'grow' } } },
      ]),
    ).toEqual([{ tookMs: 150 }]);
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
