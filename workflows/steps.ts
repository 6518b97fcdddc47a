// Owns: the steps of the saga in their order, each with its undo (design: "The saga"). This list is
// what the history in the UI reads like. Never walks it (saga.ts).

import { ApplicationFailure, condition } from '@temporalio/workflow';
import { seconds } from './details.js';
import { call } from './proxies.js';
import type { Step, Undo } from './saga.js';
import { planOf, refOf, situationOf, type Saga } from './state.js';

/** Each lost race means that somebody else wrote a distribution: more than these is no accident. */
const replansMax = 3;

const reconcile: Step = {
  phase: 'reconcile',
  title: 'reconcile',
  async run(saga) {
    const { service, request, workflow } = saga;
    const summary = `take the epoch of ${service}, look at what is`;
    const found = await call('reconcile', 'waiting', summary, { service, request, workflow });
    saga.situation = found;
    const now = `epoch ${found.epoch}, revision ${found.base ?? 'none'}, ${found.members} members, ${found.replicas} instances`;
    return [now, ...found.leftovers].join('; ');
  },
};

const plan: Step = {
  phase: 'plan',
  title: 'plan',
  async run(saga) {
    const planned = await makePlan(saga, 1);
    saga.plan = planned;
    if (planned.kind === 'unnecessary' || planned.kind === 'refused') {
      saga.ending = { outcome: planned.kind, text: planned.why };
      return planned.why;
    }
    return `${planned.kind} ${planned.from} → ${planned.to}: ${planned.movedPartitions} partitions (at least ${planned.movedLowerBound}), about ${planned.movedClients} clients, ${planned.waves} waves`;
  },
};

const approval: Step = {
  phase: 'approval',
  title: 'approval',
  when: (saga) => situationOf(saga).approval === 'always' && saga.request.source !== 'operator',
  async run(saga) {
    saga.approval = 'awaited';
    await condition(() => saga.approval !== 'awaited' || saga.ending !== null);
    return saga.ending?.text ?? 'approved';
  },
};

const scaleUp: Step = {
  phase: 'scale-up',
  title: 'scale up, wait Ready',
  when: (saga) => ['grow', 'bootstrap'].includes(planOf(saga).kind),
  async run(saga) {
    const { from, to } = planOf(saga);
    const withinMs = situationOf(saga).bounds.instanceStartMs;
    const summary = `instances ${from} → ${to}, Ready within ${seconds(withinMs)}`;
    const up = await call('scaleUp', 'waiting', summary, {
      saga: refOf(saga),
      replicas: to,
      withinMs,
    });
    return `${up.ready} instances ready after ${seconds(up.tookMs)}`;
  },
  undo(saga) {
    // The first distribution has nobody to go back to: its instances stay.
    if (planOf(saga).kind === 'bootstrap') return undefined;
    return { title: `scale back to ${planOf(saga).from}`, run: scaleBack };
  },
};

async function scaleBack(saga: Saga): Promise<string> {
  const replicas = planOf(saga).from;
  const summary = `back to ${replicas}, only of instances that hold nothing`;
  const back = await call('scaleBack', 'undoWaiting', summary, { saga: refOf(saga), replicas });
  return `${back.removed} instances removed, ${back.replicas} stay`;
}

const prepare: Step = {
  phase: 'prepare',
  title: 'prepare: warm up',
  when: (saga) => planOf(saga).kind !== 'bootstrap' && planOf(saga).gaining > 0,
  run: warmUp,
  undo: () => ({
    title: 'cancel the warm-up',
    async run(saga) {
      await call('cancelPrepare', 'undoQuick', 'warm targets forget', { saga: refOf(saga) });
      return 'warm targets told to forget';
    },
  }),
};

async function warmUp(saga: Saga): Promise<string> {
  const { planId, gaining } = planOf(saga);
  const withinMs = situationOf(saga).bounds.prepareMs;
  const summary = `${gaining} gaining instances read at the tail, within ${seconds(withinMs)}`;
  const warm = await call('prepare', 'waiting', summary, { saga: refOf(saga), planId, withinMs });
  return `${warm.instances} instances warm with ${warm.partitions} partitions after ${seconds(warm.tookMs)}`;
}

const commit: Step = {
  phase: 'commit',
  title: 'commit',
  async run(saga) {
    for (let attempt = 1; attempt <= replansMax; attempt += 1) {
      const { planId, base, revision } = planOf(saga);
      const summary = `revision ${base ?? 'none'} → ${revision} into ConfigDB`;
      const input = { saga: refOf(saga), planId, workflow: saga.workflow, cause: causeOf(saga) };
      const result = await call('commit', 'quick', summary, input);
      if (result.kind === 'committed') {
        saga.committed.push(result.revision);
        return attempt === 1
          ? `revision ${result.revision}`
          : `revision ${result.revision}, planned ${attempt} times`;
      }
      saga.recovered = true;
      const again = await makePlan(saga, attempt + 1);
      if (again.kind === 'unnecessary' || again.kind === 'refused') {
        throw ApplicationFailure.nonRetryable(
          `planned again after a conflict: ${again.why}`,
          'Conflict',
        );
      }
      saga.plan = again;
      if (again.gaining > 0) await warmUp(saga);
    }
    const text = `somebody else wrote a distribution ${replansMax} times in a row`;
    throw ApplicationFailure.nonRetryable(text, 'TooManyConflicts');
  },
  undo: (): Undo => ({ title: 'new revision back to the former instances', run: takeBack }),
};

/** A commit is never deleted: its undo is a higher revision, computed from who holds what now. */
async function takeBack(saga: Saga): Promise<string> {
  const { kind, from } = planOf(saga);
  if (kind === 'bootstrap') return 'there was no distribution before: this one stays';
  const ref = refOf(saga);
  const back = await call('planBack', 'undoQuick', `from actual ownership to ${from} instances`, {
    saga: ref,
    instances: from,
  });
  if (back.kind === 'unnecessary') return back.why;
  const { planId, revision } = back;
  const cause = { kind: 'undo', text: `back to ${from} instances` };
  const committed = await call('commit', 'undoQuick', `revision ${revision} into ConfigDB`, {
    saga: ref,
    planId,
    workflow: saga.workflow,
    cause,
  });
  if (committed.kind === 'conflict') {
    throw ApplicationFailure.nonRetryable(
      `revision ${revision} was written by somebody else`,
      'Conflict',
    );
  }
  saga.committed.push(revision);
  await call('announce', 'undoQuick', `revision ${revision} on the control topic`, {
    saga: ref,
    planId,
  });
  const stallMs = situationOf(saga).bounds.handOverStallMs;
  const summary = `${back.movedPartitions} partitions back to ${from} instances`;
  const over = await call('handOver', 'undoWaiting', summary, { saga: ref, planId, stallMs });
  return `revision ${revision}: ${from} instances hold all ${over.partitions} partitions, ${back.movedPartitions} moved back, after ${seconds(over.tookMs)}`;
}

const notify: Step = {
  phase: 'notify',
  title: 'notify',
  async run(saga) {
    const { planId, revision } = planOf(saga);
    const withinMs = situationOf(saga).bounds.notifyMs;
    const summary = `revision ${revision} on the control topic, applied within ${seconds(withinMs)}`;
    const told = await call('notify', 'waiting', summary, { saga: refOf(saga), planId, withinMs });
    return `${told.instances} instances apply revision ${revision} after ${seconds(told.tookMs)}`;
  },
};

const handOver: Step = {
  phase: 'hand-over',
  title: 'hand over in waves',
  async run(saga) {
    const { planId, movedPartitions, movedClients, waves } = planOf(saga);
    const stallMs = situationOf(saga).bounds.handOverStallMs;
    const summary = `${movedPartitions} partitions, about ${movedClients} clients, ${waves} waves`;
    const over = await call('handOver', 'waiting', summary, { saga: refOf(saga), planId, stallMs });
    const resumed = over.resumes === 0 ? '' : `, resumed ${over.resumes} times`;
    return `all ${over.partitions} partitions held as planned after ${seconds(over.tookMs)}${resumed}`;
  },
};

const verify: Step = {
  phase: 'verify',
  title: 'verify from the log',
  async run(saga) {
    const { planId, from, to } = planOf(saga);
    const summary =
      to < from
        ? 'every partition owned as planned, victims hold nothing'
        : 'every partition owned once, as planned';
    const seen = await call('verify', 'quick', summary, { saga: refOf(saga), planId });
    return `${seen.partitions} partitions on ${seen.instances} instances, each owned once`;
  },
};

const scaleDown: Step = {
  phase: 'scale-down',
  title: 'scale down',
  onward: true,
  // Also what an earlier run left over, now that it holds nothing.
  when: (saga) => Math.max(planOf(saga).from, situationOf(saga).replicas) > planOf(saga).to,
  async run(saga) {
    const { to } = planOf(saga);
    const summary = `down to ${to} instances; each removed one holds nothing by the log`;
    const down = await call('scaleDown', 'onward', summary, { saga: refOf(saga), replicas: to });
    return `${down.removed} instances removed, ${down.replicas} stay`;
  },
};

/** In this order; see each `when` for the flows that leave one out. */
export const steps: readonly Step[] = [
  reconcile,
  plan,
  approval,
  scaleUp,
  prepare,
  commit,
  notify,
  handOver,
  verify,
  scaleDown,
];

function makePlan(saga: Saga, attempt: number) {
  const wish = saga.request.instances === undefined ? 'as many' : `${saga.request.instances}`;
  const summary = `${wish} instances, the least movement`;
  return call('plan', 'quick', summary, { saga: refOf(saga), request: saga.request, attempt });
}

function causeOf(saga: Saga): { kind: string; text: string } {
  return { kind: saga.request.source, text: saga.request.reason };
}
