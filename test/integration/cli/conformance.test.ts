// The kit on the real stack: Messaging, the gateway and the example in Python pass as programs of the kit's own,
// and Messaging as an instance of a running service, whose clients are moved while it looks.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type ExpectStatic } from 'vitest';
import { main } from '../../../src/cli/main.js';
import type { CheckResult } from '../../../src/conformance/check.js';
import { checkoutDir } from '../../../stack/checkout.js';
import { findPython, pythonInstance, pythonWithPackages } from '../../support/python-example.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

const dist = join(checkoutDir, 'dist');
const messaging = join(dist, 'src', 'messaging', 'instance-main.js');
const python = await findPython();

interface Answer {
  readonly ok: boolean;
  readonly instance: string;
  readonly checks: readonly CheckResult[];
}

async function conformance(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const written = { out: '', err: '' };
  const code = await main(['conformance', ...argv, '--json'], {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: { ...process.env, ...env },
  });
  return { code, answer: JSON.parse(written.out) as Answer, said: written.err };
}

const of = ({ checks }: Answer, verdict: string): CheckResult[] =>
  checks.filter((result) => result.verdict === verdict);

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
const nodeRuns = (...words: readonly string[]): string => quoted([process.execPath, ...words]);

/** Every check but those that need a worker passes. */
async function expectWhole(command: string, expect: ExpectStatic): Promise<void> {
  const { code, answer } = await conformance(['--command', command]);
  expect(answer).not.toHaveProperty('error');
  expect(of(answer, 'fail')).toEqual([]);
  expect({ code, ok: answer.ok }).toEqual({ code: 0, ok: true });
  expect(of(answer, 'skipped').map(({ check }) => check)).toEqual([
    'gives-to-another',
    'receives-from-another',
  ]);
}

describe('evenkeel conformance --command', () => {
  // They wait more than they work.
  it.concurrent.for([
    ['Messaging', messaging],
    ['the gateway, which embeds the library', join(dist, 'examples', 'gateway', 'main.js')],
  ] as const)('passes %s, killed and paused past its lease', async ([, program], { expect }) => {
    await expectWhole(nodeRuns(program), expect);
  });

  // A machine without Python may go without; where everything must hold it may not.
  it.runIf(python !== null || process.env['CI'] !== undefined)(
    'passes the example in Python, killed and paused past its lease',
    { concurrent: true, timeout: 300_000 },
    async ({ expect }) => {
      if (python === null) throw new Error('examples/python needs Python 3.11 or later with venv');
      const { command, args, env = {} } = pythonInstance(await pythonWithPackages(python));
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      await expectWhole(quoted(['env', ...variables, command, ...args]), expect);
    },
  );

  it.concurrent(
    'fails a process that was stopped past its lease and speaks when it goes on',
    async ({ expect }) => {
      const mistake = join(checkoutDir, 'test', 'conformance', 'broken', 'speaks-for-ever.mjs');
      const command = nodeRuns('--import', mistake, messaging);
      const only = ['--only', 'silent-after-its-lease'];
      const { code, answer } = await conformance(['--command', command, ...only]);
      expect({ code, ok: answer.ok }).toEqual({ code: 1, ok: false });
      const [failed] = of(answer, 'fail');
      expect(failed?.check).toBe('silent-after-its-lease');
      expect(failed?.found).toMatch(
        /when it went on it sent (message|accepted)|was written to Kafka/,
      );
      expect(failed?.mend).toMatch(/check/);
    },
  );

  it('says why a program does not start, with its last words', async () => {
    const command = nodeRuns('-e', 'console.error("no such thing"); process.exit(4)');
    const { code, answer } = await conformance(['--command', command]);
    expect(code).toBe(1);
    expect(answer).toEqual({
      error: { message: 'the program ended at its start; it said last: no such thing' },
    });
  });
});

describe('evenkeel conformance --instance', () => {
  let under: ServiceUnderTest;
  beforeAll(async () => {
    under = await startServiceUnderTest({ name: 'kit', instances: 2 });
  });
  afterAll(() => under.stop());

  it('passes an instance of a running service, and moves its clients as an operator would', async () => {
    const { instances } = await under.cluster.platform.observe(under.name);
    const url = instances.find(({ ordinal }) => ordinal === 0)?.url ?? '';
    const { directoryUrl, directoryKey } = under.service;
    const { code, answer, said } = await conformance(
      ['--instance', url, '--service', under.name, '--task-queue', under.cluster.taskQueue],
      { EVENKEEL_DIRECTORY_URL: directoryUrl, EVENKEEL_DIRECTORY_KEY: directoryKey },
    );
    expect(of(answer, 'fail')).toEqual([]);
    expect(code).toBe(0);
    expect(answer.instance).toBe(`${under.name}-0`);
    const passed = of(answer, 'pass').map(({ check }) => check);
    expect(passed).toEqual(expect.arrayContaining(['redirect', 'send', 'gives-to-another']));
    expect(passed).toEqual(expect.arrayContaining(['receives-from-another', 'evidence']));
    expect(said).toContain(`asks rebalance/${under.name} for 3 instances`);
    const { directoryKey: secret } = under.service;
    expect(`${said}${JSON.stringify(answer)}`).not.toContain(secret);
  });

  it('names the instances there are when none has the address', async () => {
    const { directoryUrl, directoryKey } = under.service;
    const { code, answer } = await conformance(
      ['--instance', 'ws://127.0.0.1:1', '--service', under.name],
      { EVENKEEL_DIRECTORY_URL: directoryUrl, EVENKEEL_DIRECTORY_KEY: directoryKey },
    );
    expect(code).toBe(2);
    expect(answer).toMatchObject({ error: { field: '--instance', found: 'ws://127.0.0.1:1' } });
  });
});
