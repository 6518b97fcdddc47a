// The load generator as people run it, against a real service: its account adds up over processes, and
// whatever ends it, its processes end too.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadReport } from '../../../src/load/summary.js';
import { living, startProgram, type StartedProgram } from '../../support/demo-process.js';
import { eventually } from '../../support/eventually.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

describe('npm run load', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-load-'));
  const file = join(directory, 'load.json');
  let under: ServiceUnderTest;

  beforeAll(async () => {
    under = await startServiceUnderTest({ name: 'load', instances: 2 });
  });
  afterAll(async () => {
    await under.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const load = (...argv: string[]): StartedProgram => {
    const { directoryUrl, directoryKey } = under.service;
    const env = { EVENKEEL_DIRECTORY_URL: directoryUrl, EVENKEEL_DIRECTORY_KEY: directoryKey };
    return startProgram('src/load/main.js', ['--json', file, ...argv], env);
  };
  const report = (): LoadReport => JSON.parse(readFileSync(file, 'utf8')) as LoadReport;

  const nothingWrong = (sent: number): object => ({
    sent,
    delivered: sent,
    lost: 0,
    duplicated: 0,
    outOfOrder: 0,
    unanswered: 0,
  });

  it('accounts for every message across processes and devices', async () => {
    const running = load('--clients', '40', '--devices', '2', '--processes', '2', '--seconds', '2');
    expect(await running.ended, running.output()).toBe(0);
    const { ok, service, clients, messages, missing } = report();
    expect({ ok, service, clients, missing }).toEqual({
      ok: true,
      service: under.name,
      clients: 40,
      missing: 0,
    });
    expect(messages.sent).toBeGreaterThan(0);
    expect(messages).toEqual(nothingWrong(messages.sent));
    expect(running.output()).toContain('All as promised.');
    for (const line of running.output().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('sees a move, says what there was so far when it is interrupted, and leaves no process', async () => {
    const running = load('--clients', '40', '--processes', '2', '--seconds', '600');
    await eventually('they chat', () => running.output().includes('all are connected'));
    const processes = running.descendants();
    expect(processes.length).toBeGreaterThanOrEqual(3); // Two crowds and the guard.
    await under.follow(await under.ask({ instances: 3 }));
    running.kill('SIGINT');
    expect(await running.ended).toBe(130);
    const { ok, interrupted, missing, messages, gapMs } = report();
    expect({ ok, interrupted, missing }).toEqual({ ok: true, interrupted: true, missing: 0 });
    expect(messages).toEqual(nothingWrong(messages.sent));
    expect(gapMs.n).toBeGreaterThan(0);
    await eventually('every process is gone', () => living(processes).length === 0);
  });

  it('leaves no process when it is killed', async () => {
    const running = load('--clients', '20', '--processes', '2', '--seconds', '600');
    await eventually('they chat', () => running.output().includes('all are connected'));
    const processes = running.descendants();
    running.kill('SIGKILL');
    await running.ended;
    expect(report()).toMatchObject({ ok: false, failure: 'the load has not ended' });
    await eventually('every process is gone', () => living(processes).length === 0);
  });

  it('fails when one of its processes ends by itself', async () => {
    const running = load('--clients', '20', '--processes', '2', '--seconds', '600');
    await eventually('they chat', () => running.output().includes('all are connected'));
    const crowd = running.descendants().find(({ pid }) => commandOf(pid).includes('crowd-main'));
    // Not 0, which is this process and all beside it.
    process.kill(crowd?.pid ?? Number.NaN, 'SIGKILL');
    expect(await running.ended).toBe(1);
    expect(report().failure).toMatch(/load-[01] ended: SIGKILL/);
  });

  it('refuses a directory of another service, and a wrong key', async () => {
    const other = load('--clients', '2', '--service', 'another');
    expect(await other.ended).toBe(2);
    expect(other.output()).toMatch(/field: +--service\n +found: +another\n +allowed: +load-/);
    const denied = load('--clients', '2', '--directory-key', 'not-the-key-of-this-directory');
    expect(await denied.ended).toBe(2);
    expect(denied.output()).toMatch(/field: +EVENKEEL_DIRECTORY_KEY/);
  });
});

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}
