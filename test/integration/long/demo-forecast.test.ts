// The demo with Prometheus and a forecast, as a stranger runs it: the third instance is there before the
// crowd, because of the forecast, and the terminal says so within 80 columns.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DemoReport } from '../../../examples/demo/report.js';
import { startDemo, type StartedProgram } from '../../support/demo-process.js';

/** A loaded machine is slow, and may miss the first crowd; Prometheus may have to be built. */
const demoWithinMs = 900_000;
const directory = mkdtempSync(join(tmpdir(), 'evenkeel-forecast-'));
const file = join(directory, 'report.json');
let demo: StartedProgram;
let report: DemoReport;

beforeAll(async () => {
  demo = startDemo(['--forecast', '--report', file], { ownStack: false });
  const code = await demo.ended;
  report = JSON.parse(readFileSync(file, 'utf8')) as DemoReport;
  if (code !== 0) process.stderr.write(demo.output());
  // As in quick-start.test.ts: a slow machine may break what people were promised about gaps, and nothing else.
  expect([0, 1]).toContain(code);
}, demoWithinMs);
afterAll(() => {
  demo.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

it('adds the instance because of the forecast, before the threshold is crossed', () => {
  expect(report.scenarios.map(({ name, source }) => [name, source])).toEqual([
    ['forecast', 'forecast'],
  ]);
  const [scenario] = report.scenarios;
  expect(Object.keys(scenario?.distribution ?? {})).toHaveLength(3);
  expect(scenario?.messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0 });
  expect(scenario?.wrong.filter((sentence) => !sentence.includes('gap'))).toEqual([]);
});

it('says so to a stranger', () => {
  const output = demo.output();
  const said = output.replace(/\s+/g, ' ');
  expect(said).toMatch(
    /because \d+ users are expected in 45 s \(.*?\): 3 instances are wanted, not 2/,
  );
  expect(said).toMatch(
    /It was decided \d+ s before that, and the third instance served \d+ s before/,
  );
  const long = output.split('\n').filter((line) => line.length > 80 && !line.includes('http'));
  expect(long).toEqual([]);
});
