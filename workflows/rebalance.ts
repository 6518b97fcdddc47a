// Owns: the workflow `rebalance/<service>`: takes requests, runs one saga at a time, closes the run as
// its outcome says. The fixed workflow id is the lock; the epoch that `reconcile` takes is the fence
// against whatever an earlier, terminated run left alive.

import {
  CancelledFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  defineWorkflowOptions,
  makeContinueAsNewFunc,
  patched,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { RawValue } from '@temporalio/common';
import type { Outcome, RebalanceRequest } from '../activities/types.js';
import { serviceAttribute } from './attributes.js';
import { shorten } from '../src/core/bytes.js';
import { renderDetails, renderIdle, statusOf } from './details.js';
import { failureOf, withResult } from './failures.js';
import { handOn, mayHandOn } from './handing-on.js';
import { readInput } from './input-reading.js';
import {
  requestRebalanceSignal,
  statusQuery,
  type RebalanceResult,
  type RebalanceWorkflow,
} from './messages.js';
import { note } from './notes.js';
import { setOperatorHandlers } from './operators.js';
import { fitting, openOutcomes, outcomeOf, type Outcomes } from './outcomes.js';
import { openSignalReader, rawArguments, rawSignal, readArguments } from './payload-reading.js';
import { readRequest } from './request-reading.js';
import { openQueue } from './requests.js';
import { endsTheRun, runSaga } from './run-saga.js';
import {
  goneOf,
  isAmong,
  isDeclined,
  isStrangerTo,
  isUrgent,
  newSaga,
  refOf,
  type Saga,
} from './state.js';
import { settleUnbegun } from './unbegun.js';

/** A run that was started without a request waits this long for one. */
const firstRequestMs = 10_000;
/** In the histories of runs that ended since who was not begun is told so. */
const unbegunPatch = 'unbegun-requests-are-told';
/** In the histories of runs that began since the id says whom a run is about, whatever its input says. */
const idPatch = 'the-id-names-the-service';
/** In the histories where a name was seen to, and another process of that name was gone later. */
const incarnationPatch = 'seen-to-is-the-process-not-the-name';
/** In the histories where those who were not begun are recorded though their run had no saga. */
const servedPatch = 'unbegun-are-recorded-by-whoever-was-served';
/** In histories of runs that continued as new although a saga of theirs had been undone. */
const undonePatch = 'undone-is-handed-on';
/** In histories of runs that went on serving because not all that waited could be handed on in one. */
const wholePatch = 'handed-on-is-whole-in-the-first-argument';
/** Requests that one saga takes up on its way; more of them wait their turn. */
const joinedMax = 32;
/** In the histories where of two equal wishes with another between them the later one was kept. */
const lastWordPatch = 'the-last-word-of-a-person-counts';
/** The result is a payload like any other: the last outcomes that fit. */
const resultMaxBytes = 1_800;
const shownIdMaxBytes = 200;

defineWorkflowOptions(rebalance, rawArguments);

/** What it is started with is a `RebalanceWorkflow`'s: the run, and requests that were handed on. */
export async function rebalance(...raw: readonly RawValue[]): Promise<RebalanceResult> {
  const [input, ...waiting] = readArguments(raw);
  const given = readInput(input, waiting, workflowInfo().workflowId, () => patched(idPatch));
  if (given === null) throw namesNoService();
  const { service, notes } = given;
  const queue = openQueue(service, given.pending, uuid4, () => patched(lastWordPatch));
  const outcomes = openOutcomes(given.outcomes, given.notBegun);
  let current: Saga | null = null;
  let failure: Error | undefined =
    given.undone === undefined ? undefined : failureOf('RebalanceUndone', given.undone);

  const take = (argument: unknown) => {
    for (const { request, outcome, why } of queue.offer(argument)) {
      outcomes.addNotBegun(outcomeOf(request, outcome, why));
    }
  };
  const read = openSignalReader();
  setHandler(rawSignal(requestRebalanceSignal.name), (raw) => {
    const argument = read(raw);
    if (current === null || !joins(current, argument)) take(argument);
  });
  setHandler(statusQuery, () =>
    statusOf(service, current, { queued: queue.ids(), outcomes, notes }),
  );
  setOperatorHandlers(() => current);
  upsertSearchAttributes([{ key: serviceAttribute, value: service }]);
  setCurrentDetails(renderIdle(service, 'waiting for a request', notes));

  /** @returns how the saga failed. */
  const serve = async (request: RebalanceRequest): Promise<Error | undefined> => {
    const saga = newSaga(service, request);
    if (current === null) for (const one of notes) note(saga.notes, one);
    current = saga;
    const { outcome, error } = await runSaga(saga, outcomes);
    if (isDeclined(saga)) outcomes.addNotBegun(outcome);
    else outcomes.add(outcome);
    for (const joined of saga.joined) {
      if (isSeenTo(saga, joined)) {
        const text = `seen to while request ${request.requestId} was carried out`;
        outcomes.add({ ...outcomeOf(joined, 'recovered', text), revision: outcome.revision });
      } else take(joined);
    }
    setCurrentDetails(renderDetails(saga, outcomes));
    if (error !== undefined && endsTheRun(error)) return error;
    if (CancellationScope.current().consideredCancelled) {
      return new CancelledFailure(`cancelled, but it went on to its end: ${outcome.text}`);
    }
    failure ??= error;
    return undefined;
  };

  try {
    await condition(() => queue.size() > 0 || outcomes.kept.length > 0, firstRequestMs, {
      summary: 'a run waits for its first request',
    });
  } catch (error) {
    if (error instanceof CancelledFailure) await endEarly(error);
    throw error;
  }
  for (let request = queue.next(); request !== undefined; request = queue.next()) {
    const ending = await serve(request);
    if (ending !== undefined) {
      await endEarly(ending);
      throw withResult(ending, resultOf(service, outcomes));
    }
    const isLong = queue.size() > 0 && shouldContinue();
    if (isLong && (failure === undefined || patched(undonePatch))) {
      await condition(allHandlersFinished);
      const undone = failure?.message;
      const args = handOn({ service, waiting: queue.rest(), outcomes, undone });
      if (!mayHandOn(args, workflowInfo()) && patched(wholePatch)) continue;
      // Between two sagas the version may change: a queue that never empties must not hold the old one.
      const next = makeContinueAsNewFunc<RebalanceWorkflow>({
        initialVersioningBehavior: 'AUTO_UPGRADE',
        typeInfo: {}, // What is handed on are values, not payloads.
      });
      await next(...args);
    }
  }
  await condition(allHandlersFinished);
  if (failure !== undefined) throw withResult(failure, resultOf(service, outcomes));
  return resultOf(service, outcomes);

  /** Nobody who waits is forgotten. Runs that closed before there was this closed without it. */
  async function endEarly(ending: Error): Promise<void> {
    if (queue.size() === 0 || !patched(unbegunPatch)) return;
    const last = current;
    const ref = () => (current === null || current.situation === null ? null : refOf(current));
    const own = ref();
    const tell = (request: RebalanceRequest, outcome: Outcome, why: string) =>
      outcomes.addNotBegun(outcomeOf(request, outcome, why));
    const recordedBy = () => own ?? (ref() !== null && patched(servedPatch) ? ref() : null);
    await CancellationScope.nonCancellable(() =>
      settleUnbegun({ queue, ending, recordedBy, serve, tell }),
    );
    const shown = last ?? current;
    setCurrentDetails(
      shown === null
        ? renderIdle(service, 'cancelled before it began', notes, outcomes)
        : renderDetails(shown, outcomes),
    );
  }
}

function namesNoService(): Error {
  const id = shorten(workflowInfo().workflowId, shownIdMaxBytes);
  const text = `the workflow id "${id}" names no service: a run is started as rebalance/SERVICE`;
  return failureOf('BadInput', text);
}

/** The history is long, or another version of the code is current (newer servers say so). */
function shouldContinue(): boolean {
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
  return continueAsNewSuggested || targetWorkerDeploymentVersionChanged;
}

/** A request about instances that are gone does not wait its turn: it interrupts the saga that runs. */
function joins(saga: Saga, argument: unknown): boolean {
  if (saga.phase === 'record' || saga.phase === 'done') return false;
  const { request, fault } = readRequest(argument, uuid4, saga.service);
  if (fault !== undefined || !isUrgent({ request })) return false;
  const known = saga.joined.some(({ requestId }) => requestId === request.requestId);
  if (known || saga.request.requestId === request.requestId) return true;
  if (saga.joined.length >= joinedMax) return false;
  const gone = goneOf(request).filter((one) => !isStrangerTo(saga, one));
  // It interrupts nobody: its own turn says who there is.
  if (gone.length === 0) return false;
  saga.joined.push(request);
  const fresh = gone.filter((one) => !isAmong(one, saga.gone) && !isAmong(one, saga.newlyGone));
  saga.newlyGone.push(...fresh);
  // Before the epoch is taken nothing waits, and nothing can be fenced.
  if (fresh.length > 0 && saga.situation !== null) saga.interrupt?.();
  return true;
}

function isSeenTo(saga: Saga, request: RebalanceRequest): boolean {
  const gone = goneOf(request);
  if (gone.every((one) => isAmong(one, saga.seenTo))) return true;
  const names = new Set(saga.seenTo.map(({ instance }) => instance));
  // Runs that ended before this took another process of the same name for the one that was seen to.
  return gone.every(({ instance }) => names.has(instance)) && !patched(incarnationPatch);
}

function resultOf(service: string, outcomes: Outcomes): RebalanceResult {
  const { kept, notBegun } = outcomes;
  return {
    service,
    outcomes: fitting(kept, resultMaxBytes),
    ...(notBegun === 0 ? {} : { notBegun }),
  };
}
