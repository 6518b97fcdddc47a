// Owns: the steps of the saga in their order, each with its undo (design: "The saga"). This list is
// what the history in the UI reads like. Never walks it (saga.ts).

import { patched } from '@temporalio/workflow';
import type { Declined } from '../activities/types.js';
import { strangersText } from '../src/core/saga/strangers.js';
import { approval } from './approval.js';
import { committing } from './committing.js';
import { handOver } from './hand-over.js';
import { note } from './notes.js';
import { takeNextEpoch } from './own-epoch.js';
import { endsTheSaga, planForward, planText } from './planning.js';
import { call } from './proxies.js';
import type { Step } from './saga.js';
import {
  goneNames,
  isStrangerTo,
  isUrgent,
  planOf,
  refOf,
  situationOf,
  type Saga,
} from './state.js';
import { endsMaxOf, restartRolled, template } from './roll-steps.js';
import { cancelWarmUp, scaleBack, takeBack } from './undos.js';
import { counted, doing, seconds } from './words.js';

const reconcile: Step = {
  phase: 'reconcile',
  title: 'reconcile',
  async run(saga) {
    const { service, request, workflow } = saga;
    const summary = `take the epoch of ${service}, look at what is`;
    // Nobody serves what was lost: that is tried for longer.
    const way = isUrgent(saga) ? 'undoWaiting' : 'waiting';
    const input = { service, request, workflow, mayDecline: true } as const;
    const found = await call('reconcile', way, summary, input);
    if ('declined' in found) return decline(saga, found);
    saga.situation = found;
    leaveOutStrangers(saga);
    const now = `epoch ${found.epoch}, revision ${found.base ?? 'none'}, ${found.members} own partitions, ${found.replicas} run`;
    const { refused } = found;
    if (refused === undefined) return [now, ...found.leftovers].join('; ');
    // What was lost is still given to others: nobody serves it.
    if (isUrgent(saga)) note(saga.notes, refused);
    else saga.ending = { outcome: 'refused', text: refused };
    return [now, ...found.leftovers, refused].join('; ');
  },
};

/** Before the epoch is taken nobody can be fenced: whoever else is gone waits for a saga of its own. */
function decline(saga: Saga, { declined }: Declined): string {
  saga.newlyGone.length = 0;
  saga.ending = { outcome: 'refused', text: declined };
  return declined;
}

/** Told before anybody knew who there is. */
function leaveOutStrangers(saga: Saga): void {
  const strangers = saga.newlyGone.filter((one) => isStrangerTo(saga, one));
  if (strangers.length === 0) return;
  const names = strangers.map(({ instance }) => instance);
  saga.newlyGone.splice(0, Infinity, ...saga.newlyGone.filter((one) => !strangers.includes(one)));
  note(saga.notes, strangersText(saga.service, names, situationOf(saga).known ?? 0));
}

const plan: Step = {
  phase: 'plan',
  title: 'plan',
  async run(saga) {
    const planned = await planForward(saga, true);
    if (planned.down !== undefined) {
      // As if the watcher had said so: others take over first, then the plan is made.
      saga.plan = null;
      saga.newlyGone.push(...planned.down);
      return `${planned.why}: first others take over`;
    }
    saga.plan = planned;
    if (endsTheSaga(planned)) {
      saga.ending ??= endingOfPlan(saga);
      return planned.why;
    }
    return planText(planned, seconds);
  },
};

/** Nothing more to be done: for a saga that went on without somebody that is what it ends with. */
function endingOfPlan(saga: Saga): Saga['ending'] {
  const { kind, why } = planOf(saga);
  if (saga.committed.length > 0) return { outcome: 'recovered', text: `recovered; ${why}` };
  return { outcome: kind === 'refused' ? 'refused' : 'unnecessary', text: why };
}

const scaleUp: Step = {
  phase: 'scale-up',
  title: 'scale up, wait Ready',
  when(saga) {
    const { kind, replicas, running } = planOf(saga);
    return replicas > running || ['bootstrap', 'grow', 'replace'].includes(kind);
  },
  async run(saga) {
    const { running, replicas, spares } = planOf(saga);
    const withinMs = situationOf(saga).bounds.instanceStartMs;
    const summary = `instances ${running} → ${replicas}, Ready within ${seconds(withinMs)}`;
    const without = goneNames(saga);
    const waits = { withinMs, without, ...(spares === undefined ? {} : { spares }) };
    const input = { saga: refOf(saga), replicas, ...waits, ...endsMaxOf(saga) };
    const up = await call('scaleUp', 'waiting', summary, input);
    return `${counted(up.ready, 'instance')} ready`;
  },
  // The first distribution has nobody to go back to: its instances stay.
  undo: (saga) => (planOf(saga).kind === 'bootstrap' ? undefined : scaleBack(saga)),
};

export const prepare: Step = {
  phase: 'prepare',
  title: 'prepare: warm up',
  when: (saga) => planOf(saga).kind !== 'bootstrap' && planOf(saga).gaining > 0,
  run: warmUp,
  undo: () => cancelWarmUp,
};

async function warmUp(saga: Saga): Promise<string> {
  const { planId, gaining } = planOf(saga);
  const withinMs = situationOf(saga).bounds.prepareMs;
  const summary = `${counted(gaining, 'instance')} to warm up at the tail, within ${seconds(withinMs)}`;
  const warm = await call('prepare', 'waiting', summary, { saga: refOf(saga), planId, withinMs });
  return `${counted(warm.instances, 'instance')} warm with ${counted(warm.partitions, 'partition')}`;
}

/** A step of a roll that only starts, restarts or removes instances is no new revision. */
const moves = (saga: Saga): boolean => planOf(saga).kind !== 'roll' || planOf(saga).gaining > 0;

const commit: Step = {
  phase: 'commit',
  title: 'commit',
  when: moves,
  run: (saga) => committing(saga, (again) => planForward(again), warmUp),
  // The first distribution has nothing before it.
  undo: (saga) => (planOf(saga).kind === 'bootstrap' ? undefined : takeBack),
};

export const notify: Step = {
  phase: 'notify',
  title: 'notify',
  when: moves,
  async run(saga) {
    const { planId, revision } = planOf(saga);
    const withinMs = situationOf(saga).bounds.notifyMs;
    const summary = `revision ${revision} on the control topic, applied within ${seconds(withinMs)}`;
    const input = { saga: refOf(saga), planId, withinMs, without: goneNames(saga) };
    const told = await call('notify', 'waiting', summary, input);
    const { instances, stragglers } = told;
    // Whoever does not obey may still speak: fenced, and the others go on without it.
    saga.newlyGone.push(...stragglers);
    const late = stragglers.map(({ instance }) => instance);
    const but = late.length === 0 ? '' : `; ${late.join(', ')} did not`;
    return `${doing(instances, 'instance', 'apply', 'applies')} revision ${revision}${but}`;
  },
};

const handOverStep: Step = {
  phase: 'hand-over',
  title: 'hand over in waves',
  when: moves,
  run: handOver,
};

export const verify: Step = {
  phase: 'verify',
  title: 'verify from the log',
  async run(saga) {
    const { planId, from, to } = planOf(saga);
    const summary =
      to < from
        ? 'every partition owned as planned, who leaves holds nothing'
        : 'every partition owned once, as planned';
    const seen = await call('verify', 'quick', summary, { saga: refOf(saga), planId });
    return `${counted(seen.partitions, 'partition')} on ${counted(seen.instances, 'instance')}, each owned once`;
  },
};

/** In the histories of sagas that scaled up and down. */
const scaleDownPatch = 'scale-down-after-scale-up-takes-an-epoch';

const scaleDown: Step = {
  phase: 'scale-down',
  title: 'scale down',
  onward: true,
  // Also what an earlier run left over, now that it holds nothing.
  when: (saga) => planOf(saga).running > planOf(saga).replicas,
  async run(saga) {
    const { replicas } = planOf(saga);
    // An earlier try of scaling up may still be alive, and would do that again.
    const grew = saga.steps.some(({ phase }) => phase === 'scale-up');
    if (grew && patched(scaleDownPatch)) await takeNextEpoch(saga);
    const summary = `past the point of no return: down to ${replicas} instances; each removed one holds nothing by the log`;
    const down = await call('scaleDown', 'onward', summary, { saga: refOf(saga), replicas });
    return `${counted(down.removed, 'instance')} removed, ${down.replicas} stay`;
  },
};

/** In this order; see each `when` for the flows that leave one out. */
export const steps: readonly Step[] = [
  reconcile,
  plan,
  approval,
  template,
  scaleUp,
  prepare,
  commit,
  notify,
  handOverStep,
  verify,
  restartRolled,
  scaleDown,
];

/** Of a request that is about instances that are gone: what follows is the recovery (recovery.ts). */
export const urgentSteps: readonly Step[] = [reconcile];
