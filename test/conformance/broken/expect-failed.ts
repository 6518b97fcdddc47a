// A mistake is found by the check that it is meant for, with its sentence and something to change.

import { expect } from 'vitest';
import { runChecks } from '../../../src/conformance/run.js';
import type { Scene } from '../../../src/conformance/scene.js';
import type { Caught } from './mistake.js';

export async function expectFailed(
  scene: Scene,
  { after = [], caughtBy, says, rule, mend = /\w{4}/ }: Caught,
) {
  const { ok, checks } = await runChecks(scene, { only: new Set([...after, caughtBy]) });
  expect(ok).toBe(false);
  const result = checks.find(({ check }) => check === caughtBy);
  expect(result).toMatchObject({
    verdict: 'fail',
    found: expect.stringMatching(says) as string,
  });
  expect(result?.mend).toMatch(mend);
  if (rule !== undefined) expect(`§${result?.section} ${result?.expected}`).toMatch(rule);
}
