// What an evaluation measures, from whom, and what it decides when a source is wrong or dead.
import { describe, expect, it } from 'vitest';
import { loadSeen, withoutSource } from '../../activities/load-seen.js';
import { UnreachableError } from '../../src/errors.js';
import { reasonText } from '../../src/core/scaling/reasons.js';
import type { Policy } from '../../src/core/scaling/policy.js';
import { defaultQueries, queryOf } from '../../src/core/telemetry/template.js';
import type { SeriesPoint, TimeSeriesSource } from '../../src/time-series-port.js';
import { decideOnce, kinds, policy, samples, snapshot } from '../core/scaling/given.js';

const members = ['messaging-0', 'messaging-1', 'messaging-2'];
const by = (instance: number, value: number): SeriesPoint => ({
  labels: { instance: `messaging-${instance}` },
  atMs: 0,
  value,
});
const [clientsQuery, ageQuery] = [defaultQueries.instances, defaultQueries.age].map((template) =>
  queryOf(template, 'messaging'),
) as [string, string];

/** Answers by query; an Error is thrown. */
type Answers = Readonly<Record<string, readonly SeriesPoint[] | Error>>;

function database(answers: Answers) {
  const asked: { query: string; withinMs: number | undefined }[] = [];
  const source: TimeSeriesSource = {
    instant: async (query, withinMs) => {
      asked.push({ query, withinMs });
      const answer = answers[query] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    range: async () => [],
  };
  return { source, asked };
}

const seconds = (value: number): SeriesPoint[] => [{ labels: {}, atMs: 0, value }];
const wanting = (source: Policy['metrics']['source'], changes: Partial<Policy> = {}): Policy =>
  policy({ metrics: { ...policy().metrics, source, queries: {} }, ...changes });

/** What is decided, and why, on these reports and these answers. */
async function decided(
  inForce: Policy,
  reports: readonly number[],
  answers: Answers | undefined,
): Promise<{
  readonly desired: number | undefined;
  readonly why: string[];
  readonly text: string[];
}> {
  const timeSeries = answers === undefined ? undefined : database(answers).source;
  const metrics = { load: async () => samples(...reports) };
  const seen = await loadSeen({ metrics, timeSeries }, inForce, members);
  const decision = decideOnce(snapshot([0, 0, 0], seen), inForce);
  return {
    desired: decision.desired,
    why: kinds(decision),
    text: decision.reasons.map(reasonText),
  };
}

const fresh = (...clients: number[]): Answers => ({
  [clientsQuery]: clients.map((value, at) => by(at, value)),
  [ageQuery]: seconds(3),
});
const dead = new UnreachableError(
  'Prometheus',
  'Prometheus at http://p cannot be reached (ECONNREFUSED)',
);

describe('Prometheus alone', () => {
  it('is asked one query for each need, within the time of the policy', async () => {
    const { source, asked } = database(fresh(60, 60, 60));
    const signals = { cpuCores: { upper: 2, target: 1 } };
    const queries = { cpuCores: 'cpu{service="{{service}}"}' };
    const inForce = policy({
      signals,
      metrics: { source: 'prometheus', queries, timeoutMs: 1_234, contradictionShare: 0.5 },
    });
    const metrics = { load: async () => samples(60, 60, 60) };
    const seen = await loadSeen({ metrics, timeSeries: source }, inForce, members);
    expect(asked.map(({ query }) => query)).toEqual([
      clientsQuery,
      ageQuery,
      'cpu{service="messaging"}',
    ]);
    expect(new Set(asked.map(({ withinMs }) => withinMs))).toEqual(new Set([1_234]));
    expect(seen).toEqual({
      samples: members.map((instance) => ({ instance, clients: 60, ageMs: 3_000 })),
      sessions: 180,
      telemetry: [{ kind: 'telemetry-empty', of: 'cpuCores' }],
    });
  });

  it('decides to add and to remove', async () => {
    expect((await decided(wanting('prometheus'), [60, 60, 60], fresh(110, 110, 110))).desired).toBe(
      4,
    );
    expect((await decided(wanting('prometheus'), [20, 20, 20], fresh(20, 20, 20))).desired).toBe(2);
  });

  it('that died holds everything, and the reason says it', async () => {
    const { desired, text } = await decided(wanting('prometheus'), [10, 10, 10], {
      [clientsQuery]: dead,
      [ageQuery]: dead,
    });
    expect(desired).toBeUndefined();
    expect(text.slice(0, 2)).toEqual([
      'no instance has a fresh sample',
      'no metrics for clients: Prometheus at http://p cannot be reached (ECONNREFUSED)',
    ]);
  });

  it('that nobody named holds everything, too', async () => {
    const { desired, text } = await decided(wanting('prometheus'), [10, 10, 10], undefined);
    expect(desired).toBeUndefined();
    expect(text).toContain(`no metrics for clients: ${withoutSource}`);
  });

  it.each<[string, Answers, string]>([
    ['old', { ...fresh(10, 10, 10), [ageQuery]: seconds(90) }, 'sample-stale'],
    ['partial', fresh(10, 10), 'sample-missing'],
    ['nobody while people are reported', fresh(0, 0, 0), 'zero-while-sessions'],
    ['far from what is reported', fresh(10, 10, 1), 'metrics-contradict'],
    ['of unknown age', { ...fresh(10, 10, 10), [ageQuery]: dead }, 'no-samples'],
    ['one total', { ...fresh(), [clientsQuery]: seconds(30) }, 'metrics-problem'],
  ])('removes nobody on numbers that are %s', async (_, answers, reason) => {
    const { desired, why } = await decided(wanting('prometheus'), [25, 25, 25], answers);
    expect(desired).toBeUndefined();
    expect(why).toContain(reason);
  });

  it('throws on what is no failure of a database', async () => {
    const broken = { [clientsQuery]: new TypeError('a bug') };
    await expect(decided(wanting('prometheus'), [1, 1, 1], broken)).rejects.toThrow('a bug');
  });
});

describe('both', () => {
  it('take the load of each instance from reports, and the higher total when they are far apart', async () => {
    const { desired, why } = await decided(wanting('both'), [40, 40, 40], fresh(110, 110, 110));
    expect([desired, why[1]]).toEqual([4, 'metrics-contradict']);
    const { source } = database(fresh(30, 30, 40));
    const metrics = { load: async () => samples(40, 30, 30) };
    const seen = await loadSeen({ metrics, timeSeries: source }, wanting('both'), members);
    expect(seen).toEqual({ samples: samples(40, 30, 30), sessions: 100 });
  });

  it.each<[string, Answers, string]>([
    ['died', { [clientsQuery]: dead, [ageQuery]: dead }, 'cannot be reached'],
    ['is stale', { ...fresh(20, 20, 20), [ageQuery]: seconds(90) }, '90 s old'],
    ['knows half of it', fresh(20, 20), '1 of 3 instances have no metrics (messaging-2)'],
    ['knows nobody', fresh(0, 0, 0), '0 clients, while the instances report 60'],
  ])('add on reports and remove nobody when Prometheus %s', async (_, answers, said) => {
    const low = await decided(wanting('both'), [20, 20, 20], answers);
    expect(low.desired).toBeUndefined();
    expect(low.text.join('\n')).toContain(said);
    expect(low.why).toContain('no-shrink-on-doubt');
    expect((await decided(wanting('both'), [120, 120, 120], answers)).desired).toBe(4);
  });
});

describe('a signal', () => {
  it('asks for more than the users do', async () => {
    const inForce = policy({
      signals: { cpuCores: { upper: 2, target: 1.5 } },
      metrics: { ...wanting('both').metrics, queries: { cpuCores: 'cpu' } },
    });
    const answers = { ...fresh(60, 60, 60), cpu: [by(0, 2), by(1, 2.5), by(2, 2)] };
    const { desired, why } = await decided(inForce, [60, 60, 60], answers);
    expect([desired, why[0]]).toEqual([4, 'signal-above-upper']);
  });
});

it('before the first distribution only the instances are asked', async () => {
  const { source, asked } = database({});
  const metrics = { load: async () => samples(5) };
  expect(await loadSeen({ metrics, timeSeries: source }, wanting('both'), null)).toEqual({
    samples: samples(5),
  });
  expect(asked).toEqual([]);
});
