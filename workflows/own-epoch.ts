// Owns: taking a further epoch for a saga that runs (activities/next-epoch.ts): from then on nothing that
// bears the one before is obeyed. Never begins a saga anew (run-saga.ts).

import { TemporalFailure, patched } from '@temporalio/workflow';
import { otherRunType } from '../src/core/saga/own-epoch.js';
import { causeType } from './causes.js';
import { call } from './proxies.js';
import { refOf, situationOf, type Saga } from './state.js';

/** In the histories of runs that were reset into an undo. */
const resetPatch = 'an-undo-goes-on-after-a-reset';
/** In this saga a newer one is seen: nothing more is done. */
const supersededType = 'SupersededError';

export async function takeNextEpoch(saga: Saga): Promise<string> {
  const { workflow } = saga;
  const summary = 'a new epoch: what was begun under the one before is refused from now on';
  const taken = await call('nextEpoch', 'undoQuick', summary, { saga: refOf(saga), workflow });
  const { epoch, run } = taken;
  // As it stands in the history: after a reset this run is another one than that which took it.
  saga.situation = { ...situationOf(saga), epoch, run };
  return `epoch ${epoch}: earlier tries of what was begun are refused`;
}

/** Where the run was reset since its epoch was taken it takes one of its own, and does that again. */
export async function underOwnEpoch<T>(saga: Saga, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const isReset = error instanceof TemporalFailure && causeType(error) === otherRunType;
    if (!isReset || !patched(resetPatch)) throw error;
    await takeNextEpoch(saga);
    return run();
  }
}

export function isSuperseded(error: TemporalFailure): boolean {
  return causeType(error) === supersededType;
}
