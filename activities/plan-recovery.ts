// Owns: the plan that goes on without instances that are gone: what they held is dealt to the others,
// nothing else moves but for balance. Decides also that nothing is to be done, when such an instance
// is back as a newer incarnation and serves. Never fences (fence.ts does, before).

import { planDistribution } from '../src/core/placement/plan.js';
import { instanceName, type OwnedRange } from '../src/core/records.js';
import { recoveryOf } from '../src/core/saga/aim.js';
import type { Connections } from './connections.js';
import { nothing, savePlan } from './plan-document.js';
import { namesText } from './names.js';
import { poll } from './polling.js';
import { ownersIn, planInputOf, takeSnapshot, type Snapshot } from './snapshot.js';
import { heldAsPlanned, heldBy, sameRanges, toOwnedRanges } from './situation.js';
import type { GoneInstance, PlanSummary, SagaRef } from './types.js';

/** An instance that is back takes its partitions again within this, or others get them. */
const backWithinMs = 1_500;

export interface RecoveryQuestion {
  readonly saga: SagaRef;
  readonly gone: readonly GoneInstance[];
  readonly attempt: number;
}

export async function planRecovery(
  connections: Connections,
  { saga, gone, attempt }: RecoveryQuestion,
): Promise<PlanSummary> {
  await waitForReturn(connections, saga, gone);
  const snapshot = await takeSnapshot(connections, saga);
  const { latest, view, platform } = snapshot;
  const owners = ownersIn(snapshot);
  if (owners === null || latest === null) {
    return nothing('unnecessary', 'there is no distribution yet', snapshot);
  }
  const named = gone.filter((one) => !isBack(snapshot, one)).map(({ instance }) => instance);
  const names = named.length === 0 ? [] : [...new Set([...named, ...absentOwners(snapshot)])];
  if (names.length === 0) {
    const back = gone.map(({ instance }) => instance).join(' and ');
    const why = `${back} is back as a newer incarnation and holds its partitions`;
    return nothing('unnecessary', why, snapshot);
  }
  const wanted = new Set(owners.map((ordinal) => instanceName(saga.service, ordinal)));
  const settled = heldAsPlanned(view, saga.service, latest.ranges).firstWrong === null;
  if (settled && !names.some((name) => wanted.has(name))) {
    return nothing('unnecessary', `${names.join(' and ')} holds nothing and shall not`, snapshot);
  }
  const { replicas } = platform;
  const answer = recoveryOf({ service: saga.service, gone: names, owners, replicas });
  if (answer.kind === 'refused') return nothing('refused', answer.why, snapshot);
  const input = planInputOf(snapshot, answer.owners, names);
  const { waves, ...certificate } = planDistribution(input);
  const ranges = toOwnedRanges(saga.service, input.partitions, certificate.instances);
  if (settled && sameRanges(ranges, latest.ranges)) {
    return nothing('unnecessary', `${names.join(' and ')} holds nothing`, snapshot);
  }
  return savePlan(connections, snapshot, {
    name: `recover-${attempt}`,
    purpose: 'recover',
    kind: 'recover',
    ranges,
    from: owners.length,
    to: answer.owners.length,
    replicas,
    gone: names,
    waves: waves.length,
    input,
    certificate,
  });
}

/** Owners that are not there and hold nothing: an earlier recovery ended before others took over. */
function absentOwners(snapshot: Snapshot): readonly string[] {
  const { saga, view, platform } = snapshot;
  const names = (ownersIn(snapshot) ?? []).map((ordinal) => instanceName(saga.service, ordinal));
  const there = new Set(
    platform.instances.filter(({ phase }) => phase === 'ready').map(({ name }) => name),
  );
  return names.filter((name) => !there.has(name) && heldBy(view, name) === 0);
}

/** Waits, briefly, for instances whose newer incarnation is ready: nobody moves when those take over. */
async function waitForReturn(
  connections: Connections,
  saga: SagaRef,
  gone: readonly GoneInstance[],
): Promise<void> {
  const { clock } = connections;
  await poll(
    clock,
    backWithinMs,
    async () => {
      const snapshot = await takeSnapshot(connections, saga);
      const coming = gone.filter((one) => isReadyAgain(snapshot, one) && !isBack(snapshot, one));
      return coming.length === 0 ? true : undefined;
    },
    () => ({ waitingFor: namesText(gone.map(({ instance }) => instance)) }),
  );
}

/** A newer incarnation runs, by the platform's word and its own. */
function isReadyAgain(
  { reports, platform, view }: Snapshot,
  { instance, incarnation, why }: GoneInstance,
): boolean {
  if (why !== 'lost') return false;
  const ready = platform.instances.some(
    ({ name, phase }) => name === instance && phase === 'ready',
  );
  const report = reports.find((one) => one.instance === instance);
  if (!ready || report === undefined) return false;
  return report.incarnation !== incarnation && !view.isFenced(report.incarnation);
}

/** It holds all that it shall by the latest distribution, in a newer incarnation. */
function isBack(snapshot: Snapshot, gone: GoneInstance): boolean {
  if (!isReadyAgain(snapshot, gone)) return false;
  const { latest, view, saga } = snapshot;
  const own = (latest?.ranges ?? []).filter(
    ([, , ordinal]) => instanceName(saga.service, ordinal) === gone.instance,
  );
  return own.every((range) => holdsAll(view, gone.instance, range));
}

function holdsAll(view: Snapshot['view'], instance: string, [from, to]: OwnedRange): boolean {
  return view
    .ranges()
    .every(([first, last, holder]) => last < from || first > to || holder === instance);
}
