// As an instance of a running service, which the kit only watches, the wrong ones fail as well, wherever
// what is wrong with them can be seen without being the control plane.
import { describe, expect, it } from 'vitest';
import { allChecks, runChecks } from '../../src/conformance/run.js';
import { expectFailed } from './broken/expect-failed.js';
import type { Mistake } from './broken/mistake.js';
import { mistakes } from './broken/mistakes.js';
import { runningOf } from './broken/running.js';

const seen = new Set(
  allChecks
    .filter(
      ({ needs = [] }) => !needs.some((need) => ['keys', 'control', 'program'].includes(need)),
    )
    .map(({ name }) => name),
);

/** As they look from here. */
const visible = mistakes.flatMap((mistake): Mistake[] => {
  const here = { ...mistake, ...mistake.running };
  const all = [...(here.after ?? []), here.caughtBy];
  return all.every((name) => seen.has(name)) ? [here] : [];
});

describe.concurrent('the conformance kit on a running service', () => {
  it('passes Messaging in every check that needs neither keys nor control nor the program', async ({
    onTestFinished,
  }) => {
    const running = await runningOf({});
    onTestFinished(() => running.close());
    const { ok, checks } = await runChecks(running.scene);
    expect(checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(ok).toBe(true);
    const passed = checks.filter(({ verdict }) => verdict === 'pass');
    expect(new Set(passed.map(({ check }) => check))).toEqual(seen);
  }, 120_000);

  it('sees what clients and logs show', () => {
    expect(visible.length).toBeGreaterThanOrEqual(20);
  });

  it.for(visible)(
    'fails an instance that $name',
    { timeout: 120_000 },
    async (mistake, { onTestFinished }) => {
      const running = await runningOf(mistake);
      onTestFinished(() => running.close());
      await expectFailed(running.scene, mistake);
    },
  );
});
