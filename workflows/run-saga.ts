// Owns: one request from its first step to its record, whichever way it ends, and what the run closes
// with for it. Never takes requests.

import {
  ApplicationFailure,
  CancellationScope,
  TemporalFailure,
  isCancellation,
} from '@temporalio/workflow';
import { otherRunType } from '../src/core/saga/own-epoch.js';
import { closeSaga } from './closing.js';
import type { Phase, RequestOutcome } from './messages.js';
import { outcomeOf, type Outcomes } from './outcomes.js';
import { isSuperseded } from './own-epoch.js';
import { recover } from './recovery.js';
import { causeText, causeType } from './causes.js';
import { failureOf } from './failures.js';
import { rollText } from './roll-steps.js';
import { undoAll, walk, type Journal, type Undos } from './saga.js';
import { beginAnew, goneNames, goneOf, isUrgent, type Ending, type Saga } from './state.js';
import { steps, urgentSteps } from './steps.js';

export interface Ended {
  readonly outcome: RequestOutcome;
  /** What the run closes with; none when it closes as Completed. */
  readonly error?: Error;
}

export async function runSaga(saga: Saga, outcomes: Outcomes): Promise<Ended> {
  for (;;) {
    const ended = await runOnce(saga, outcomes);
    if (ended !== 'anew') return ended;
    beginAnew(saga);
  }
}

/** `anew`: the run was reset, so the epoch that it goes on with is that of the run before. */
async function runOnce(saga: Saga, outcomes: Outcomes): Promise<Ended | 'anew'> {
  const undos: Undos = new Map();
  const journal = { outcomes };
  const list = isUrgent(saga) ? urgentSteps : steps;
  // Such a request is one long recovery: what it names interrupts it after its first step.
  if (isUrgent(saga)) saga.newlyGone.push(...goneOf(saga.request));
  try {
    await saga.scope.run(() => walk(list, saga, undos, journal, () => recover(saga, journal)));
    return await CancellationScope.nonCancellable(async () => ({
      outcome: await closeSaga(saga, journal, saga.ending ?? endingOf(saga)),
    }));
  } catch (error) {
    // Anything else is a bug of ours: it fails the workflow task and rolls nothing back.
    if (!(error instanceof TemporalFailure)) throw error;
    const givenUp = saga.scope.consideredCancelled;
    if (causeType(error) === otherRunType && !givenUp) return 'anew';
    return CancellationScope.nonCancellable(() => turnBack(saga, undos, journal, error));
  }
}

/** Undoes what had begun, records it, and says how the run closes. */
async function turnBack(
  saga: Saga,
  undos: Undos,
  journal: Journal,
  error: TemporalFailure,
): Promise<Ended> {
  const at = saga.phase;
  const why = causeText(error);
  if (isSuperseded(error)) return superseded(saga, at, error);
  if (saga.onward) {
    const text = `stopped past the point of no return at ${at}: ${why}`;
    return failed(saga, journal, error, text);
  }
  let left: readonly string[];
  try {
    left = await undoAll(undos, saga, journal);
  } catch (newer) {
    if (!(newer instanceof TemporalFailure) || !isSuperseded(newer)) throw newer;
    return superseded(saga, 'undo', newer);
  }
  if (left.length > 0) {
    const text = `${at} failed (${why}) and could not be undone: ${left.join('; ')}`;
    return failed(saga, journal, error, text);
  }
  if (saga.unserved) return failed(saga, journal, error, `${at} failed: ${why}; nobody takes over`);
  const close = (ending: Ending) => closeSaga(saga, journal, ending);
  if (saga.aborted !== null) {
    const { by, reason } = saga.aborted;
    const text = `aborted by ${by} at ${at}${reason === undefined ? '' : `: ${reason}`}; undone`;
    return { outcome: await close({ outcome: 'aborted', text }) };
  }
  const cancelled = isCancellation(error);
  const text = cancelled ? `cancelled at ${at}; undone` : `${at} failed: ${why}; undone`;
  const type = causeType(error);
  const closed = await close({ outcome: 'undone', text, ...(cancelled && { cancelled }) });
  const outcome = type === undefined ? closed : { ...closed, cause: type };
  return {
    outcome,
    error: cancelled ? error : failureOf('RebalanceUndone', text, { cause: error }),
  };
}

/** Nothing more is undone or recorded: a newer run has taken over, and its reconcile looks at what is. */
function superseded(saga: Saga, at: Phase, error: TemporalFailure): Ended {
  const outcome = outcomeOf(saga.request, 'undone', `stopped at ${at}: ${causeText(error)}`);
  return { outcome, error: failureOf('Superseded', outcome.text, { cause: error }) };
}

async function failed(
  saga: Saga,
  journal: Journal,
  error: TemporalFailure,
  text: string,
): Promise<Ended> {
  const outcome = await closeSaga(saga, journal, { outcome: 'compensation-failed', text });
  return { outcome, error: failureOf('CompensationFailed', text, { cause: error }) };
}

function endingOf(saga: Saga): Ending {
  const { plan } = saga;
  const what =
    plan === null
      ? 'done'
      : plan.kind === 'bootstrap'
        ? `first distribution on ${plan.to} instances`
        : plan.kind === 'roll'
          ? rollText(saga)
          : `${plan.kind} ${plan.from} → ${plan.to}`;
  const gone = goneNames(saga);
  const without = gone.length === 0 ? '' : `, without ${gone.join(', ')}`;
  const text = `${what}${without}, revision ${saga.committed.at(-1) ?? plan?.revision ?? 'none'}`;
  return { outcome: saga.recovered ? 'recovered' : 'completed', text };
}

/** After these nothing more of this run may act; the next request's reconcile sorts it out. */
export function endsTheRun(error: Error): boolean {
  if (isCancellation(error)) return true;
  return error instanceof ApplicationFailure && error.type !== 'RebalanceUndone';
}
