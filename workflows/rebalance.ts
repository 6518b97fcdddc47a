// Owns: the workflow `rebalance/<service>`: takes requests, runs one saga at a time, closes the run as
// its outcome says. The fixed workflow id is the lock; the epoch that `reconcile` takes is the fence
// against whatever an earlier, terminated run left alive.

import {
  ApplicationFailure,
  CancellationScope,
  TemporalFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { Outcome, RebalanceRequest } from '../activities/types.js';
import { serviceAttribute } from './attributes.js';
import { closeSaga } from './closing.js';
import { renderDetails, statusOf } from './details.js';
import {
  abortUpdate,
  approveUpdate,
  rejectUpdate,
  requestRebalanceSignal,
  statusQuery,
  type OperatorWord,
  type RebalanceInput,
  type RebalanceResult,
  type RequestOutcome,
} from './messages.js';
import { openQueue, type Refusal } from './requests.js';
import { causeText, causeType, undoAll, walk, type Undo } from './saga.js';
import { newSaga, type Saga } from './state.js';
import { steps } from './steps.js';

/** A run that was started without a request waits this long for one. */
const firstRequestMs = 10_000;
/** Outcomes that one run remembers. */
const outcomesMax = 32;

export async function rebalance(input: RebalanceInput): Promise<RebalanceResult> {
  const { service } = input;
  const queue = openQueue(input.pending ?? [], uuid4);
  const outcomes: RequestOutcome[] = [];
  let current: Saga | null = null;
  let failure: Error | undefined;

  const refuse = ({ request, why }: Refusal) => keep(outcomes, outcomeOf(request, 'refused', why));
  setHandler(requestRebalanceSignal, (request) => {
    const refusal = queue.offer(request);
    if (refusal !== undefined) refuse(refusal);
  });
  setHandler(statusQuery, () => statusOf(service, current, queue.ids(), outcomes));
  setOperatorHandlers(() => current);
  upsertSearchAttributes([{ key: serviceAttribute, value: service }]);

  await condition(() => queue.size() > 0 || outcomes.length > 0, firstRequestMs);
  for (let request = queue.next(); request !== undefined; request = queue.next()) {
    current = newSaga(service, request);
    const { outcome, error } = await runSaga(current, outcomes);
    keep(outcomes, outcome);
    setCurrentDetails(renderDetails(current, outcomes));
    if (error !== undefined && endsTheRun(error)) throw error;
    failure ??= error;
    if (workflowInfo().continueAsNewSuggested && failure === undefined && queue.size() > 0) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof rebalance>({ service, pending: queue.rest() });
    }
  }
  await condition(allHandlersFinished);
  if (failure !== undefined) throw failure;
  return { service, outcomes };
}

interface Ended {
  readonly outcome: RequestOutcome;
  /** What the run closes with; none when it closes as Completed. */
  readonly error?: Error;
}

/** One request from reconcile to record. */
async function runSaga(saga: Saga, outcomes: readonly RequestOutcome[]): Promise<Ended> {
  const undos: Undo[] = [];
  const journal = { outcomes };
  try {
    await saga.scope.run(() => walk(steps, saga, undos, journal));
    return await CancellationScope.nonCancellable(async () => ({
      outcome: await closeSaga(saga, journal, endingOf(saga)),
    }));
  } catch (error) {
    // Anything else is a bug of ours: it fails the workflow task and rolls nothing back.
    if (!(error instanceof TemporalFailure)) throw error;
    return CancellationScope.nonCancellable(() => turnBack(saga, undos, journal, error));
  }
}

/** Undoes what had begun, records it, and says how the run closes. */
async function turnBack(
  saga: Saga,
  undos: readonly Undo[],
  journal: { readonly outcomes: readonly RequestOutcome[] },
  error: TemporalFailure,
): Promise<Ended> {
  const at = saga.phase;
  const why = causeText(error);
  if (causeType(error) === 'SupersededError') {
    const outcome = outcomeOf(saga.request, 'undone', `stopped at ${at}: ${why}`);
    return { outcome, error: failureOf('Superseded', outcome.text, error) };
  }
  if (saga.onward) {
    const outcome = outcomeOf(
      saga.request,
      'compensation-failed',
      `stopped past the point of no return at ${at}: ${why}`,
    );
    return { outcome, error: failureOf('CompensationFailed', outcome.text, error) };
  }
  const failed = await undoAll(undos, saga, journal);
  if (failed.length > 0) {
    const text = `${at} failed (${why}) and could not be undone: ${failed.join('; ')}`;
    const outcome = await closeSaga(saga, journal, { outcome: 'compensation-failed', text });
    return { outcome, error: failureOf('CompensationFailed', text, error) };
  }
  if (saga.aborted !== null) {
    const { by, reason } = saga.aborted;
    const text = `aborted by ${by} at ${at}${reason === undefined ? '' : `: ${reason}`}; undone`;
    return { outcome: await closeSaga(saga, journal, { outcome: 'aborted', text }) };
  }
  const cancelled = isCancellation(error);
  const text = cancelled ? `cancelled at ${at}; undone` : `${at} failed: ${why}; undone`;
  const outcome = await closeSaga(saga, journal, { outcome: 'undone', text });
  return { outcome, error: cancelled ? error : failureOf('RebalanceUndone', text, error) };
}

function endingOf(saga: Saga): { outcome: Outcome; text: string } {
  if (saga.ending !== null) return saga.ending;
  const { plan } = saga;
  const what =
    plan === null
      ? 'done'
      : plan.kind === 'bootstrap'
        ? `first distribution on ${plan.to} instances`
        : `${plan.kind} ${plan.from} → ${plan.to}`;
  const text = `${what}, revision ${saga.committed.at(-1) ?? plan?.revision ?? 'none'}`;
  return { outcome: saga.recovered ? 'recovered' : 'completed', text };
}

/** After these nothing more of this run may act; the next request's reconcile sorts it out. */
function endsTheRun(error: Error): boolean {
  if (isCancellation(error)) return true;
  return error instanceof ApplicationFailure && error.type !== 'RebalanceUndone';
}

function failureOf(type: string, message: string, cause: Error): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, cause });
}

function outcomeOf(request: RebalanceRequest, outcome: Outcome, text: string): RequestOutcome {
  return {
    requestId: request.requestId,
    outcome,
    text,
    revision: null,
    movedClients: 0,
    gapP99Ms: 0,
  };
}

function keep(outcomes: RequestOutcome[], outcome: RequestOutcome): void {
  outcomes.push(outcome);
  if (outcomes.length > outcomesMax) outcomes.shift();
}

/** `approve`, `reject` and `abort`; their validators refuse, with a sentence, what cannot be done now. */
function setOperatorHandlers(current: () => Saga | null): void {
  const awaiting = () => {
    if (current()?.approval !== 'awaited') throw new Error('nothing awaits approval');
  };
  setHandler(
    approveUpdate,
    (word) => {
      const saga = current();
      if (saga !== null) saga.approval = 'given';
      return `approved by ${word.by}`;
    },
    { validator: (word: OperatorWord) => (checkWord(word), awaiting()) },
  );
  setHandler(
    rejectUpdate,
    (word) => {
      const saga = current();
      const text = `rejected by ${word.by}${word.reason === undefined ? '' : `: ${word.reason}`}`;
      if (saga !== null) saga.ending = { outcome: 'rejected', text };
      return text;
    },
    { validator: (word: OperatorWord) => (checkWord(word), awaiting()) },
  );
  setHandler(
    abortUpdate,
    (word) => {
      const saga = current();
      if (saga === null) return 'nothing to abort';
      saga.aborted = word;
      saga.scope.cancel();
      return `aborting at ${saga.phase}: what has begun is undone`;
    },
    { validator: (word: OperatorWord) => (checkWord(word), abortable(current())) },
  );
}

function abortable(saga: Saga | null): void {
  if (saga === null || saga.phase === 'done') throw new Error('no rebalance is under way');
  if (saga.onward) throw new Error('past the point of no return: from here it only goes forward');
  if (saga.undoing) throw new Error('it is being undone already');
  if (saga.phase === 'record') throw new Error('it is done already');
}

function checkWord(word: OperatorWord): void {
  if (typeof word?.by !== 'string' || word.by === '') throw new Error('by must name who asks');
}
