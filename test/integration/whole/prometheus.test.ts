// Decisions on a real Prometheus that scrapes the reference service: it grows by what was scraped, a signal
// of its own is read, and when Prometheus dies everything is held, with the reason in the record. It keeps a
// warm spare, which the growth uses.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rerunOf } from '../../../src/cli/explain/records.js';
import { main } from '../../../src/cli/main.js';
import type { DecisionRecord } from '../../../src/core/scaling/record.js';
import {
  scrapeInstances,
  startPrometheus,
  type Prometheus,
} from '../../../src/local/prometheus.js';
import { nextAct } from '../../../src/local/watch.js';
import type { Swarm } from '../../../src/load/swarm.js';
import { eventually } from '../../support/eventually.js';
import {
  crowdOf,
  startServiceUnderTest,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';

const directory = mkdtempSync(join(tmpdir(), 'evenkeel-prometheus-'));
let prometheus: Prometheus;
let under: ServiceUnderTest;
let swarm: Swarm | undefined;
let stopScraping: () => void = () => undefined;

beforeAll(async () => {
  prometheus = await startPrometheus(directory, (line) => process.stderr.write(`${line}\n`));
  under = await startServiceUnderTest({
    name: 'scraped',
    instances: 2,
    addresses: { PROMETHEUS_URL: prometheus.url },
    policy: {
      instances: { min: 2, max: 4 },
      warmSpares: 1,
      clientsPerInstance: { upper: 20, lower: 5, target: 17 },
      stabilisation: { upMs: 0, downMs: 0, urgentShare: 0.3 },
      scheduleEveryMs: 1_000,
      sampleMaxAgeMs: 5_000,
      cooldownMs: 1_000,
      signals: { memoryBytes: { upper: 4e9, target: 2e9 } },
      metrics: {
        source: 'prometheus',
        queries: {
          memoryBytes: 'sum by (instance) (process_resident_memory_bytes{service="{{service}}"})',
        },
        timeoutMs: 2_000,
        contradictionShare: 0.5,
      },
    },
  });
  const { cluster, name } = under;
  const { platform, logDir } = cluster;
  stopScraping = scrapeInstances(prometheus, { service: name, platform, logDir });
}, 600_000);
afterAll(async () => {
  stopScraping();
  swarm?.stop();
  await under?.stop();
  await prometheus?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const lastRecord = async () => {
  const [doc] = await under.cluster.configDb.decisions(under.name, 0, 1);
  return { kind: doc?.kind, ...(doc?.body as DecisionRecord) };
};
const seen = (what: string, test: (record: Awaited<ReturnType<typeof lastRecord>>) => boolean) =>
  eventually(
    what,
    async () => {
      const record = await lastRecord();
      return test(record) && record;
    },
    60_000,
  );

it('are made on what was scraped, and on nothing when it is dead', async () => {
  const { configDb, temporal } = under.cluster;
  swarm = await crowdOf(under, 30, 30);
  const calm = await seen('all clients and a signal in the metrics', ({ snapshot, decision }) => {
    const counted = snapshot.samples.reduce((sum, { clients }) => sum + clients, 0);
    const isCalm = decision.reasons.map(({ kind }) => kind).join() === 'within-thresholds';
    const isCounted = counted === 30 && snapshot.sessions === 30;
    return isCalm && isCounted && snapshot.signals?.[0]?.instances === 2;
  });
  expect(calm.snapshot.telemetry).toBeUndefined();
  expect(calm.snapshot.signals?.[0]?.total).toBeGreaterThan(2e7);

  const { platform } = under.cluster;
  const running = async () => (await platform.observe(under.name)).replicas;
  await eventually('the spare runs, and owns nothing', async () => (await running()) === 3);
  expect(Object.keys(await under.ownership())).toHaveLength(2);

  const sinceMs = Date.now();
  await swarm.resize(50);
  const act = await nextAct(configDb, under.name, sinceMs, () => undefined);
  expect(act.desired).toBe(3);
  expect(act.reasons[0]).toMatch(/users per instance are above 20/);
  expect(await under.follow(sinceMs)).toMatchObject({ status: 'COMPLETED' });
  expect(Object.keys(await under.ownership())).toHaveLength(3);
  expect(await running()).toBe(4); // The next spare was asked for in the same step.
  await seen('the third instance in the metrics', ({ snapshot }) => snapshot.samples.length === 3);

  await prometheus.stop();
  await swarm.resize(6); // By what instances report, one would do.
  // A look that had begun before may say that it was answered no more.
  const dead = await seen('that Prometheus is dead', ({ text }) =>
    text.some((sentence) => sentence.includes('cannot be reached (ECONNREFUSED)')),
  );
  expect(dead.kind).toBe('skip');
  expect(dead.text[0]).toBe('no instance has a fresh sample');
  expect(dead.text[1]).toContain('cannot be reached (ECONNREFUSED)');
  await eventually('a few evaluations that hold', async () => {
    const held = await configDb.decisions(under.name, 0, 3);
    return held.every(({ kind, body }) => {
      const { reasons } = (body as DecisionRecord).decision;
      return kind === 'skip' && reasons.some((one) => one.kind === 'metrics-problem');
    });
  });
  expect(await running()).toBe(4);

  const written = { out: '', err: '' };
  const code = await main(['explain', '--service', under.name, '--last', '1h', '--rerun'], {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: under.cluster.env,
  });
  expect({ code, err: written.err }).toEqual({ code: 0, err: '' });
  const told = written.out.replace(/\s+/g, ' ');
  expect(told).toContain('no metrics for clients: Prometheus at');
  expect(told).toMatch(/made again from their records: all \d+ the same, byte by byte/);
  const decisions = await configDb.decisions(under.name, 0, 1_000);
  expect(rerunOf(decisions).differ).toEqual([]);
  const ticks = temporal.workflow.list({ query: `WorkflowId = "rebalance/${under.name}"` });
  for await (const { status } of ticks) expect(status.name).toBe('COMPLETED');
});
