// Owns: what takes back each step of the saga. Each is a no-op when its step never did anything, and
// none removes an instance that holds a partition. Never decides when.

import { ApplicationFailure } from '@temporalio/workflow';
import { untilHeld } from './hand-over.js';
import { planBack } from './planning.js';
import { call } from './proxies.js';
import { interruptible, type Undo } from './saga.js';
import { goneText, refOf, seeTo, situationOf, type Saga } from './state.js';
import { counted, doing } from './words.js';

/** Ways back that one undo tries: each further one is for an instance lost, or a race, on the way. */
const waysBackMax = 5;

export function scaleBack(saga: Saga): Undo {
  const { replicas } = situationOf(saga);
  return {
    title: `scale back to ${replicas}`,
    async run() {
      const summary = `back to ${replicas}, only of instances that hold nothing`;
      const back = await call('scaleBack', 'undoWaiting', summary, { saga: refOf(saga), replicas });
      return `${counted(back.removed, 'instance')} removed, ${back.replicas} stay`;
    },
  };
}

export const cancelWarmUp: Undo = {
  title: 'cancel the warm-up',
  async run(saga) {
    await call('cancelPrepare', 'undoQuick', 'warm targets forget', { saga: refOf(saga) });
    return 'warm targets told to forget';
  },
};

/** A commit is never deleted: its undo is a higher revision, computed from who holds what now. */
export const takeBack: Undo = {
  title: 'new revision back to the former instances',
  async run(saga, journal) {
    // No wave may start while the way back is planned.
    await hold(saga, 'hold');
    for (let way = 1; way <= waysBackMax; way += 1) {
      await fenceGone(saga);
      const back = await planBack(saga);
      if (back.kind === 'unnecessary') {
        await hold(saga, 'resume');
        return back.why;
      }
      const { planId, revision, to, movedPartitions } = back;
      saga.undoes ??= saga.plan;
      saga.plan = back;
      const ref = refOf(saga);
      const committed = await call('commit', 'undoQuick', `revision ${revision} into ConfigDB`, {
        saga: ref,
        planId,
        workflow: saga.workflow,
        cause: { kind: 'undo', text: `back to ${to} instances` },
      });
      if (committed.kind === 'conflict') continue;
      saga.committed.push(revision);
      const summary = `revision ${revision} on the control topic`;
      await call('announce', 'undoQuick', summary, { saga: ref, planId });
      const { interrupted } = await interruptible(saga, async () => {
        await untilHeld(saga, journal, 'undoWaiting');
      });
      if (interrupted) continue;
      saga.unserved = false;
      return `revision ${revision}: ${doing(to, 'instance', 'hold')} everything, ${counted(movedPartitions, 'partition')} moved back`;
    }
    const text = `the way back was lost ${waysBackMax} times`;
    throw ApplicationFailure.nonRetryable(text, 'TooManyConflicts');
  },
};

function hold(saga: Saga, type: 'hold' | 'resume'): Promise<void> {
  const summary = type === 'hold' ? 'donors start no further wave' : 'donors go on';
  return call('holdWaves', 'undoQuick', summary, { saga: refOf(saga), type });
}

/** Also those that were seen to before: a recovery may have failed before it had fenced them. */
async function fenceGone(saga: Saga): Promise<void> {
  seeTo(saga);
  const { gone } = saga;
  if (!gone.some(({ why }) => why !== 'leaving')) return;
  await call('fence', 'undoWaiting', goneText(gone), { saga: refOf(saga), gone });
}
