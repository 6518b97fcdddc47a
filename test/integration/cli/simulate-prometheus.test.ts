// `evenkeel simulate --prometheus` before a real Prometheus: a load that PromQL itself makes, since nobody
// waits for weeks to be recorded.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { startPrometheus, type Prometheus } from '../../../src/local/prometheus.js';

const directory = mkdtempSync(join(tmpdir(), 'simulate-prometheus-'));
let prometheus: Prometheus | undefined;
beforeAll(async () => {
  prometheus = await startPrometheus(directory, () => undefined);
});
afterAll(async () => {
  await prometheus?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function simulate(argv: readonly string[], url = prometheus?.url) {
  const written = { out: '', err: '' };
  const io = {
    out: (text: string) => void (written.out += text),
    err: (text: string) => void (written.err += text),
    env: url === undefined ? {} : { PROMETHEUS_URL: url },
  };
  const code = await main(['simulate', ...argv, '--json'], io);
  return { code, ...(JSON.parse(written.out) as Record<string, unknown>) };
}

const daily = '1000 + 800 * sin(vector(time()) * 2 * pi() / 86400)';

it('replays four weeks of a query, in several requests', async () => {
  const report = await simulate(['--prometheus', daily, '--since', '28d', '--step', '2m']);
  expect(report).toMatchObject({
    code: 0,
    trace: { rows: 28 * 720 + 1, filled: 0, stepMs: 120_000 },
    ticks: (28 * 720 + 1) * 8,
  });
  const { forecast } = report as unknown as { forecast: { wape: number; baselineWape: number } };
  expect(forecast.wape).toBeLessThan(forecast.baselineWape);
});

it('says what is no query, what is no single series, and what is no load', async () => {
  const asked = (query: string) => simulate(['--prometheus', query, '--since', '3h']);
  expect(await asked('sum(')).toMatchObject({ code: 2, error: {} });
  expect(await asked('absent_metric')).toMatchObject({ code: 2, error: { found: 'no series' } });
  const two = `${daily} or label_replace(vector(1), "a", "b", "", "")`;
  expect(await asked(two)).toMatchObject({
    code: 2,
    error: { field: '--prometheus', allowed: 'one series, for example sum(…)' },
  });
  const negative = await asked('vector(-1)');
  expect(negative).toMatchObject({ code: 2, error: { field: '--prometheus' } });
});

it('says where Prometheus is not', async () => {
  expect(await simulate(['--prometheus', daily], '')).toMatchObject({
    code: 2,
    error: { field: 'PROMETHEUS_URL', found: 'nothing' },
  });
  expect(await simulate(['--prometheus', daily], 'http://127.0.0.1:1')).toMatchObject({ code: 1 });
});
