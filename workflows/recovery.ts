// Owns: going on without instances that are gone, whatever was under way: fence them, give what they
// held to the others by a new revision computed from actual ownership, and only then see to the
// request again. Bounded; shielded from cancellation, because until it is done nobody serves what
// they held.

import { ApplicationFailure, TemporalFailure } from '@temporalio/workflow';
import { otherRunType } from '../src/core/saga/own-epoch.js';
import { committing } from './committing.js';
import { handOver } from './hand-over.js';
import { note } from './notes.js';
import { endsTheSaga, planRecovery, planText } from './planning.js';
import { call } from './proxies.js';
import { causeType } from './causes.js';
import { interruptible, write, type Journal, type Step } from './saga.js';
import { goneNames, goneText, isUrgent, planOf, refOf, seeTo, type Saga } from './state.js';
import { notify, prepare, verify } from './steps.js';
import { seconds } from './words.js';

/** Recoveries within one saga: more losses than that are no accident of a few instances. */
const recoveriesMax = 5;
/** Tries of one recovery: a step of it that failed for good is planned anew from what is then. */
const triesMax = 3;

const fence: Step = {
  phase: 'reconcile',
  title: 'fence who is gone',
  when: (saga) => saga.gone.some(({ why }) => why !== 'leaving'),
  async run(saga) {
    const { gone } = saga;
    const { fenced } = await call('fence', 'undoWaiting', goneText(gone), {
      saga: refOf(saga),
      gone,
    });
    return fenced.join(', ');
  },
};

const plan: Step = {
  phase: 'plan',
  title: 'plan without who is gone',
  async run(saga) {
    const planned = await planRecovery(saga);
    saga.plan = planned;
    return endsTheSaga(planned) ? planned.why : planText(planned, seconds);
  },
};

/** An instance that leaves serves on until others are warm; for a lost one nobody serves: no wait. */
const prepareForLeave: Step = {
  ...prepare,
  when: (saga) => saga.gone.every(({ why }) => why === 'leaving') && planOf(saga).gaining > 0,
};

const commit: Step = {
  phase: 'commit',
  title: 'commit',
  run: (saga) => committing(saga, planRecovery, async () => ''),
};

const recoverySteps: readonly Step[] = [
  fence,
  plan,
  prepareForLeave,
  commit,
  notify,
  { phase: 'hand-over', title: 'others take over', run: handOver },
  verify,
];

/**
 * For `walk`: whether the interrupted plan has to be made again, or the step simply goes on. Whoever is
 * gone is always seen to; a request that was interrupted too often is given up after that.
 */
export async function recover(saga: Saga, journal: Journal): Promise<'plan-again' | 'go-on'> {
  const interrupted = saga.plan;
  const goneBefore = saga.gone.length;
  const committedBefore = saga.committed.length;
  saga.recoveries += 1;
  saga.unserved = true;
  let tries = 0;
  for (;;) {
    seeTo(saga);
    try {
      const how = await recoverOnce(saga, journal);
      if (how === 'interrupted') continue;
      break;
    } catch (error) {
      tries += 1;
      const type = causeType(error) ?? '';
      const again = tries < triesMax && !['SupersededError', otherRunType].includes(type);
      if (!(error instanceof TemporalFailure) || !again) throw error;
    }
  }
  saga.unserved = false;
  const moved = saga.committed.length > committedBefore;
  if (!moved) saga.gone.length = goneBefore;
  if (saga.recoveries > recoveriesMax && !saga.onward && saga.ending === null) throw tooMany(saga);
  if (moved && !saga.onward) return 'plan-again';
  saga.plan = interrupted;
  return 'go-on';
}

async function recoverOnce(
  saga: Saga,
  journal: Journal,
): Promise<'recovered' | 'needless' | 'interrupted'> {
  for (const step of recoverySteps) {
    if (step.when?.(saga) === false) continue;
    const { interrupted } = await interruptible(saga, () =>
      write(saga, journal, step.phase, step.title, () => step.run(saga, journal)),
    );
    if (interrupted) return 'interrupted';
    if (step === plan && endsTheSaga(planOf(saga))) return needless(saga);
  }
  saga.recovered = true;
  if (isUrgent(saga)) {
    const text = `went on without ${goneNames(saga).join(', ')}, revision ${saga.committed.at(-1) ?? 'none'}`;
    saga.ending = { outcome: outcomeOfUrgent(saga), text };
  }
  return 'recovered';
}

/** Who was gone is back, or held nothing: what was interrupted goes on; a request about it ends. */
function needless(saga: Saga): 'needless' {
  const { kind, why } = planOf(saga);
  if (isUrgent(saga)) {
    const outcome = kind === 'refused' ? 'refused' : 'unnecessary';
    saga.ending = { outcome: saga.recovered ? 'recovered' : outcome, text: why };
  } else note(saga.notes, why);
  return 'needless';
}

function outcomeOfUrgent(saga: Saga): 'recovered' | 'completed' {
  return saga.gone.every(({ why }) => why === 'leaving') ? 'completed' : 'recovered';
}

function tooMany(saga: Saga): ApplicationFailure {
  const text = `instances were lost ${recoveriesMax} times while this was carried out (${goneText(saga.gone)})`;
  return ApplicationFailure.nonRetryable(text, 'TooManyLosses');
}
