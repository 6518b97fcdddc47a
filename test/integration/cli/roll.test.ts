// `evenkeel roll` and what is said to one that runs, on the whole real stack: shown before, followed to its
// end, refused while another one runs, paused, aborted.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameBuildElsewhere } from '../../../bench/roll/run.js';
import { main } from '../../../src/cli/main.js';
import { eventually } from '../../support/eventually.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

const width = 80;
let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startServiceUnderTest({
    name: 'cliroll',
    instances: 2,
    policy: { instanceStartMs: 180_000 },
  });
});
afterAll(() => under?.stop());

async function run(...argv: string[]) {
  const written = { out: '', err: '' };
  const code = await main(argv, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: { ...under.cluster.env, COLUMNS: String(width) },
  });
  for (const row of `${written.out}${written.err}`.split('\n')) {
    // Only a single long word, such as a path, may stand out; JSON is for programs.
    const isOneWord = !row.trim().includes(' ');
    if (!argv.includes('--json') && !isOneWord) expect(row.length, row).toBeLessThanOrEqual(width);
  }
  return { code, ...written };
}
const roll = (...argv: string[]) =>
  run('roll', under.name, '--task-queue', under.cluster.taskQueue, '--watch', '0', ...argv);
const another = () => sameBuildElsewhere(under.cluster.logDir);
const runsOfRoll = async (): Promise<number> => {
  let runs = 0;
  const query = `WorkflowId = "roll/${under.name}"`;
  for await (const one of under.cluster.temporal.workflow.list({ query })) {
    if (one.workflowId === `roll/${under.name}`) runs += 1;
  }
  return runs;
};
const templates = async () => {
  const { instances } = await under.cluster.platform.observe(under.name);
  return instances.map(({ template }) => template);
};

describe('a roll, from the command line', () => {
  it('of a service that is not known is refused, with those that are', async () => {
    const { code, err } = await run('roll', 'nobody-knows', '--image', 'x');
    expect(code).toBe(2);
    expect(err.replace(/\s+/g, ' ')).toContain('no service nobody-knows is known');
    expect(err.replace(/\s+/g, ' ')).toContain(under.name);
  });

  it('that never was is said to be none', async () => {
    for (const word of ['status', 'pause', 'resume', 'abort']) {
      const { code, out } = await run('roll', word, under.name);
      expect({ word, code }).toEqual({ word, code: 1 });
      const what = word === 'status' ? 'known' : 'under way';
      expect(out.replace(/\s+/g, ' ')).toContain(`no roll of ${under.name} is ${what}`);
    }
  });

  it('is shown before, and nothing is begun by that', async () => {
    const before = await templates();
    const { code, out } = await roll('--image', another(), '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(/4 steps, 0 clients moved/);
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /1\. start .*-2 on the new version 2\. .*-0 hands over/,
    );
    expect(await runsOfRoll()).toBe(0);
    expect(await templates()).toEqual(before);
  });

  it('is followed to its end, step by step; a second one is refused meanwhile', async () => {
    const waiting = roll('--image', another(), '--wait');
    await eventually('it runs', async () => (await runsOfRoll()) === 1);
    const second = await roll('--image', another());
    expect(second.code).toBe(1);
    expect(second.out.replace(/\s+/g, ' ')).toContain(
      `a roll of ${under.name} is under way: evenkeel roll status ${under.name}`,
    );
    const { code, out, err } = await waiting;
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(out).toMatch(/^completed: all 2 instances run/);
    const said = err.replace(/\s+/g, ' ');
    for (const step of [/done surge instance .*-2/, /done 0 → 2, restart 0/, /done 2 → 1/]) {
      expect(said).toMatch(step);
    }
    expect(await runsOfRoll()).toBe(1);

    const status = await run('roll', 'status', under.name);
    expect(status.code).toBe(0);
    expect(status.out.replace(/\s+/g, ' ')).toMatch(/: done, .*2 of 2 instances run it/);
    const json = await run('roll', 'status', under.name, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ phase: 'done', result: { outcome: 'completed' } });
    const abort = await run('roll', 'abort', under.name);
    expect(abort.code).toBe(1);
    expect(abort.out).toContain(`no roll of ${under.name} is under way`);
  });

  it('has nothing to do where all run it', async () => {
    const { code, out } = await roll('--wait');
    expect(code).toBe(0);
    expect(out).toMatch(/^unnecessary: all 2 instances run .* already/);
  });

  it('is paused, resumed and aborted with --back, and says who did', async () => {
    const before = await templates();
    const started = await roll('--image', another(), '--json');
    expect(JSON.parse(started.out)).toMatchObject({ started: true });
    const pause = await run('roll', 'pause', under.name, '--by', 'ada', '--reason', 'lunch');
    expect(pause).toMatchObject({ code: 0 });
    expect(pause.out).toMatch(/^paused/);
    const again = await run('roll', 'pause', under.name, '--by', 'bob');
    expect(again).toMatchObject({ code: 1, out: 'it is paused already\n' });
    expect((await run('roll', 'resume', under.name, '--by', 'ada')).code).toBe(0);
    const abort = await run('roll', 'abort', under.name, '--back', '--by', 'ada', '--json');
    expect(JSON.parse(abort.out)).toMatchObject({ accepted: true, by: 'ada' });
    const isOver = async () => {
      const { out } = await run('roll', 'status', under.name, '--json');
      return (JSON.parse(out) as { result: object | null }).result ?? undefined;
    };
    const result = await eventually('it is over', isOver, 60_000);
    expect(result).toMatchObject({ outcome: 'aborted' });
    expect(await templates()).toEqual(before);
  });

  it('to a version that ends at its start fails with the reason, and exit status 1', async () => {
    const { code, out } = await roll('--image', '/nowhere', '--wait');
    expect(code).toBe(1);
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /^undone: .*-2 ended \d times before it was Ready: ended by/,
    );
  });
});
