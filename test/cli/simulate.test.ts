// `evenkeel simulate`: recorded load through the command line, in the form of the protocol.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evenkeel-simulate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const recorded = (name: string): string => join('test', 'data', 'load', `${name}.csv`);

async function run(...argv: string[]) {
  const written = { out: '', err: '' };
  const io = {
    out: (text: string) => void (written.out += text),
    err: (text: string) => void (written.err += text),
    env: {},
  };
  const code = await main(['simulate', ...argv], io);
  return { code, ...written };
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('evenkeel simulate', () => {
  const series = [
    { name: 'nyc_taxi', horizon: 1, from: 1_337, wapeMax: 3.3, baseline: 8.3 },
    { name: 'asg_group', horizon: 3, from: 2_119, wapeMax: 6.5, baseline: 6.4 },
    { name: 'tweets_aapl', horizon: 3, from: 3_019, wapeMax: 56, baseline: 55.8 },
  ];
  it.each(series)('forecasts $name within its bound, by the documented defaults', async (of) => {
    const { name, horizon, from, wapeMax, baseline } = of;
    const argv = ['--horizon-steps', `${horizon}`, '--from', `${from}`, '--json'];
    const { code, out } = await run('--trace', recorded(name), ...argv);
    expect(code).toBe(0);
    const report = JSON.parse(out) as Record<string, never>;
    expect(report).toMatchObject({
      ticks: expect.any(Number) as number,
      decisions: { act: expect.any(Number) as number, skip: expect.any(Number) as number },
      instances: { min: 1, max: expect.any(Number) as number, mean: expect.any(Number) as number },
      overloadMinutes: expect.any(Number) as number,
      instanceHours: expect.any(Number) as number,
      clientsMoved: expect.any(Number) as number,
      forecast: { model: expect.any(String) as string, horizonSteps: horizon, from },
      reasons: { 'within-thresholds': expect.any(Number) as number },
    });
    const { forecast } = report as unknown as { forecast: Record<string, number> };
    expect(forecast['wape']).toBeLessThanOrEqual(wapeMax);
    expect(forecast['baselineWape']).toBeCloseTo(baseline, 1);
    if (name === 'tweets_aapl') expect(forecast['acted']).toBe(0);
    else expect(forecast['acted']).toBeGreaterThan(0);
  });

  it('shows several policies side by side, within 80 columns', async () => {
    const policy = (target: number): string =>
      `service: chat\npartitions: 360\ninstances: { min: 2, max: 60 }\n` +
      `clientsPerInstance: { upper: ${target + 200}, lower: ${target - 200}, target: ${target} }\n`;
    const few = await file('few-but-rather-full-instances.yaml', policy(900));
    const many = await file('many.yaml', policy(500));
    const argv = ['--trace', recorded('nyc_taxi'), '--policy', few, many, '--every', 'row'];
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    expect(out).toMatch(/^…\S*full-instances\.yaml( +[\d .]+)+$/m);
    expect(out).toMatch(/many\.yaml( +[\d .]+)+$/m);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const json = JSON.parse((await run(...argv, '--json')).out) as {
      policies: { policy: { name: string }; instanceHours: number }[];
    };
    expect(json.policies.map((one) => one.policy.name)).toEqual(
      [few, many].map((of) => basename(of)),
    );
    const [full, roomy] = json.policies.map((one) => one.instanceHours);
    expect(full).toBeLessThan(roomy ?? 0);
  });

  it('says what of a policy it leaves out, and shrinks all the same', async () => {
    const policy = await file(
      'signals.yaml',
      'service: chat\npartitions: 360\ninstances: { min: 2, max: 60 }\nmode: dry-run\napproval: always\n' +
        'clientsPerInstance: { upper: 1000, lower: 600, target: 800 }\n' +
        'signals: { cpuCores: { upper: 2, target: 1 } }\n' +
        'metrics: { source: both, queries: { clients: c, cpuCores: x } }\n',
    );
    const argv = ['--trace', recorded('nyc_taxi'), '--policy', policy, '--every', 'row', '--json'];
    const { code, out, err } = await run(...argv);
    expect(code).toBe(0);
    expect(err).toContain('signals.yaml: signals are in no trace');
    expect(err).toContain('signals.yaml: mode dry-run: replayed as if it were live');
    expect(err).toContain('signals.yaml: approval: replayed as if');
    const { scaleEvents } = JSON.parse(out) as { scaleEvents: { down: number } };
    expect(scaleEvents.down).toBeGreaterThan(100);
  });

  it('says line, found and allowed of a trace that is wrong, and exits 2', async () => {
    const trace = await file('nan.csv', 'timestamp,value\n0,1\n60,NaN\n');
    const { code, out, err } = await run('--trace', trace);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('trace: line 3 has the value "NaN"; allowed is a number from 0');
    const asJson = await run('--trace', trace, '--json');
    expect(JSON.parse(asJson.out)).toMatchObject({ error: { field: 'line 3' } });
    expect(asJson.code).toBe(2);
  });

  it('leaves no report behind when the trace is wrong', async () => {
    const html = join(folder, 'none.html');
    const trace = await file('wrong.csv', 'timestamp,value\n0,1\n300,many\n');
    expect((await run('--trace', trace, '--html', html)).code).toBe(2);
    await expect(readFile(html)).rejects.toThrow('ENOENT');
  });

  it('reports missing rows that it filled', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => `${n * 300},${100 + n}`);
    rows.splice(200, 1);
    const trace = await file('gap.csv', ['timestamp,value', ...rows].join('\n'));
    expect((await run('--trace', trace)).out).toMatch(/1 missing\s+row\s+filled/);
    const { out } = await run('--trace', trace, '--json');
    expect(JSON.parse(out)).toMatchObject({ trace: { rows: 300, filled: 1 } });
  });

  it('searches around a policy, and writes the report that it is told to', async () => {
    const html = join(folder, 'report.html');
    const budgets = ['--overload', '300', '--hours', '4000'];
    const argv = ['--trace', recorded('asg_group'), '--from', '2119', '--search', ...budgets];
    const { code, out, err } = await run(...argv, '--html', html);
    expect(code).toBe(0);
    expect(err).toContain(`the report is in ${html}`);
    expect(out).toContain('cheapest within 300 min of overload');
    expect(out).toContain('least overload within 4 000 instance-hours');
    for (const family of ['with forecast', 'threshold only', 'HPA-like', 'KEDA-like'])
      expect(out).toMatch(new RegExp(`^${family} +[\\d.]+ `, 'm'));
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(await readFile(html, 'utf8')).toContain('<title>Replay of asg_group.csv</title>');

    const { search } = JSON.parse((await run(...argv, '--json')).out) as {
      search: { points: { frontier: boolean; policy?: object }[]; within: { best: object }[] };
    };
    expect(search.points).toHaveLength(360);
    expect(search.points.some(({ policy, frontier }) => policy !== undefined && !frontier)).toBe(
      false,
    );
    expect(search.within).toHaveLength(2);
    expect(Object.keys(search.within[0]?.best ?? {})).toHaveLength(5);
  });

  const zeros = 'timestamp,value\n0,0\n60,0\n120,0\n';
  it.each([
    ['no trace', [], '--trace'],
    ['a file that is not there', ['--trace', '/nowhere.csv'], '--trace'],
    ['a row beyond the end', ['--trace', recorded('asg_group'), '--from', '4621'], '--from'],
    [
      'no whole number of steps',
      ['--trace', recorded('asg_group'), '--horizon-steps', '1.5'],
      '--horizon-steps',
    ],
    ['no capacity', ['--trace', recorded('asg_group'), '--capacity', '0'], '--capacity'],
    ['an unknown pace', ['--trace', recorded('asg_group'), '--every', 'often'], '--every'],
    [
      'a policy that is not there',
      ['--trace', recorded('asg_group'), '--policy', '/no.yaml'],
      'file',
    ],
  ])('is refused with %s', async (_, argv, field) => {
    const { code, out } = await run(...argv, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { field } });
  });

  it('needs a policy for a trace without load', async () => {
    const trace = await file('zeros.csv', zeros);
    expect((await run('--trace', trace)).err).toContain('the trace has no load');
    const policy = await file(
      'least.yaml',
      'service: chat\npartitions: 12\ninstances: { min: 2, max: 4 }\nclientsPerInstance: { upper: 9, lower: 3, target: 6 }\n',
    );
    const { code, out } = await run('--trace', trace, '--policy', policy, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ instances: { min: 2, max: 2 }, forecast: { wape: 0 } });
  });
});
