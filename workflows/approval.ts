// Owns: the step that waits for a person, where the policy wants one: the plan with its cost stands on
// the page before the question, the question expires, and what is approved is computed again before
// anything is done. Never takes the answers (operators.ts).

import { condition } from '@temporalio/workflow';
import type { PlanSummary } from '../activities/types.js';
import { note } from './notes.js';
import { endsTheSaga, planForward, planText } from './planning.js';
import { show, type Journal, type Step } from './saga.js';
import { planOf, situationOf, type Saga } from './state.js';
import { seconds } from './words.js';

/** Questions about one request: a plan that changes more often than this is not understood. */
const questionsMax = 3;
/** What was approved covers a plan that moves so many more clients, by share and by number. */
const coveredShare = 1.2;
const coveredClients = 10;

export const approval: Step = {
  phase: 'approval',
  title: 'approval',
  when: (saga) => planOf(saga).needsApproval && !covers(saga.approvedPlan, planOf(saga)),
  async run(saga, journal) {
    for (let question = 1; question <= questionsMax; question += 1) {
      const shown = planOf(saga);
      const rejected = await ask(saga, journal, shown);
      if (rejected !== undefined) return rejected;
      const again = await planForward(saga);
      saga.plan = again;
      if (endsTheSaga(again)) {
        saga.ending = { outcome: again.kind as 'unnecessary' | 'refused', text: again.why };
        return `approved, but meanwhile ${again.kind}: ${again.why}`;
      }
      if (covers(shown, again)) {
        saga.approvedPlan = again;
        return `${approvedText(saga)}; computed again: ${planText(again, seconds)}`;
      }
      note(saga.notes, `the plan changed after it was approved, so it is asked again`);
    }
    const text = `the plan changed ${questionsMax} times while it waited for approval`;
    saga.ending = { outcome: 'rejected', text };
    return text;
  },
};

/** Undefined when it was approved; else why not, and the saga ends. */
async function ask(saga: Saga, journal: Journal, plan: PlanSummary): Promise<string | undefined> {
  const withinMs = situationOf(saga).bounds.approvalMs;
  saga.approval = 'awaited';
  saga.approvalUntilMs = Date.now() + withinMs;
  show(saga, journal);
  try {
    const answered = await condition(
      () => saga.approval !== 'awaited' || saga.ending !== null,
      withinMs,
      { summary: `a person may approve: about ${plan.movedClients} clients move` },
    );
    if (!answered) {
      const text = `nobody approved within ${seconds(withinMs)}`;
      saga.ending = { outcome: 'rejected', text };
    }
    return saga.ending === null ? undefined : saga.ending.text;
  } finally {
    if (saga.approval === 'awaited') saga.approval = 'none';
    saga.approvalUntilMs = null;
  }
}

function covers(approved: PlanSummary | null, plan: PlanSummary): boolean {
  if (approved === null) return false;
  const most = Math.max(
    approved.movedClients * coveredShare,
    approved.movedClients + coveredClients,
  );
  return plan.to === approved.to && plan.movedClients <= most;
}

function approvedText({ approvedBy }: Saga): string {
  if (approvedBy === null) return 'approved';
  const { by, reason } = approvedBy;
  return `approved by ${by}${reason === undefined ? '' : ` (${reason})`}`;
}
