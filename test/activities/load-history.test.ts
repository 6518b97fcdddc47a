// The past that forecasts learn from: as evaluations counted it, by day, and as Prometheus kept it.
import { describe, expect, it } from 'vitest';
import {
  historyOfEvaluations,
  historyOfPrometheus,
  keepCounted,
  meanQuery,
  readWithinMs,
} from '../../activities/load-history.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { UnreachableError } from '../../src/errors.js';
import type { RangeWindow, SeriesRange, TimeSeriesSource } from '../../src/time-series-port.js';
import { policy } from '../core/scaling/given.js';

const minute = 60_000;
const stepMs = 5 * minute;
const midnight = Date.UTC(2026, 5, 2);
const inForce = policy();

describe('what evaluations counted', () => {
  it('is a mean per step that is over, with gaps where nothing was counted', async () => {
    const db = createMemoryConfigDb();
    const at = (minutes: number, clients: number | undefined) =>
      keepCounted(db, inForce, clients, midnight + minutes * minute);
    await at(1, 10);
    await at(3, 20);
    await at(7, undefined);
    await at(12, 40);
    const history = historyOfEvaluations(db, inForce);
    expect(await history(midnight, midnight + 14 * minute)).toEqual([15, undefined]);
    await at(15, 50);
    expect(await history(midnight, midnight + 15 * minute)).toEqual([15, undefined, 40]);
    expect(await history(midnight + stepMs, midnight + 15 * minute)).toEqual([undefined, 40]);
    expect(await history(midnight, midnight)).toEqual([]);
  });

  it('goes over midnight, over a worker that was away, and counts nothing twice', async () => {
    const db = createMemoryConfigDb();
    const at = (minutes: number, clients: number) =>
      keepCounted(db, inForce, clients, midnight + minutes * minute);
    await at(-7, 60);
    await at(-2, 70);
    await at(-1, 80);
    await at(11, 90);
    await at(11, 90);
    await at(16, 100);
    const history = historyOfEvaluations(db, inForce);
    expect(await history(midnight - 2 * stepMs, midnight + 16 * minute)).toEqual([
      60,
      75,
      undefined,
      undefined,
      90,
    ]);
    const days = await db.loads('messaging', stepMs, 0);
    expect(days.map(({ values }) => values.length)).toEqual([288, 3]);
    expect(await db.loads('messaging', minute, 0)).toEqual([]);
  });
});

describe('what Prometheus kept', () => {
  const answering = (series: readonly SeriesRange[]) => {
    const asked: { query: string; window: RangeWindow; withinMs: number | undefined }[] = [];
    const source: TimeSeriesSource = {
      instant: async () => [],
      range: async (query, window, withinMs) => {
        asked.push({ query, window, withinMs });
        return series;
      },
    };
    return { asked, history: historyOfPrometheus(source, inForce) };
  };

  it('is asked as the mean of each step at its end', async () => {
    const points = [
      { atMs: midnight + stepMs, value: 12 },
      { atMs: midnight + 3 * stepMs, value: 14 },
      { atMs: midnight + 4 * stepMs, value: NaN },
    ];
    const { asked, history } = answering([{ labels: {}, points }]);
    const found = await history(midnight, midnight + 4 * stepMs + 1);
    expect(found).toEqual([12, undefined, 14, undefined]);
    expect(asked).toEqual([
      {
        query:
          'avg_over_time(sum(sum by (instance) (evenkeel_connected_clients{service="messaging"}))[300s:15s])',
        window: { fromMs: midnight + stepMs, toMs: midnight + 4 * stepMs, stepMs },
        withinMs: readWithinMs,
      },
    ]);
  });

  it('is gaps where it has no series, and is not asked about nothing', async () => {
    const { asked, history } = answering([]);
    expect(await history(midnight, midnight + stepMs)).toEqual([undefined]);
    expect(await history(midnight, midnight + stepMs - 1)).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('asks for the query of the policy, at steps of any length', () => {
    const queries = { clients: 'users{s="{{service}}"}' };
    const own = policy({
      metrics: { ...inForce.metrics, queries },
      forecast: { ...inForce.forecast, stepMs: 15_000 },
    });
    expect(meanQuery(own)).toBe('avg_over_time(sum(users{s="messaging"})[15s:1s])');
  });

  it('fails as its source does', async () => {
    const gone = new UnreachableError('Prometheus', 'gone');
    const source: TimeSeriesSource = {
      instant: async () => [],
      range: () => Promise.reject(gone),
    };
    const history = historyOfPrometheus(source, inForce);
    await expect(history(midnight, midnight + stepMs)).rejects.toBe(gone);
  });
});
