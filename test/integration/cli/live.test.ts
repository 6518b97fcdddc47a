// Before and while a rebalance runs, on the whole real stack: `rebalance --dry-run` says what the saga
// then does, and `status --watch` stays with it to its end.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startServiceUnderTest({ name: 'live', instances: 2 });
});
afterAll(() => under.stop());

async function run(...argv: string[]) {
  const written = { out: '', err: '' };
  const code = await main(argv, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: under.cluster.env,
  });
  return { code, ...written };
}

/** What a write would have changed. */
const state = async () => {
  const { configDb, platform, temporal } = under.cluster;
  const runs: string[] = [];
  const query = `WorkflowId = "rebalance/${under.name}"`;
  for await (const { runId, status } of temporal.workflow.list({ query })) {
    runs.push(`${runId} ${status.name}`);
  }
  return JSON.stringify([
    await configDb.latestDistribution(under.name),
    await configDb.latestEpoch(under.name),
    await configDb.rebalances(under.name, 100),
    (await platform.observe(under.name)).version,
    runs,
  ]);
};

describe('a rebalance, from the command line', () => {
  it('is shown before it is asked for, and then happens as shown, watched to its end', async () => {
    const before = await state();
    const dry = await run('rebalance', under.name, '--to', '3', '--dry-run', '--json');
    expect(dry).toMatchObject({ code: 0, err: '' });
    const shown = JSON.parse(dry.out) as { hash: string; instances: object };
    expect(shown).toMatchObject({ kind: 'grow', moved: { partitions: 120 }, clients: 0 });
    expect(await state()).toBe(before);

    const { taskQueue } = under.cluster;
    const asked = await run('rebalance', under.name, '--to', '3', '--task-queue', taskQueue);
    expect(asked.code).toBe(0);
    const [plain, json] = await Promise.all([
      run('status', under.name, '--watch'),
      run('status', under.name, '--watch', '--json'),
    ]);
    expect(plain.code).toBe(0);
    expect(plain.out).not.toContain('\x1b');
    expect(plain.out).toMatch(/hand over in waves after .*: all 360 partitions held as planned/);
    expect(plain.out.trim().split('\n').at(-1)).toContain('completed: grow 2 → 3, revision 2');

    const lines = json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { state: string; last: object | null });
    expect(lines.length).toBeGreaterThan(1);
    expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(lines.length);
    expect(lines.at(-1)).toMatchObject({ state: 'COMPLETED', last: { outcome: 'completed' } });

    const latest = await under.cluster.configDb.latestDistribution(under.name);
    expect(latest?.hash).toBe(shown.hash);
  });

  it('that is over is said to be over, at once', async () => {
    const { code, out } = await run('status', under.name, '--watch');
    expect(code).toBe(0);
    expect(out).toContain('completed: grow 2 → 3, revision 2');
  });

  it('that the policy does not allow is refused in the dry run, too', async () => {
    const { code, out } = await run('rebalance', under.name, '--to', '9', '--dry-run', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ kind: 'refused', dryRun: true });
  });
});

describe('a rollback, from the command line', () => {
  const rollback = async (...argv: readonly string[]) => {
    const { taskQueue } = under.cluster;
    const asked = ['rollback', '--service', under.name, '--wait', '--task-queue', taskQueue];
    const { code, out } = await run(...asked, '--json', ...argv);
    return { code, json: JSON.parse(out) as Record<string, unknown> };
  };
  const revision = async () =>
    (await under.cluster.configDb.latestDistribution(under.name))?.revision;

  it('that two people ask for at once is carried out once, and each is told', async () => {
    const both = await Promise.all([rollback('1', '--by', 'ada'), rollback('1', '--by', 'bob')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ json }) => json['outcome']).sort()).toEqual(['completed', 'unnecessary']);
    expect(await revision()).toBe(3);
  });

  it('that is there already is unnecessary', async () => {
    const { code, json } = await rollback('1', '--by', 'ada');
    expect({ code, json }).toMatchObject({ code: 0, json: { outcome: 'unnecessary' } });
    expect(json['text']).toContain('2 instances already hold what they should');
    expect(await revision()).toBe(3);
  });

  it('to a revision that there is not, or of a service that nobody knows, is wrong use', async () => {
    const never = await rollback('9', '--by', 'ada');
    expect(never).toMatchObject({ code: 2, json: { error: { found: '9', allowed: '1 to 3' } } });
    const nobody = await rollback('1', '--service', 'nobody-knows');
    expect(nobody).toMatchObject({ code: 2, json: { error: { found: 'nobody-knows' } } });
  });
});
