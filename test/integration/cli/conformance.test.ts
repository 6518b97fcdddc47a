// The kit on the real stack: Messaging, the gateway and the example in Python pass as programs of the kit's
// own, and a wrong one fails. As instances of running services: conformance-instance.test.ts.
import { describe, expect, it, type ExpectStatic } from 'vitest';
import {
  checksOf,
  conformance,
  gatewayProgram,
  messagingProgram,
  mistakeModule,
  nodeProgram,
  shellOf,
} from '../../support/conformance.js';
import { findPython, pythonInstance, pythonWithPackages } from '../../support/python-example.js';

const python = await findPython();
const nodeRuns = (...words: readonly string[]): string => shellOf(nodeProgram(...words));

/** Every check but those that need a worker passes. */
async function expectWhole(command: string, expect: ExpectStatic): Promise<void> {
  const { code, answer } = await conformance(['--command', command]);
  expect(answer).not.toHaveProperty('error');
  expect(checksOf(answer, 'fail')).toEqual([]);
  expect({ code, ok: answer.ok }).toEqual({ code: 0, ok: true });
  expect(checksOf(answer, 'skipped').map(({ check }) => check)).toEqual([
    'gives-to-another',
    'receives-from-another',
  ]);
}

describe('evenkeel conformance --command', () => {
  // They wait more than they work.
  it.concurrent.for([
    ['Messaging', messagingProgram],
    ['the gateway, which embeds the library', gatewayProgram],
  ] as const)('passes %s, killed and paused past its lease', async ([, program], { expect }) => {
    await expectWhole(nodeRuns(program), expect);
  });

  // A machine without Python may go without; where everything must hold it may not.
  it.runIf(python !== null || process.env['CI'] !== undefined)(
    'passes the example in Python, killed and paused past its lease',
    { concurrent: true, timeout: 600_000 },
    async ({ expect }) => {
      if (python === null) throw new Error('examples/python needs Python 3.11 or later with venv');
      await expectWhole(shellOf(pythonInstance(await pythonWithPackages(python))), expect);
    },
  );

  it.concurrent(
    'fails a process that was stopped past its lease and speaks when it goes on',
    async ({ expect }) => {
      const command = nodeRuns('--import', mistakeModule('speaks-for-ever'), messagingProgram);
      const only = ['--only', 'silent-after-its-lease'];
      const { code, answer } = await conformance(['--command', command, ...only]);
      expect({ code, ok: answer.ok }).toEqual({ code: 1, ok: false });
      const [failed] = checksOf(answer, 'fail');
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
      error: {
        message: 'the program ended at its start, with status 4; it said last: no such thing',
      },
    });
  });
});
