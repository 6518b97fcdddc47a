// Owns: what is done when a saga has ended, however it did: its record in ConfigDB, the attributes
// people search for, and the pause of the Schedule when an undo failed. Never decides the outcome.

import { TemporalFailure, log, upsertSearchAttributes } from '@temporalio/workflow';
import type { PlanSummary, RecordInput, RecordResult } from '../activities/types.js';
import {
  gapP99Attribute,
  movedClientsAttribute,
  outcomeAttribute,
  phaseAttribute,
  revisionAttribute,
} from './attributes.js';
import { bytesOf, shorten } from '../src/core/bytes.js';
import type { RequestOutcome } from './messages.js';
import { underOwnEpoch } from './own-epoch.js';
import { call } from './proxies.js';
import { stepsWithin } from './recorded-steps.js';
import { causeText } from './causes.js';
import { write, type Journal } from './saga.js';
import { refOf, type Ending, type Saga } from './state.js';

/** Texts in the record's payload, which stays under 2 KB … */
const recordedTextMaxBytes = 250;
/** … and what is left of these bytes is for the steps. */
const recordMaxBytes = 1_850;

/** Runs in a non-cancellable scope. A record that cannot be written does not change what happened. */
export async function closeSaga(
  saga: Saga,
  journal: Journal,
  ending: Ending,
): Promise<RequestOutcome> {
  saga.ending = ending;
  const revision = saga.committed.at(-1) ?? saga.situation?.base ?? null;
  if (ending.outcome === 'compensation-failed') await tryTo(() => pauseSchedule(saga, ending));
  let recorded: RecordResult | null = null;
  if (saga.situation !== null) {
    await tryTo(() =>
      write(saga, journal, 'record', 'record the outcome', async () => {
        recorded = await underOwnEpoch(saga, () => record(saga, ending, revision));
        return recordNote(recorded);
      }),
    );
  }
  const { movedClients, gapMs } = recorded ?? { movedClients: 0, gapMs: { n: 0, p99: 0 } };
  saga.phase = 'done';
  upsertSearchAttributes([
    { key: phaseAttribute, value: 'done' },
    { key: outcomeAttribute, value: ending.outcome },
    { key: movedClientsAttribute, value: movedClients },
    ...(revision === null ? [] : [{ key: revisionAttribute, value: revision }]),
    ...(gapMs.n === 0 ? [] : [{ key: gapP99Attribute, value: Math.round(gapMs.p99) }]),
  ]);
  const { requestId } = saga.request;
  const { outcome, text } = ending;
  const told = { requestId, outcome, text, revision, movedClients };
  const failure = saga.failure === null ? {} : { failure: saga.failure };
  return { ...told, gapP99Ms: Math.round(gapMs.p99), ...failure };
}

function record(saga: Saga, ending: Ending, revision: number | null): Promise<RecordResult> {
  const { request, steps } = saga;
  const { outcome } = ending;
  const text = shorten(ending.text, recordedTextMaxBytes);
  const rest = {
    saga: refOf(saga),
    request,
    outcome,
    text,
    plan: planToRecord(saga.plan),
    revision,
    committed: saga.committed,
    ...(saga.moved === null ? {} : { moved: saga.moved }),
  };
  const { steps: recorded, leftOut } = stepsWithin(steps, recordMaxBytes - bytesOf(rest));
  return call('record', 'waiting', `${outcome}: ${text}`, {
    ...rest,
    steps: recorded,
    ...(leftOut === 0 ? {} : { stepsLeftOut: leftOut }),
  });
}

/** Without what lies in ConfigDB under the plan's id: payloads stay small. */
function planToRecord(plan: PlanSummary | null): RecordInput['plan'] {
  if (plan === null) return null;
  const { ranges: _ranges, before: _before, hash: _hash, why: _why, ...rest } = plan;
  return rest;
}

function recordNote({ movedClients, gapMs, notReturned }: RecordResult): string {
  if (movedClients === 0) return 'no client moved';
  const missing = notReturned === 0 ? '' : `, ${notReturned} not heard of again`;
  return `${movedClients} clients moved, gap P50 ${gapMs.p50} ms, P99 ${gapMs.p99} ms, max ${gapMs.max} ms (${gapMs.n} told)${missing}`;
}

async function pauseSchedule(saga: Saga, ending: Ending): Promise<void> {
  const { service, workflow } = saga;
  const why = shorten(ending.text, recordedTextMaxBytes);
  const note = `Paused by evenkeel: ${service} could not be brought back (${why}). Look at ${workflow.id}, run ${workflow.runId}. Then ask for a rebalance (evenkeel rebalance ${service}): it tries again, or, with --leftovers accept, keeps what is. When that has ended well, unpause (evenkeel resume ${service}).`;
  await call('pauseSchedule', 'undoQuick', 'an undo failed: a person must look', { service, note });
}

async function tryTo(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    log.error('could not close the saga properly', { why: causeText(error) });
  }
}
