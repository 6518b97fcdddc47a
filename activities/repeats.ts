// Owns: telling whether a request was served before, by an earlier run: its id is in the record of a
// saga that ended. Within one run the queue does (workflows/requests.ts). Reads only.

import type { ConfigDb } from '../src/ports.js';
import type { Outcome, RebalanceRequest, SagaRef } from './types.js';

/** Recorded sagas looked through; a repetition later than this many sagas is a new request. */
const rebalancesLookedAt = 100;

/** After these a request is answered; what was undone, aborted or died may be asked for again. */
const answered: readonly Outcome[] = [
  'completed',
  'recovered',
  'unnecessary',
  'refused',
  'rejected',
];

/** A sentence that names the earlier outcome; undefined for a request that is new. */
export async function answeredBefore(
  configDb: Pick<ConfigDb, 'rebalances'>,
  { service, rebalance }: Pick<SagaRef, 'service' | 'rebalance'>,
  { requestId }: Pick<RebalanceRequest, 'requestId'>,
): Promise<string | undefined> {
  const recorded = await configDb.rebalances(service, rebalancesLookedAt);
  const outcomes = recorded
    .filter(({ id }) => id !== rebalance)
    .map(({ body }) => body as RecordedBody)
    .filter(({ request, outcome }) => request?.requestId === requestId && isAnswered(outcome));
  // The oldest is the one that acted; those after it only pointed at it.
  const first = outcomes.at(-1);
  if (first === undefined) return undefined;
  return `request ${requestId} ended before: ${first.outcome}: ${first.text ?? ''}`;
}

interface RecordedBody {
  readonly request?: RebalanceRequest;
  readonly outcome?: Outcome | null;
  readonly text?: string;
}

function isAnswered(outcome: Outcome | null | undefined): boolean {
  return outcome != null && answered.includes(outcome);
}
