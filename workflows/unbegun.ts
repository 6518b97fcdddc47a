// Owns: what becomes of requests that still wait when a run has to end early: those about instances
// that are gone are carried out before it closes, because nobody serves what they held; all others get
// an outcome that says why, here and in ConfigDB. Never decides that the run ends.

import { ApplicationFailure, TemporalFailure, isCancellation, log } from '@temporalio/workflow';
import type { Outcome, RebalanceRequest, SagaRef, UnbegunRequest } from '../activities/types.js';
import { shorten } from '../src/core/bytes.js';
import { call } from './proxies.js';
import type { RequestQueue } from './requests.js';
import { causeText } from './causes.js';
import { isUrgent } from './state.js';

/** Requests in one payload, which stays under 2 KB … */
const recordedAtOnceMax = 6;
/** … with texts of these bytes. */
const recordedNameMaxBytes = 60;
const recordedReasonMaxBytes = 100;
/** Requests may come while others are recorded; after so many rounds they are only told. */
const roundsMax = 4;

export interface Unbegun {
  readonly queue: RequestQueue;
  /** What the run closes with. */
  readonly ending: Error;
  /** The saga that ended it, or that was carried out since; null while none has an epoch and a record. */
  readonly recordedBy: () => SagaRef | null;
  /** Carries one out. @returns what else ends the run. */
  readonly serve: (request: RebalanceRequest) => Promise<Error | undefined>;
  readonly tell: (request: RebalanceRequest, outcome: Outcome, why: string) => void;
}

/** Runs in a non-cancellable scope; afterwards nobody waits. */
export async function settleUnbegun(unbegun: Unbegun): Promise<void> {
  const { queue, ending, recordedBy, serve, tell } = unbegun;
  const { outcome, why } = answerOf(ending);
  // A newer run has taken over: whatever this one did would be refused.
  let serves = typeOf(ending) !== 'Superseded';
  for (let round = 1; queue.size() > 0; round += 1) {
    while (serves) {
      const urgent = queue.nextIf((request) => isUrgent({ request }));
      if (urgent === undefined) break;
      // What could not be done twice is for a person, or for the watcher, which asks again.
      serves = (await serve(urgent)) === undefined;
    }
    const rest: RebalanceRequest[] = [];
    for (let one = queue.next(); one !== undefined; one = queue.next()) {
      tell(one, outcome, why);
      rest.push(one);
    }
    const saga = rest.length === 0 || round > roundsMax ? null : recordedBy();
    if (saga !== null) await record(saga, rest, outcome, why);
  }
}

/** What those are told that the run did not come to. */
export function answerOf(ending: Error): { readonly outcome: Outcome; readonly why: string } {
  const again = 'not begun, ask again';
  if (isCancellation(ending)) {
    return { outcome: 'aborted', why: `${again}: the run was cancelled before its turn` };
  }
  const why =
    typeOf(ending) === 'Superseded'
      ? `${again}: a newer run took over from this one`
      : `${again} when a person has looked: the request before it could not be undone`;
  return { outcome: 'refused', why };
}

async function record(
  saga: SagaRef,
  requests: readonly RebalanceRequest[],
  outcome: Outcome,
  text: string,
): Promise<void> {
  for (let from = 0; from < requests.length; from += recordedAtOnceMax) {
    const some = requests.slice(from, from + recordedAtOnceMax).map(shortened);
    const summary = `${some.length} requests were not begun: ${outcome}`;
    try {
      await call('recordUnbegun', 'waiting', summary, { saga, requests: some, outcome, text });
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error;
      log.error('could not record who was not begun', { why: causeText(error) });
    }
  }
}

function shortened({ requestId, source, by, reason }: RebalanceRequest): UnbegunRequest {
  return {
    requestId,
    source,
    ...(by === undefined ? {} : { by: shorten(by, recordedNameMaxBytes) }),
    reason: shorten(reason, recordedReasonMaxBytes),
  };
}

function typeOf(ending: Error): string | null | undefined {
  return ending instanceof ApplicationFailure ? ending.type : undefined;
}
