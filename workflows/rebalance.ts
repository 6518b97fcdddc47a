// Owns: the workflow `rebalance/<service>`: takes requests, runs one saga at a time, closes the run as
// its outcome says. The fixed workflow id is the lock; the epoch that `reconcile` takes is the fence
// against whatever an earlier, terminated run left alive.

import {
  CancelledFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { RebalanceRequest } from '../activities/types.js';
import { serviceAttribute } from './attributes.js';
import { bytesOf } from './bytes.js';
import { renderDetails, renderIdle, statusOf } from './details.js';
import {
  requestRebalanceSignal,
  statusQuery,
  type RebalanceInput,
  type RebalanceResult,
  type RequestOutcome,
} from './messages.js';
import { setOperatorHandlers } from './operators.js';
import { readRequest } from './request-reading.js';
import { openQueue } from './requests.js';
import { endsTheRun, outcomeOf, runSaga } from './run-saga.js';
import { goneOf, isUrgent, newSaga, type Saga } from './state.js';

/** A run that was started without a request waits this long for one. */
const firstRequestMs = 10_000;
/** Outcomes that one run remembers. */
const outcomesMax = 32;
/** The result is a payload like any other: the last outcomes that fit. */
const resultMaxBytes = 1_800;

export async function rebalance(input: RebalanceInput): Promise<RebalanceResult> {
  const { service } = input;
  const queue = openQueue(service, input.pending ?? [], uuid4);
  const outcomes: RequestOutcome[] = [];
  let current: Saga | null = null;
  let failure: Error | undefined;

  const take = (argument: unknown) => {
    for (const { request, outcome, why } of queue.offer(argument)) {
      keep(outcomes, outcomeOf(request, outcome, why));
    }
  };
  setHandler(requestRebalanceSignal, (argument) => {
    if (current === null || !joins(current, argument)) take(argument);
  });
  setHandler(statusQuery, () => statusOf(service, current, queue.ids(), outcomes));
  setOperatorHandlers(() => current);
  upsertSearchAttributes([{ key: serviceAttribute, value: service }]);
  setCurrentDetails(renderIdle(service));

  await condition(() => queue.size() > 0 || outcomes.length > 0, firstRequestMs, {
    summary: 'a run waits for its first request',
  });
  for (let request = queue.next(); request !== undefined; request = queue.next()) {
    const saga = newSaga(service, request);
    current = saga;
    const { outcome, error } = await runSaga(saga, outcomes);
    keep(outcomes, outcome);
    for (const joined of saga.joined) {
      if (isSeenTo(saga, joined)) {
        const text = `seen to while request ${request.requestId} was carried out`;
        keep(outcomes, { ...outcomeOf(joined, 'recovered', text), revision: outcome.revision });
      } else take(joined);
    }
    setCurrentDetails(renderDetails(saga, outcomes));
    if (error !== undefined && endsTheRun(error)) throw error;
    if (CancellationScope.current().consideredCancelled) {
      throw new CancelledFailure(`cancelled, but it went on to its end: ${outcome.text}`);
    }
    failure ??= error;
    if (workflowInfo().continueAsNewSuggested && failure === undefined && queue.size() > 0) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof rebalance>({ service, pending: queue.rest() });
    }
  }
  await condition(allHandlersFinished);
  if (failure !== undefined) throw failure;
  return { service, outcomes: fitting(outcomes) };
}

/** A request about instances that are gone does not wait its turn: it interrupts the saga that runs. */
function joins(saga: Saga, argument: unknown): boolean {
  if (saga.phase === 'record' || saga.phase === 'done') return false;
  const { request, fault } = readRequest(argument, uuid4, saga.service);
  if (fault !== undefined || !isUrgent({ request })) return false;
  const known = saga.joined.some(({ requestId }) => requestId === request.requestId);
  if (known || saga.request.requestId === request.requestId) return true;
  if (saga.joined.length >= outcomesMax) return false;
  saga.joined.push(request);
  const fresh = goneOf(request).filter(({ instance, incarnation }) => {
    const same = (one: { instance: string; incarnation: string | null }) =>
      one.instance === instance && one.incarnation === incarnation;
    return !saga.gone.some(same) && !saga.newlyGone.some(same);
  });
  saga.newlyGone.push(...fresh);
  // Before the epoch is taken nothing waits, and nothing can be fenced.
  if (fresh.length > 0 && saga.situation !== null) saga.interrupt?.();
  return true;
}

function isSeenTo(saga: Saga, request: RebalanceRequest): boolean {
  return goneOf(request).every(({ instance }) => saga.seenTo.has(instance));
}

function keep(outcomes: RequestOutcome[], outcome: RequestOutcome): void {
  outcomes.push(outcome);
  if (outcomes.length > outcomesMax) outcomes.shift();
}

function fitting(outcomes: readonly RequestOutcome[]): readonly RequestOutcome[] {
  let from = 0;
  while (from < outcomes.length - 1 && bytesOf(outcomes.slice(from)) > resultMaxBytes) from += 1;
  return outcomes.slice(from);
}
