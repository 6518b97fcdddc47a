// docs/quick-start.md, done as it says: the demo as a stranger starts it, with what it reports; then the
// commands of a second and a third terminal, an instance that is killed, and Ctrl-C.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport, Scenario } from '../../../examples/demo/report.js';
import {
  living,
  stackVariables,
  typeLine,
  type StartedProgram,
} from '../../support/demo-process.js';
import { readPage } from '../../support/documents.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingLeft } from '../../support/nothing-left.js';
import { stepsOf } from '../../support/shell-blocks.js';
import { root } from '../../support/source-tree.js';

/** A loaded machine is slow; the demo bounds each of its own waits. */
const staysWithinMs = 400_000;
const answersWithinMs = 400_000;

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

/** In the page's order: the first terminal, the second, and two of "Break it". */
const [start = [], second = [], watch = [], load = [], ...more] = readPage(
  'docs/quick-start.md',
  readFileSync(join(root, 'docs/quick-start.md'), 'utf8'),
)
  .blocks.filter(({ language }) => language === 'sh')
  .map((block) => stepsOf(block).map(({ command }) => command));

/** What tells that a command of the second terminal did what the page says. */
const telling: readonly (readonly [command: string, output: RegExp])[] = [
  ['status messaging', /messaging/],
  ['explain --last 1h', /act/],
  ['--to 2 --dry-run', /3 → 2/],
  ['--to 2 --reason', /completed/],
  ['history messaging', /the match is over/],
  ['verify --service messaging', /0 overlaps/],
];

/** The reader has no stack but the one that the page starts. */
const type = (line: string): StartedProgram =>
  typeLine(line, {
    absent: [
      ...stackVariables,
      ...Object.keys(process.env).filter((key) => /^EVENKEEL_(?!CACHE)/.test(key)),
    ],
  });

describe('npm run demo -- --stay', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-demo-'));
  const file = join(directory, 'report.json');
  let demo: StartedProgram;
  let report: DemoReport;

  beforeAll(async () => {
    expect([start.length, watch.length, load.length, more.length]).toEqual([1, 1, 1, 0]);
    demo = type(`${start[0]} --report ${file}`);
    await eventually(
      'it stays',
      async () => {
        if (demo.output().includes('stays up until Ctrl-C')) return true;
        const ended = await Promise.race([demo.ended, Promise.resolve(undefined)]);
        if (ended !== undefined) throw new Error(`it ended: ${demo.output()}`);
        return false;
      },
      staysWithinMs,
    );
    report = JSON.parse(readFileSync(file, 'utf8')) as DemoReport;
  }, staysWithinMs);
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
    // The demo also finds fault with a gap above what users were promised. No test asserts a time: a
    // machine may be slow while this runs. Anything else that was wrong is.
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
    expect(demo.output()).toContain(`Temporal Web UI   ${report.urls['temporalUi']}`);
  });

  it('says so within 80 columns', () => expectNarrow(demo.output()));

  it(
    'then answers each command of a second terminal',
    async () => {
      expect(second).toHaveLength(telling.length);
      for (const [index, command] of second.entries()) {
        const [part, output] = telling[index] ?? ['', /^$/];
        expect(command).toContain(part);
        const typed = type(command);
        expect(await typed.ended, typed.output()).toBe(0);
        expect(typed.output()).toMatch(output);
        expectNarrow(typed.output());
      }
    },
    answersWithinMs,
  );

  it(
    'survives kill -9 of an instance under load, watched',
    async () => {
      const watching = type(watch[0] ?? '');
      const loading = type(load[0] ?? '');
      await eventually('they chat', () => /all are connected and chat/.test(loading.output()));
      const listed = type('pgrep -f instance-main.js');
      await listed.ended;
      const pids = listed.output().split('\n').map(Number);
      // Other checkouts may run instances of their own here.
      const victim = demo.descendants().find(({ pid }) => pids.includes(pid));
      process.kill(victim?.pid ?? Number.NaN, 'SIGKILL');
      expect(await loading.ended, loading.output()).toBe(0);
      expect(loading.output()).toContain('0 lost, 0 duplicated, 0 out of order');
      expectNarrow(loading.output());
      const watchers = watching.descendants();
      watching.kill('SIGINT');
      expect([0, 130, 'SIGINT']).toContain(await watching.ended);
      expect(watching.output()).toMatch(/messaging/);
      await eventually('nobody watches', () => living(watchers).length === 0);
      process.stderr.write(`${watching.output()}\n${loading.output()}\n`);
    },
    answersWithinMs,
  );

  it('ends with Ctrl-C, and leaves nothing', async () => {
    const processes = demo.descendants();
    demo.kill('SIGINT');
    // npm hands on the status of what it ran, or ends by the signal itself.
    expect([130, 'SIGINT']).toContain(await demo.ended);
    expect(demo.output()).toMatch(/Interrupted: ending everything/);
    await expectNothingLeft(processes, demo.output());
  });
});

/** Only one long word, such as an address, may stand out. */
function expectNarrow(output: string): void {
  const wide = output.split('\n').filter((row) => row.length > 80 && !row.includes('://'));
  expect(wide).toEqual([]);
}
