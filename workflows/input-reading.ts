// Owns: what a run is started with, whoever started it: the service that its id names, and what was
// handed on. Malformed input never throws, because that would block the run, and its id is the lock.

import type { Outcome, RebalanceRequest } from '../activities/types.js';
import { bytesOf, cut } from './bytes.js';
import type { RequestOutcome } from './messages.js';
import { note } from './notes.js';
import { readRequest } from './request-reading.js';
import { queuedRequestsMax } from './requests.js';

const idPrefix = 'rebalance/';
const nameMaxBytes = 100;
const textMaxBytes = 1_000;
/** Outcomes that one run remembers. */
export const outcomesMax = 32;

export interface RunInput {
  readonly service: string;
  readonly pending: readonly RebalanceRequest[];
  readonly outcomes: readonly RequestOutcome[];
  /** What was wrong with it, as sentences. */
  readonly notes: readonly string[];
}

/**
 * `idCounts` is asked only where the input names another service than the id: runs that began before
 * the id counted go on with the service of their input. Null: the id names no service.
 */
export function readInput(
  input: unknown,
  workflowId: string,
  idCounts: () => boolean,
): RunInput | null {
  const said = isObject(input) ? input : {};
  const notes: string[] = [];
  const service = serviceOf(said['service'], workflowId, idCounts, notes);
  if (service === null) return null;
  const pending = listOf('pending', said['pending'], notes).flatMap((one) => {
    const { request, fault } = readRequest(one, () => '', service);
    return fault === undefined ? [request] : drop(`a pending request: ${fault}`, notes);
  });
  const outcomes = listOf('outcomes', said['outcomes'], notes).flatMap((one) =>
    isOutcome(one) ? [shortened(one)] : drop('an outcome that is none', notes),
  );
  if (pending.length > queuedRequestsMax) {
    drop(`${pending.length - queuedRequestsMax} pending requests, too many`, notes);
  }
  return {
    service,
    pending: pending.slice(0, queuedRequestsMax),
    outcomes: outcomes.slice(-outcomesMax),
    notes,
  };
}

function serviceOf(
  said: unknown,
  workflowId: string,
  idCounts: () => boolean,
  notes: string[],
): string | null {
  const named = workflowId.startsWith(idPrefix) ? workflowId.slice(idPrefix.length) : '';
  if (named !== '' && said === named) return named;
  const isName = typeof said === 'string' && said !== '';
  if (isName && !idCounts()) return said;
  if (named === '' || bytesOf(named) > nameMaxBytes) return null;
  const what = isName ? `service ${cut(said, nameMaxBytes)}` : 'no service';
  note(notes, `the run was started for ${what}; it is about ${named}, as its id says`);
  return named;
}

function listOf(field: string, value: unknown, notes: string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : drop(`${field}, which was no list`, notes);
}

function drop(what: string, notes: string[]): [] {
  note(notes, `left out of the run's input: ${what}`);
  return [];
}

const known: Readonly<Record<Outcome, true>> = {
  completed: true,
  unnecessary: true,
  refused: true,
  rejected: true,
  undone: true,
  aborted: true,
  recovered: true,
  'compensation-failed': true,
};

function isOutcome(value: unknown): value is RequestOutcome {
  if (!isObject(value)) return false;
  const { requestId, outcome, text, revision, movedClients, gapP99Ms } = value;
  return (
    typeof requestId === 'string' &&
    typeof outcome === 'string' &&
    Object.hasOwn(known, outcome) &&
    typeof text === 'string' &&
    (revision === null || typeof revision === 'number') &&
    typeof movedClients === 'number' &&
    typeof gapP99Ms === 'number'
  );
}

const shortened = (one: RequestOutcome): RequestOutcome => ({
  requestId: cut(one.requestId, nameMaxBytes),
  outcome: one.outcome,
  text: cut(one.text, textMaxBytes),
  revision: one.revision,
  movedClients: one.movedClients,
  gapP99Ms: one.gapP99Ms,
});

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
