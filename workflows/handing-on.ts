// Owns: what a run hands on when it continues as new, each payload under 2 KB: one for the run itself, and
// one for each waiting request that does not fit in there. Reads nothing (input-reading.ts). Pure.

import type { RebalanceRequest } from '../activities/types.js';
import { bytesOf, cutInJson } from './bytes.js';
import type { RebalanceInput } from './messages.js';
import { fitting, type Outcomes } from './outcomes.js';

/** Of 2 KB; the rest is for what encryption adds. */
const inputMaxBytes = 1_800;
const outcomesMaxBytes = 900;
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
  const run: RebalanceInput = {
    service,
    outcomes: fitting(outcomes.kept, outcomesMaxBytes),
    ...(outcomes.notBegun === 0 ? {} : { notBegun: outcomes.notBegun }),
    ...(undone === undefined ? {} : { undone: cutInJson(undone, undoneMaxBytes) }),
  };
  let fit = 0;
  const withSome = (some: number): RebalanceInput => ({ ...run, pending: waiting.slice(0, some) });
  while (fit < waiting.length && bytesOf(withSome(fit + 1)) <= inputMaxBytes) fit += 1;
  return [withSome(fit), ...waiting.slice(fit)];
}
