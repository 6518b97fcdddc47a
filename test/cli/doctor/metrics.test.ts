// What doctor says of the metrics of a policy that wants Prometheus.
import { describe, expect, it } from 'vitest';
import { checkMetrics } from '../../../src/cli/doctor/metrics.js';
import type { ConfigDbSeen } from '../../../src/cli/doctor/config-db.js';
import type { Policy } from '../../../src/core/scaling/policy.js';
import { defaultQueries, queryOf } from '../../../src/core/telemetry/template.js';
import type { TimeSeriesSource } from '../../../src/time-series-port.js';
import { policy } from '../../core/scaling/given.js';

const noReports = { reports: async () => [] };
const seen = (source: Policy['metrics']['source']): ConfigDbSeen =>
  ({
    policy: policy({ metrics: { ...policy().metrics, source } }),
    latest: {
      ranges: [
        [0, 179, 0],
        [180, 359, 1],
      ],
    },
  }) as unknown as ConfigDbSeen;

/** Prometheus that has `clients` of messaging-0, messaging-1, … measured 3 s ago. */
const having = (...clients: number[]): TimeSeriesSource => ({
  instant: async (query) =>
    query === queryOf(defaultQueries.age, 'messaging')
      ? [{ labels: {}, atMs: 0, value: 3 }]
      : clients.map((value, at) => ({ labels: { instance: `messaging-${at}` }, atMs: 0, value })),
  range: async () => [],
});

describe('doctor on the metrics of a policy', () => {
  it('asks nothing when the instances report, and nothing before the first distribution', async () => {
    expect(await checkMetrics(seen('reports'), noReports, undefined)).toEqual([]);
    const before = { ...seen('both'), latest: null };
    expect(await checkMetrics(before, noReports, undefined)).toEqual([]);
  });

  it('says how many people there are when all is well', async () => {
    const [finding] = await checkMetrics(seen('prometheus'), noReports, having(40, 30));
    expect(finding).toMatchObject({ verdict: 'ok', found: '70 connected users on 2 instances' });
  });

  it('says who is in no metrics, and that nobody said where Prometheus is', async () => {
    const [half] = await checkMetrics(seen('prometheus'), noReports, having(40));
    expect(half).toMatchObject({
      verdict: 'fault',
      found: '1 of 2 members are in no metrics: messaging-1',
    });
    const [none] = await checkMetrics(seen('both'), noReports, undefined);
    expect(none?.found).toContain('no metrics for clients');
    expect(none?.found).toContain('PROMETHEUS_URL');
  });
});
