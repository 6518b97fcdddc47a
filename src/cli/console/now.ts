// Owns: from what `evenkeel status` knows of a service to what the console shows of it now: the partition
// space, who moves where, the run with its steps, what keeps it. Pure.

import { toProtocolJson } from '../../core/distribution.js';
import type { Range } from '../../core/ranges.js';
import { countOf } from '../../core/ranges.js';
import { ordinalOf, type OwnedRange } from '../../core/records.js';
import type { Policy } from '../../core/scaling/policy.js';
import type { InstancePicture, Now, RunPicture } from '../../console/picture.js';
import { movesOf, rangesText, segmentsOf } from '../../console/segments.js';
import type { InstanceReport } from '../../ports.js';
import { lastRebalanceText } from '../last-rebalance.js';
import { awayText } from '../status/away.js';
import { headlineOf, noWorkerText, progressOf } from '../status/live-view.js';
import { waitingText } from '../status/outage.js';
import type { ServiceStatus } from '../status/service-status.js';
import { stuckMendLines, stuckText } from '../status/stuck.js';
import { durationText } from '../when.js';
import { askedText } from './asked.js';
import { gapsAt, gapsPicture, othersPicture } from './gaps.js';
import type { Links } from './links.js';

/** The user's objective: nine hundred and ninety of a thousand below this, and nobody above that. */
const objective = { p99Ms: 1_000, maxMs: 5_000 };
/** A partition that takes so long to arrive is worth a sentence. */
const quietSaidMs = 3_000;

export interface Known {
  readonly status: ServiceStatus;
  readonly reports: readonly InstanceReport[];
  readonly policy: Policy | null;
  /** Of the plan that is carried out, while it is not in force yet. */
  readonly planned: readonly OwnedRange[] | null;
  readonly links: Links;
  readonly nowMs: number;
}

export function nowOf(known: Known): Now {
  const { status, reports, policy, planned, links } = known;
  const { service, partitions, owned, schedule, platform } = status;
  const targets = planned === null ? status.planned : toProtocolJson({ service, ranges: planned });
  const hasTargets = Object.keys(targets).length > 0;
  // Without a plan, and where the log does not answer, nothing is drawn as moving.
  const isHeldKnown = status.settled !== null;
  const from = isHeldKnown ? owned : targets;
  const to = hasTargets ? targets : owned;
  const perPartition = new Map<number, number>();
  for (const { load } of reports)
    for (const [partition, clients] of load)
      perPartition.set(partition, (perPartition.get(partition) ?? 0) + clients);
  return {
    service,
    partitions,
    revision: status.revision,
    settled: status.settled,
    mode: status.mode,
    clients: status.clients,
    away: status.away.map((one) => awayText(one).replace(/^! /, '')),
    isRunKnown: status.away.every(({ what }) => what !== 'Temporal'),
    isStoredKnown: status.away.every(({ what }) => what !== 'ConfigDB'),
    segments: segmentsOf(partitions, from, to),
    moves: movesOf(partitions, from, to, perPartition),
    instances: instancesOf({ status, reports, owned: from, targets, platform }),
    thresholds: policy?.clientsPerInstance ?? null,
    schedule:
      schedule === null
        ? null
        : {
            paused: schedule.paused,
            note: schedule.note,
            everyMs: schedule.everyMs,
            nextAtMs: schedule.paused ? null : schedule.nextAtMs,
            link: links.schedule(service),
          },
    run: runOf(known),
    gaps: gapsPicture(reports),
    others: othersPicture(reports),
    objective,
  };
}

type Owned = Readonly<Record<string, readonly Range[]>>;

function instancesOf(known: {
  readonly status: ServiceStatus;
  readonly reports: readonly InstanceReport[];
  readonly owned: Owned;
  readonly targets: Owned;
  readonly platform: ServiceStatus['platform'];
}): readonly InstancePicture[] {
  const { status, reports, owned, targets, platform } = known;
  const revision = gapsPicture(reports)?.revision ?? null;
  const names = new Set([
    ...(platform?.instances.map(({ name }) => name) ?? []),
    ...status.instances.map(({ instance }) => instance),
    ...Object.keys(owned),
    ...Object.keys(targets),
  ]);
  names.delete('nobody');
  return [...names]
    .map((name): InstancePicture => {
      const report = reports.find(({ instance }) => instance === name);
      const seen = status.instances.find(({ instance }) => instance === name);
      const ranges = owned[name] ?? [];
      return {
        name,
        ordinal: ordinalOf(name) ?? 0,
        phase: platform?.instances.find((one) => one.name === name)?.phase ?? null,
        clients: seen?.clients ?? null,
        partitions: countOf(ranges),
        ranges: rangesText(ranges),
        revision: seen?.revision ?? null,
        ...gapsAt(report, revision),
      };
    })
    .sort((a, b) => a.ordinal - b.ordinal);
}

function runOf({ status: { service, rebalance: run }, links, nowMs }: Known): RunPicture | null {
  if (run === null) return null;
  const { status, state, runId, startedAtMs, last } = run;
  const running = state === 'RUNNING';
  const over = status?.outcomes.some(({ requestId }) => requestId === status.request?.requestId);
  const plan = status?.plan ?? null;
  return {
    runId,
    running,
    startedAtMs,
    headline: running ? headlineOf(status) : lastRebalanceText(run, last),
    asked: status?.request == null ? '' : askedText(status.request),
    phase: status?.phase ?? null,
    onward: status?.onward === true,
    undoing: status?.undoing === true || status?.phase === 'undo',
    plan:
      plan === null || plan.planId === ''
        ? null
        : {
            id: plan.planId,
            from: plan.from,
            to: plan.to,
            movedPartitions: plan.movedPartitions,
            movedClients: plan.movedClients,
            waves: plan.waves,
            estimateMs: plan.estimateMs,
          },
    progress: progressOf(run, nowMs),
    steps: (status?.steps ?? []).map(({ title, state, note, startedAtMs, tookMs }) => ({
      ...{ title, state, note, startedAtMs, tookMs },
    })),
    ahead: running && over !== true && status?.phase !== 'undo' ? (status?.ahead ?? []) : [],
    troubles: running ? troublesOf(service, run, nowMs) : [],
    notes: status?.notes ?? [],
    queued: status?.queued.length ?? 0,
    approvalUntilMs: running && status?.awaitsApproval === true ? status.approvalUntilMs : null,
    link: links.run(service, runId),
  };
}

/** What keeps it from going on, as `status` says it. */
function troublesOf(
  service: string,
  run: NonNullable<ServiceStatus['rebalance']>,
  nowMs: number,
): readonly string[] {
  if (run.stuck !== null)
    return [stuckText(run.stuck, nowMs), ...stuckMendLines(service, run.stuck)];
  if (run.status === null) return [noWorkerText];
  const troubles: string[] = [];
  if (run.status.outage != null) troubles.push(waitingText(run.status, run.status.outage));
  const progress = progressOf(run, nowMs);
  if (progress !== null && progress.quietMs >= quietSaidMs) {
    const whom = progress.waitsFor === null ? '' : `: ${progress.waitsFor}`;
    troubles.push(`nothing arrived for ${durationText(progress.quietMs)}${whom}`);
  }
  for (const { activity, attempt, attemptsMax, lastFailure } of run.pending) {
    if (attempt < 2) continue;
    const of = attemptsMax === 0 ? '' : ` of ${attemptsMax}`;
    troubles.push(`${activity}, try ${attempt}${of}: ${lastFailure ?? 'no answer'}`);
  }
  for (const { instance, why } of run.status.gone) troubles.push(`${instance} is gone (${why})`);
  return troubles;
}
