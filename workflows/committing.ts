// Owns: writing the plan as the next revision, and planning again when somebody else was faster, a
// bounded number of times. Never decides who owns what.

import { ApplicationFailure } from '@temporalio/workflow';
import type { PlanSummary } from '../activities/types.js';
import { endsTheSaga } from './planning.js';
import { call } from './proxies.js';
import { planOf, refOf, type Saga } from './state.js';

/** Each lost race means that somebody else wrote a distribution: more than these is no accident. */
const replansMax = 3;

/** `warmUp` is called for a plan that was made again and gives instances something new. */
export async function committing(
  saga: Saga,
  planAgain: (saga: Saga) => Promise<PlanSummary>,
  warmUp: (saga: Saga) => Promise<string>,
): Promise<string> {
  const { source, reason } = saga.request;
  const cause = { kind: source, text: reason };
  for (let attempt = 1; attempt <= replansMax; attempt += 1) {
    const { planId, base, revision } = planOf(saga);
    const summary = `revision ${base ?? 'none'} → ${revision} into ConfigDB`;
    const input = { saga: refOf(saga), planId, workflow: saga.workflow, cause };
    const result = await call('commit', 'quick', summary, input);
    if (result.kind === 'committed') {
      saga.committed.push(result.revision);
      return attempt === 1
        ? `revision ${result.revision}`
        : `revision ${result.revision}, planned ${attempt} times`;
    }
    saga.recovered = true;
    const again = await planAgain(saga);
    if (endsTheSaga(again)) {
      const text = `planned again after a conflict: ${again.why}`;
      throw ApplicationFailure.nonRetryable(text, 'Conflict');
    }
    saga.plan = again;
    if (again.gaining > 0) await warmUp(saga);
  }
  const text = `somebody else wrote a distribution ${replansMax} times in a row`;
  throw ApplicationFailure.nonRetryable(text, 'TooManyConflicts');
}
