// Owns: what a run is started with, whoever started it: the service that its id names, and what was
// handed on. Malformed input never throws, because that would block the run, and its id is the lock.

import type { Outcome, RebalanceRequest } from '../activities/types.js';
import { bytesOf, shorten } from '../src/core/bytes.js';
import type { RequestOutcome } from './messages.js';
import { note } from './notes.js';
import { Unreadable } from './payload-reading.js';
import { outcomesMax, shortened } from './outcomes.js';
import { readRequest } from './request-reading.js';
import { queuedRequestsMax } from './requests.js';

const idPrefix = 'rebalance/';
const nameMaxBytes = 100;
const undoneMaxBytes = 1_000;

export interface RunInput {
  readonly service: string;
  readonly pending: readonly RebalanceRequest[];
  readonly outcomes: readonly RequestOutcome[];
  readonly notBegun: number;
  readonly undone: string | undefined;
  /** What was wrong with it, as sentences. */
  readonly notes: readonly string[];
}

/**
 * `waiting` are the arguments after the first: a waiting request each (handing-on.ts). `idCounts` is asked
 * only where the input names another service than the id: runs that began before the id counted go on with
 * the service of their input. Null: the id names no service.
 */
export function readInput(
  input: unknown,
  waiting: readonly unknown[],
  workflowId: string,
  idCounts: () => boolean,
): RunInput | null {
  const said = isObject(input) ? input : {};
  const notes: string[] = [];
  const unread = input instanceof Unreadable ? input : undefined;
  const service = serviceOf(said['service'], workflowId, idCounts, notes, unread);
  if (service === null) return null;
  const handedOn = [...listOf('pending', said['pending'], notes), ...waiting];
  const pending = handedOn.flatMap((one) => {
    if (one instanceof Unreadable) {
      return drop(`a pending request, which cannot be read: ${one.why}`, notes);
    }
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
    notBegun: countIn(said['notBegun']),
    undone: textIn(said['undone']),
    notes,
  };
}

function serviceOf(
  said: unknown,
  workflowId: string,
  idCounts: () => boolean,
  notes: string[],
  unread: Unreadable | undefined,
): string | null {
  const named = workflowId.startsWith(idPrefix) ? workflowId.slice(idPrefix.length) : '';
  if (named !== '' && said === named) return named;
  const isName = typeof said === 'string' && said !== '';
  if (isName && !idCounts()) return said;
  if (named === '' || bytesOf(named) > nameMaxBytes) return null;
  if (unread !== undefined) {
    const lost = 'requests and outcomes of an earlier run, if it had any, are lost';
    note(notes, `what the run was started with cannot be read: ${unread.why}`);
    note(notes, `it is about ${named}, as its id says; ${lost}`);
    return named;
  }
  const what = isName ? `service ${shorten(said, nameMaxBytes)}` : 'no service';
  note(notes, `the run was started for ${what}; it is about ${named}, as its id says`);
  return named;
}

function listOf(field: string, value: unknown, notes: string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : drop(`${field}, which was no list`, notes);
}

function countIn(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? shorten(value, undoneMaxBytes) : undefined;
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
