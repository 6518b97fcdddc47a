// The demo as a stranger runs it, on the stack of the environment, and its report.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport, Scenario } from '../../../examples/demo/report.js';
import { startDemo, type StartedProgram } from '../../support/demo-process.js';

/** A loaded machine is slow; the demo bounds each of its own waits. */
const demoWithinMs = 400_000;

const twoEven = { 0: [[0, 179]], 1: [[180, 359]] };
const grown = {
  0: [[0, 119]],
  1: [[180, 299]],
  2: [
    [120, 179],
    [300, 359],
  ],
};
const shrunk = {
  0: [
    [0, 119],
    [240, 299],
  ],
  1: [
    [120, 239],
    [300, 359],
  ],
};

describe('npm run demo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-demo-'));
  const file = join(directory, 'report.json');
  let demo: StartedProgram;
  let report: DemoReport;

  beforeAll(async () => {
    demo = startDemo(['--report', file], { ownStack: false });
    const code = await demo.ended;
    report = JSON.parse(readFileSync(file, 'utf8')) as DemoReport;
    // The demo also fails on a gap above what users were promised. No test asserts a time: a machine
    // may be slow while this runs. Anything else that was wrong is.
    if (code !== 0) process.stderr.write(demo.output());
    expect([0, 1]).toContain(code);
  }, demoWithinMs);
  afterAll(() => {
    demo.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  const scenario = (name: Scenario['name']): Scenario => {
    const found = report.scenarios.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the report has no scenario ${name}`);
    return found;
  };
  /** Ranges by ordinal, so that the name of the service does not matter. */
  const byOrdinal = ({
    distribution,
  }: Scenario): Record<string, Scenario['distribution'][string]> =>
    Object.fromEntries(
      Object.entries(distribution).map(([name, ranges]) => [
        /\d+$/.exec(name)?.[0] ?? name,
        ranges,
      ]),
    );

  it('reports that all is well', () => {
    const wrong = report.scenarios.flatMap((one) => one.wrong);
    expect(wrong.filter((sentence) => !sentence.startsWith('gap '))).toEqual([]);
    expect(report.ok).toBe(wrong.length === 0);
    expect(report.scenarios.map(({ name }) => name)).toEqual([
      'grow',
      'shrink-back',
      'shrink',
      'forced',
    ]);
  });

  it('grows and shrinks exactly as in the worked examples', () => {
    expect(byOrdinal(scenario('grow'))).toEqual(grown);
    expect(byOrdinal(scenario('shrink-back'))).toEqual(twoEven);
    expect(byOrdinal(scenario('shrink'))).toEqual(shrunk);
    expect(byOrdinal(scenario('forced'))).toEqual(grown);
  });

  it('is driven by the Schedule, but for the one that an operator forces', () => {
    expect(report.scenarios.map(({ source }) => source)).toEqual([
      'threshold',
      'threshold',
      'threshold',
      'operator',
    ]);
  });

  it('moves no more than the lower bound, and somebody each time', () => {
    for (const { moved } of report.scenarios) {
      expect(moved).toMatchObject({ partitions: 120, lowerBound: 120 });
      expect(moved.clients).toBeGreaterThan(0);
    }
  });

  it('loses, repeats and reorders none of at least 2 000 messages each, and connects nobody twice', () => {
    for (const { messages, overlaps } of report.scenarios) {
      expect(messages.sent).toBeGreaterThanOrEqual(2_000);
      expect(messages.delivered).toBe(messages.sent);
      expect(messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 });
      expect(overlaps).toBe(0);
    }
  });

  it('measures the gap of every client that moved', () => {
    for (const { name, gapMs, moved } of report.scenarios) {
      process.stderr.write(
        `gap of ${name}: P50 ${gapMs.p50}, P99 ${gapMs.p99}, max ${gapMs.max} ms\n`,
      );
      expect(gapMs.n).toBeGreaterThanOrEqual(moved.clients);
      expect(gapMs.max).toBeGreaterThanOrEqual(gapMs.p99);
    }
  });

  it('names the runs, so that they can be looked up', () => {
    for (const { workflowId, runId, service, revision } of report.scenarios) {
      expect(workflowId).toBe(`rebalance/${service}`);
      expect(runId).toMatch(/^[0-9a-f-]{36}$/);
      expect(revision.to).toBe(revision.from + 1);
    }
    // A Temporal of the environment may have no Web UI.
    expect(report.urls['temporalUi']).toBe(process.env['TEMPORAL_UI_URL']);
  });
});
