// The kit fails each deliberate mistake, and says what was seen and what to change; and it passes Messaging
// without any.
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/conformance/check.js';
import { allChecks, runChecks } from '../../src/conformance/run.js';
import { expectFailed } from './broken/expect-failed.js';
import { scratchOf } from './broken/in-process.js';
import { mistakes } from './broken/mistakes.js';

const failedOf = (checks: readonly CheckResult[]) =>
  checks.filter(({ verdict }) => verdict === 'fail');

// They wait more than they work.
describe.concurrent('the conformance kit', () => {
  it('passes Messaging in every check that a service of its own allows', async ({
    onTestFinished,
  }) => {
    const scratch = await scratchOf({});
    onTestFinished(() => scratch.close());
    const { ok, instance, checks } = await runChecks(scratch.scene);
    expect(failedOf(checks)).toEqual([]);
    expect({ ok, instance }).toEqual({ ok: true, instance: scratch.scene.instance });
    expect(checks.map(({ check }) => check)).toEqual(allChecks.map(({ name }) => name));
    const skipped = checks.filter(({ verdict }) => verdict === 'skipped');
    expect(skipped.map(({ check }) => check)).toEqual([
      'gives-to-another',
      'receives-from-another',
    ]);
  }, 120_000);

  it.for(mistakes)(
    'fails an instance that $name',
    { timeout: 120_000 },
    async (mistake, { onTestFinished }) => {
      const scratch = await scratchOf(mistake);
      onTestFinished(() => scratch.close());
      await expectFailed(scratch.scene, mistake);
    },
  );
});
