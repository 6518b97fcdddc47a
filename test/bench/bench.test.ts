// The command as people and programs use it: a quick run of everything, the shape of its report, and
// what wrong use looks like.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeTables } from '../../bench/docs.js';
import { main } from '../../bench/main.js';
import { markdownOf } from '../../bench/plan/tables.js';
import { machineFacts, type Report } from '../../bench/report.js';

const quickRunMs = 120_000;

let directory: string;
let out: string;
let err: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-bench-test-'));
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

describe('a quick run of the plan cases', () => {
  // No JVM is started here: Kafka's assignor has a test of its own, and a missing one must be said.
  test('reports every measure of ours and of every peer', { timeout: quickRunMs }, async () => {
    vi.stubEnv('EVENKEEL_CACHE', join(directory, 'empty'));
    vi.stubEnv('PATH', '');
    const file = join(directory, 'bench.json');
    expect(await main(['--only', 'plan', '--quick', '--json', file]), err).toBe(0);
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    expect(report.machine).toMatchObject({ node: process.versions.node });
    const measures = ['ms', 'movedOverBound', 'maxOverMean', 'rangesPerInstance'];
    for (const { name, params, ours, peers, omitted = [] } of report.cases) {
      expect(params, name).toHaveProperty('partitions');
      for (const figures of [ours, ...peers]) {
        for (const measure of measures) {
          expect(figures[measure], `${name}: ${measure}`).toEqual(expect.any(Number));
        }
      }
      if (/^(growth|frontier|changes)/.test(name)) continue;
      for (const { version } of peers) expect(version).toMatch(/./);
      const missing = {
        name: 'Kafka sticky assignor',
        why: expect.stringContaining('Java') as unknown,
      };
      expect(omitted).toEqual([missing]);
      expect(peers.map((peer) => peer.name).sort()).toEqual([
        'consistent hashing',
        'even ranges',
        'hashing, bounded load',
        'naive minimal movement',
        'rendezvous hashing',
      ]);
    }
    expect(err).toContain("Kafka's sticky assignor is left out");
    const names = new Set(report.cases.map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining(['grow, weighted', 'walk, equal', 'frontier, equal', 'changes, zipf']),
    );
    const equal = report.cases.filter(({ params }) => params['tolerance'] === 0);
    for (const { name, ours } of equal) expect(ours['movedOverBound'], name).toBe(1);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    await expectTables(report);
  });

  async function expectTables(report: Report): Promise<void> {
    const file = join(directory, 'page.md');
    const page = 'Words.\n\n<!-- bench plan: begin -->\nold\n<!-- bench plan: end -->\n\nMore.\n';
    writeFileSync(file, page);
    await writeTables(file, 'plan', markdownOf(report.cases), machineFacts());
    const written = readFileSync(file, 'utf8');
    expect(written).toMatch(/^Words\./);
    expect(written.trimEnd()).toMatch(/More\.$/);
    expect(written).not.toContain('old');
    expect(written).toContain('| naive minimal movement');
    await writeTables(file, 'plan', markdownOf(report.cases), machineFacts());
    expect(readFileSync(file, 'utf8')).toBe(written);
  }
});

test('a page without markers is refused', async () => {
  const file = join(directory, 'page.md');
  writeFileSync(file, 'Words.\n');
  await expect(writeTables(file, 'plan', '', machineFacts())).rejects.toThrow('bench plan: begin');
});

test('help names the groups', async () => {
  expect(await main(['--help'])).toBe(0);
  expect(out).toContain('plan');
});

test.each([
  [['--only', 'speed'], '"speed" is not a group; there are: plan'],
  [['--seed', '-1'], 'whole number from 0 to 4294967295'],
  [['--docs', '--quick'], '--quick has none'],
  [['--kinds', 'landed'], '"landed" is not a kind; there are: planned, crash, pause, rtt'],
  [['--rounds', '0'], 'whole number from 1 to 100'],
  [['--docs', '--kinds', 'rtt'], 'without --kinds and --rounds'],
  [['now'], 'too many arguments'],
])('wrong use is status 2 and one sentence: %j', async (argv, sentence) => {
  expect(await main(argv)).toBe(2);
  expect(err).toContain(sentence);
  expect(out).toBe('');
});

test('a report that cannot be written is status 1 and a sentence', async () => {
  const file = join(directory, 'no', 'such', 'place.json');
  expect(await main(['--quick', '--json', file])).toBe(1);
  expect(err).toContain('cannot go on');
  expect(err).toContain('place.json');
});
