// One seed of `npm run chaos` with few clients, as people run it: on a stack of its own, to its verdict.
// No time is looked at.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SeedResult } from '../../../chaos/run-seed.js';
import { startProgram, type StartedProgram } from '../../support/demo-process.js';

const seed = 7;

describe('npm run chaos', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-chaos-'));
  let running: StartedProgram | undefined;
  afterAll(async () => {
    running?.kill('SIGINT'); // Of a test that was given up.
    await running?.ended;
    rmSync(directory, { recursive: true, force: true });
  });

  it('plays a seed, and every promise is kept', { timeout: 600_000 }, async () => {
    const [json, table] = [join(directory, 'chaos.json'), join(directory, 'chaos.md')];
    const argv = ['--seed', `${seed}`, '--clients', '30', '--seconds', '12'];
    running = startProgram('chaos/main.js', [...argv, '--json', json, '--table', table]);
    const code = await running.ended;
    expect(code, running.output()).toBe(0);
    const { seeds } = JSON.parse(readFileSync(json, 'utf8')) as { seeds: readonly SeedResult[] };
    const [result] = seeds;
    expect(result).toMatchObject({ seed, wrong: [], clients: 30, overlaps: 0, logs: null });
    expect(result?.messages.sent).toBeGreaterThan(0);
    expect(result?.revisions).toBeGreaterThan(1);
    expect(readFileSync(table, 'utf8')).toContain('1 seeds with 30 clients each, 0 failed');
  });
});
