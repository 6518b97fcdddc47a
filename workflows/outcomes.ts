// Owns: what became of the requests of a run, as far as it is kept. Those that a saga was for and those
// that were answered without one are bounded apart: no flood of the latter pushes out the former. Pure.

import type { Outcome, RebalanceRequest } from '../activities/types.js';
import { bytesOf, cut, shorten, shortenInJson } from '../src/core/bytes.js';
import type { RequestOutcome } from './messages.js';

/** The last ones that a saga was for … */
const begunMax = 32;
/** … and of the others; as many as can wait when a run has to end. */
const notBegunMax = 16;
export const outcomesMax = begunMax + notBegunMax;
const nameMaxBytes = 100;
const textMaxBytes = 1_000;
const failureMaxBytes = 300;

export interface Outcomes {
  /** In the order in which they came about. */
  readonly kept: readonly RequestOutcome[];
  /** Requests that were answered without a saga, also those that are not kept any more. */
  readonly notBegun: number;
  /** Of a request that a saga was for. */
  add(outcome: RequestOutcome): void;
  /** Of one that none was for. */
  addNotBegun(outcome: RequestOutcome): void;
}

/** Goes on from what an earlier run handed on. */
export function openOutcomes(earlier: readonly RequestOutcome[], notBegunBefore: number): Outcomes {
  const kept: RequestOutcome[] = [];
  let notBegun = notBegunBefore;
  const keep = (outcome: RequestOutcome) => {
    kept.push(outcome);
    const alike = kept.filter((one) => one.notBegun === outcome.notBegun);
    if (alike.length > (outcome.notBegun === true ? notBegunMax : begunMax))
      kept.splice(kept.indexOf(alike[0] as RequestOutcome), 1);
  };
  for (const outcome of earlier) keep(outcome);
  return {
    kept,
    get notBegun() {
      return notBegun;
    },
    add: keep,
    addNotBegun: (outcome) => {
      notBegun += 1;
      keep({ ...outcome, notBegun: true });
    },
  };
}

export function outcomeOf(
  request: RebalanceRequest,
  outcome: Outcome,
  text: string,
): RequestOutcome {
  return {
    requestId: request.requestId,
    outcome,
    text,
    revision: null,
    movedClients: 0,
    gapP99Ms: 0,
  };
}

/** The last ones that fit into a payload: the kind of which there are more gives way first. */
export function fitting(
  outcomes: readonly RequestOutcome[],
  maxBytes: number,
): readonly RequestOutcome[] {
  const rest = outcomes.map(shortened);
  while (rest.length > 1 && bytesOf(rest) > maxBytes) {
    const notBegun = rest.filter((one) => one.notBegun === true).length;
    const gives = notBegun * 2 > rest.length ? true : undefined;
    rest.splice(
      rest.findIndex((one) => one.notBegun === gives),
      1,
    );
  }
  const [last] = rest;
  if (last === undefined || bytesOf(rest) <= maxBytes) return rest;
  const left = maxBytes - bytesOf([{ ...last, text: '' }]);
  return [{ ...last, text: shortenInJson(last.text, left) }];
}

/** Bounded, and nothing but what is known. */
export function shortened(one: RequestOutcome): RequestOutcome {
  return {
    requestId: cut(one.requestId, nameMaxBytes),
    outcome: one.outcome,
    text: shorten(one.text, textMaxBytes),
    revision: one.revision,
    movedClients: one.movedClients,
    gapP99Ms: one.gapP99Ms,
    ...(one.notBegun === true ? { notBegun: true } : {}),
    ...(typeof one.cause === 'string' ? { cause: cut(one.cause, nameMaxBytes) } : {}),
    ...failureIn(one.failure),
  };
}

/** It may have been handed on by anybody. */
function failureIn(said: unknown): Pick<RequestOutcome, 'failure'> {
  if (typeof said !== 'object' || said === null) return {};
  const { type, text } = said as Record<string, unknown>;
  if ((type !== 'NotReady' && type !== 'StillHolds') || typeof text !== 'string') return {};
  return { failure: { type, text: shorten(text, failureMaxBytes) } };
}
