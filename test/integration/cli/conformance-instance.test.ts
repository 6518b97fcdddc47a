// The kit on running services of the real stack: instances of Messaging, of the gateway and of the example
// in Python pass while a real worker moves their clients; a wrong one fails; and whoever ends the kit finds
// the service as it was.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { InstanceProgram } from '../../../src/local/service.js';
import {
  checksOf,
  conformance,
  conformanceProcess,
  gatewayProgram,
  messagingProgram,
  mistakeModule,
  nodeProgram,
} from '../../support/conformance.js';
import { eventually } from '../../support/eventually.js';
import { findPython, pythonInstance, pythonWithPackages } from '../../support/python-example.js';
import { startServiceUnderTest, type ServiceUnderTest } from '../../support/service-under-test.js';

const python = await findPython();

/** Two instances, a worker, a directory; gone with the test. */
async function running(name: string, program?: InstanceProgram): Promise<ServiceUnderTest> {
  const under = await startServiceUnderTest({
    name,
    instances: 2,
    ...(program === undefined ? {} : { program }),
  });
  onTestFinished(() => under.stop());
  return under;
}

/** The command line for ordinal 0, and its environment. */
async function kitFor({ cluster, name, service }: ServiceUnderTest) {
  const { instances } = await cluster.platform.observe(name);
  const url = instances.find(({ ordinal }) => ordinal === 0)?.url ?? '';
  return {
    argv: ['--instance', url, '--service', name, '--task-queue', cluster.taskQueue],
    env: {
      EVENKEEL_DIRECTORY_URL: service.directoryUrl,
      EVENKEEL_DIRECTORY_KEY: service.directoryKey,
    },
  };
}

/** Every check that an instance of a running service allows passes, the moves by a worker included. */
async function expectPassed(under: ServiceUnderTest): Promise<void> {
  const { argv, env } = await kitFor(under);
  const before = await under.ownership();
  const { code, answer, said } = await conformance(argv, env);
  expect(answer).not.toHaveProperty('error');
  expect(checksOf(answer, 'fail')).toEqual([]);
  expect(code).toBe(0);
  expect(answer.instance).toBe(`${under.name}-0`);
  const skipped = checksOf(answer, 'skipped').map(({ found }) => found ?? '');
  expect(skipped.filter((why) => !/needs (the directory's private key|to )/.test(why))).toEqual([]);
  const passed = checksOf(answer, 'pass').map(({ check }) => check);
  expect(passed).toEqual(expect.arrayContaining(['gives-to-another', 'receives-from-another']));
  expect(said).toContain(`asks rebalance/${under.name} for 3 instances`);
  const { directoryKey: secret } = under.service;
  expect(`${said}${JSON.stringify(answer)}`).not.toContain(secret);
  expect(await under.ownership()).toEqual(before);
}

describe('evenkeel conformance --instance', () => {
  it('passes Messaging, and moves its clients as an operator would', async () => {
    await expectPassed(await running('kit'));
  });

  it('passes the gateway, which embeds the library', async () => {
    await expectPassed(await running('kit-gateway', nodeProgram(gatewayProgram)));
  });

  it.runIf(python !== null || process.env['CI'] !== undefined)(
    'passes the example in Python',
    { timeout: 600_000 },
    async () => {
      if (python === null) throw new Error('examples/python needs Python 3.11 or later with venv');
      const program = pythonInstance(await pythonWithPackages(python));
      await expectPassed(await running('kit-python', program));
    },
  );

  it('fails an instance that closes clients without a word when a worker moves them', async () => {
    const mistake = mistakeModule('says-no-disconnect');
    const under = await running('kit-wrong', nodeProgram('--import', mistake, messagingProgram));
    const { argv, env } = await kitFor(under);
    const { code, answer } = await conformance([...argv, '--only', 'gives-to-another'], env);
    expect({ code, ok: answer.ok }).toEqual({ code: 1, ok: false });
    expect(checksOf(answer, 'fail')).toEqual([
      expect.objectContaining({
        check: 'gives-to-another',
        found: expect.stringMatching(
          /a client of partition \d+, which went to \S+-2, heard: welcome(, alive \d+|, alive)*, close 4001/,
        ) as string,
        mend: 'send disconnect with reason moved, then close with 4001',
      }),
    ]);
    expect(Object.keys(await under.ownership())).toHaveLength(2);
  });

  it('puts back what it found when it is ended between its two rebalances', async () => {
    const under = await running('kit-ended');
    const before = await under.ownership();
    const { argv, env } = await kitFor(under);
    const kit = conformanceProcess([...argv, '--only', 'gives-to-another'], env);
    onTestFinished(() => void kit.child.kill('SIGKILL'));
    await eventually(
      'there is one instance more',
      async () => Object.keys(await under.ownership()).length === 3,
      120_000,
    );
    kit.child.kill('SIGINT');
    expect(await kit.ended).toBe(1);
    const { out, err } = kit.written();
    expect(JSON.parse(out)).toEqual({
      error: { message: 'ended by SIGINT before all checks were made' },
    });
    expect(err).toContain('there are as many instances as before');
    expect(await under.ownership()).toEqual(before);
    // Whom a SIGKILL hits can do nothing any more: so it says beforehand what puts it back.
    expect(err).toContain(
      `by hand: evenkeel rebalance ${under.name} --to 2 --task-queue ${under.cluster.taskQueue}`,
    );
  });

  it('names the instances there are when none has the address', async () => {
    const under = await running('kit-absent');
    const { argv, env } = await kitFor(under);
    const [option, known, ...rest] = argv as [string, string];
    const { code, answer } = await conformance([option, 'ws://127.0.0.1:1', ...rest], env);
    expect(code).toBe(2);
    expect(answer).toMatchObject({
      error: {
        field: '--instance',
        found: 'ws://127.0.0.1:1',
        allowed: expect.stringContaining(known) as string,
      },
    });
  });

  it('says at once that no worker would carry out what it asks for', async () => {
    const under = await running('kit-alone');
    const { argv, env } = await kitFor(under);
    const alone = [...argv.slice(0, -1), 'kit-alone-nobody'];
    const { code, answer, said } = await conformance(alone, env);
    expect(code).toBe(1);
    expect(answer).toEqual({
      error: {
        message:
          'no worker polls task queue kit-alone-nobody, so nobody would carry out the rebalances that the kit asks for; start one: evenkeel worker; or leave them out: --no-moves',
      },
    });
    expect(said).not.toContain('asks rebalance/');
    // What needs no worker is looked at without one.
    const bye = await conformance([...alone, '--only', 'bye'], env);
    expect(checksOf(bye.answer, 'pass').map(({ check }) => check)).toEqual(['bye']);
  });
});
