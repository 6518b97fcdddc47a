// Owns: what a run hands on when it continues as new, each payload under 2 KB: one for the run itself, and
// one for each waiting request that does not fit in there. Reads nothing (input-reading.ts). Pure.

import type { RebalanceRequest } from '../activities/types.js';
import { bytesOf, shortenInJson } from '../src/core/bytes.js';
import type { RebalanceInput } from './messages.js';
import { fitting, type Outcomes } from './outcomes.js';

/** A server ends a run at 51 200 events or 50 MB: long before that it is handed on, whatever waits. */
const historyEventsMax = 16_384;
const historyBytesMax = 16 * 1_024 * 1_024;

/** Of 2 KB; the rest is for what encryption adds. */
const inputMaxBytes = 1_800;
const outcomesMaxBytes = 900;
/** Those who wait need the room more than what is over and recorded. */
const outcomesMinBytes = 300;
const undoneMaxBytes = 300;

export interface Unfinished {
  readonly service: string;
  readonly waiting: readonly RebalanceRequest[];
  readonly outcomes: Outcomes;
  /** Why a saga was undone: the last run ends with that. */
  readonly undone: string | undefined;
}

/**
 * The arguments of the next run. Requests stand in the first as far as they fit, which is where workers
 * of before they had arguments of their own look for them.
 */
export function handOn({
  service,
  waiting,
  outcomes,
  undone,
}: Unfinished): [RebalanceInput, ...RebalanceRequest[]] {
  const run = {
    service,
    ...(outcomes.notBegun === 0 ? {} : { notBegun: outcomes.notBegun }),
    ...(undone === undefined ? {} : { undone: shortenInJson(undone, undoneMaxBytes) }),
  };
  const told = (maxBytes: number) => fitting(outcomes.kept, maxBytes);
  const least = told(outcomesMinBytes);
  const withSome = (
    some: number,
    outcomes: RebalanceInput['outcomes'] & object,
  ): RebalanceInput => ({
    ...run,
    outcomes,
    pending: waiting.slice(0, some),
  });
  let fit = 0;
  while (fit < waiting.length && bytesOf(withSome(fit + 1, least)) <= inputMaxBytes) fit += 1;
  const left = inputMaxBytes - bytesOf(withSome(fit, []));
  const most = Math.max(outcomesMinBytes, Math.min(left, outcomesMaxBytes));
  return [withSome(fit, told(most)), ...waiting.slice(fit)];
}

/**
 * Whether to hand on now. A worker of before requests had arguments of their own would forget all but
 * those in the first: while there are others the run goes on serving, as long as its history allows.
 */
export function mayHandOn(
  args: ReturnType<typeof handOn>,
  history: { readonly historyLength: number; readonly historySize: number },
): boolean {
  const { historyLength, historySize } = history;
  return args.length === 1 || historyLength >= historyEventsMax || historySize >= historyBytesMax;
}
