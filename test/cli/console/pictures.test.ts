// From what is known of a service to what the console shows: gaps in buckets, decisions and load, and the
// run with what keeps it.
import * as hdr from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { gapsAt, gapsPicture, othersPicture } from '../../../src/cli/console/gaps.js';
import { linksTo } from '../../../src/cli/console/links.js';
import { nowOf } from '../../../src/cli/console/now.js';
import { keptOf, pastOf } from '../../../src/cli/console/past.js';
import type { ServiceStatus } from '../../../src/cli/status/service-status.js';
import { consoleLoadPointsMax } from '../../../src/console/limits.js';
import { completePolicy } from '../../../src/core/scaling/policy.js';
import type { DecisionDoc, InstanceReport } from '../../../src/ports.js';

const hour = 3_600_000;
const noLinks = linksTo(undefined, 'default');

function reportOf(instance: string, gapsMs: readonly number[], revision = 2): InstanceReport {
  const gaps = hdr.build({ numberOfSignificantValueDigits: 2, autoResize: true });
  for (const gapMs of gapsMs) gaps.recordValue(gapMs);
  return {
    ...{ service: 'chat', instance, incarnation: `${instance}-a`, url: '', revision, epoch: 1 },
    ...{
      clients: 5,
      held: 2,
      load: [
        [1, 3],
        [2, 2],
      ] as const,
      takenBack: [],
      atMs: 0,
    },
    moves: [
      { revision, left: 1, arrived: gapsMs.length, gaps: hdr.encodeIntoCompressedBase64(gaps) },
    ],
  };
}

describe('gaps', () => {
  it('of the newest revision are in buckets that end with the objectives, each counted once', () => {
    const reports = [
      reportOf('chat-0', [1, 25, 60, 1_900, 9_000]),
      reportOf('chat-1', [90]),
      reportOf('chat-2', [7_000], 1),
    ];
    const seen = gapsPicture(reports);
    expect(seen).toMatchObject({ revision: 2, n: 6, left: 2, arrived: 6 });
    expect(seen?.buckets.map(({ toMs, count }) => [toMs, count])).toEqual([
      [25, 2],
      [50, 0],
      [100, 2],
      [200, 0],
      [500, 0],
      [1_000, 0],
      [2_000, 1],
      [5_000, 0],
      [null, 1],
    ]);
  });

  it('are those of clients that were told to move, whoever came back under a later revision', () => {
    const moved = reportOf('chat-0', [60, 90]);
    const outage = reportOf('chat-1', [41_000, 41_000, 41_000], 3);
    const [moves] = outage.moves;
    if (moves === undefined) throw new Error('no moves');
    const untold = { ...moves, left: 0, planned: { arrived: 0, gaps: '' } };
    const reports = [moved, { ...outage, moves: [untold] }];
    expect(gapsPicture(reports)).toMatchObject({ revision: 2, n: 2, arrived: 2, max: 90 });
    expect(othersPicture(reports)?.n).toBe(3);
    expect(othersPicture(reports)?.p50).toBeGreaterThan(40_000);
    expect(othersPicture([moved])).toBeNull();
    const nobodyTold = [{ ...outage, moves: [untold] }];
    expect([gapsPicture(nobodyTold), othersPicture(nobodyTold)?.n]).toEqual([null, 3]);
    expect(gapsAt(nobodyTold[0], 3)).toEqual({ left: 0, arrived: 0, gap: null });
  });

  it('are none before the first move', () => {
    expect(gapsPicture([])).toBeNull();
    expect(gapsAt(undefined, 2)).toEqual({ left: 0, arrived: 0, gap: null });
  });
});

function decision(atMs: number, clients: number, more: object = {}): DecisionDoc {
  const snapshot = {
    ...{ members: ['chat-0', 'chat-1'], ready: 2, lastChangeAtMs: null, lastChangeUndone: false },
    ...{ rebalanceRunning: false, unfinished: null, ...more },
    samples: [{ instance: 'chat-0', clients, ageMs: 0 }],
  };
  const body = {
    decision: { kind: 'skip', reasons: [] },
    text: [`${clients} users are within`],
    ...{ snapshot, policy: { clientsPerInstance: { upper: 100, lower: 10, target: 60 } } },
  };
  return { service: 'chat', atMs, inputHash: '', kind: 'skip', body };
}
const past = (docs: readonly DecisionDoc[], nowMs: number) =>
  pastOf({
    ...{ service: 'chat', kept: docs.map(keptOf), forecast: '', rebalances: [] },
    ...{ links: noLinks, nowMs },
  });

describe('the past', () => {
  it('has load beside its thresholds, and forecasts at the moment that they are about', () => {
    const forecast = { value: 80, low: 70, high: 95, model: 'm', horizonMs: 10_000, acts: false };
    const { load } = past([decision(1_000, 50), decision(2_000, 60, { forecast })], 3_000);
    expect(load).toEqual({
      atMs: [1_000, 2_000, 12_000],
      clients: [50, 60, null],
      upper: [200, 200, null],
      lower: [20, 20, null],
      foreseen: [null, null, 80],
      low: [null, null, 70],
      high: [null, null, 95],
    });
  });

  it('has no more points than a screen, however often was looked', () => {
    const many = Array.from({ length: 10_800 }, (_, i) => decision(i * 2_000, i));
    const { load, decisions, sinceMs } = past(many, 6 * hour);
    expect(load.atMs.length).toBeLessThanOrEqual(consoleLoadPointsMax + 1);
    expect(load.clients.at(-1)).toBe(10_799);
    expect(sinceMs).toBe(0);
    expect(decisions).toHaveLength(1);
    expect(decisions[0]).toMatchObject({ count: 10_800, kind: 'skip' });
  });

  it('takes records of older versions, which have fewer fields', () => {
    const old: DecisionDoc = { service: 'chat', atMs: 1_000, inputHash: '', kind: 'act', body: {} };
    expect(past([old], 2_000).load.clients).toEqual([null]);
  });
});

const status = {
  ...{ service: 'chat', partitions: 4, policyRevision: 1, mode: 'live', revision: 1 },
  planned: { 'chat-0': [[0, 1]], 'chat-1': [[2, 3]] },
  owned: { 'chat-0': [[0, 1]], 'chat-1': [[2, 3]] },
  settled: true,
  instances: [{ instance: 'chat-0', clients: 5, held: 2, revision: 1 }],
  ...{ clients: 5, platform: null, rebalance: null, recorded: null, schedule: null },
  ...{ decision: null, away: [] },
} as unknown as ServiceStatus;
const known = {
  ...{ reports: [reportOf('chat-0', [30])], planned: null, links: noLinks, nowMs: 10_000 },
  policy: completePolicy({
    ...{ service: 'chat', partitions: 4, instances: { min: 1, max: 4 } },
    clientsPerInstance: { upper: 100, lower: 10, target: 60 },
  }),
};

describe('now', () => {
  it('shows a plan that is not in force yet as what shall be', () => {
    const planned = [[0, 0, 0] as const, [1, 1, 2] as const, [2, 3, 1] as const];
    const now = nowOf({ ...known, status, planned });
    expect(now.moves).toEqual([
      { from: 'chat-0', to: 'chat-2', partitions: 1, clients: 3, ranges: '1' },
    ]);
    expect(now.segments).toContainEqual([1, 1, 'chat-0', 'chat-2']);
    expect(now.instances.map(({ name, partitions }) => [name, partitions])).toEqual([
      ['chat-0', 2],
      ['chat-1', 2],
      ['chat-2', 0],
    ]);
  });

  it('draws nothing as moving while the log does not answer, and says so', () => {
    const away = [{ what: 'Kafka' as const, why: 'nobody there' }];
    const now = nowOf({ ...known, status: { ...status, owned: {}, settled: null, away } });
    expect(now.moves).toEqual([]);
    expect(now.away).toEqual([
      'Kafka does not answer, so who holds what is not shown: nobody there',
    ]);
    expect(now.segments).toEqual([
      [0, 1, 'chat-0', 'chat-0'],
      [2, 3, 'chat-1', 'chat-1'],
    ]);
  });

  it('says of which store it does not know what is', () => {
    const knownOf = (what: 'Temporal' | 'ConfigDB') => {
      const away = [{ what, why: 'nobody there' }];
      const { isRunKnown, isStoredKnown } = nowOf({ ...known, status: { ...status, away } });
      return { isRunKnown, isStoredKnown };
    };
    expect(knownOf('Temporal')).toEqual({ isRunKnown: false, isStoredKnown: true });
    expect(knownOf('ConfigDB')).toEqual({ isRunKnown: true, isStoredKnown: false });
  });

  it('says what keeps a run in the words of status', () => {
    const rebalance = {
      ...{ workflowId: 'rebalance/chat', runId: 'r', state: 'RUNNING', startedAtMs: 0 },
      ...{ status: null, stuck: null, pending: [], last: null },
    };
    const now = nowOf({ ...known, status: { ...status, rebalance } });
    expect(now.run).toMatchObject({
      running: true,
      headline: 'a rebalance is under way',
      troubles: ['no worker answers: is evenkeel worker running?'],
    });
  });
});

describe('links', () => {
  it('lead into the Temporal UI, or nowhere', () => {
    const links = linksTo('http://127.0.0.1:8233/', 'a b');
    expect(links.run('chat', 'r/1')).toBe(
      'http://127.0.0.1:8233/namespaces/a%20b/workflows/rebalance%2Fchat/r%2F1/history',
    );
    expect(links.schedule('chat')).toMatch(/schedules\/evenkeel%2Fchat$/);
    expect(noLinks.run('chat', 'r')).toBeNull();
  });
});
