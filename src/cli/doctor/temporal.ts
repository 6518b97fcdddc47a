// Owns: what doctor asks of Temporal: search attributes, a Schedule that runs, a worker that polls, a
// rebalance that gets on.

import type { Client } from '@temporalio/client';
import { allAttributes } from '../../../workflows/attributes.js';
import {
  mistypedAttributes,
  retypingCommands,
  type MistypedAttribute,
} from '../../search-attributes.js';
import { stuckMendLines, stuckText } from '../status/stuck.js';
import { latestRun, scheduleOf, type RunSeen, type ScheduleSeen } from '../temporal.js';
import { durationText } from '../when.js';
import { deploymentFindings, deploymentIn, type DeploymentSeen } from './deployment.js';
import { fault, ok, warning, type Finding } from './finding.js';

export interface TemporalSeen {
  readonly attributesMissing: readonly string[];
  readonly attributesMistyped: readonly MistypedAttribute[];
  readonly schedule: ScheduleSeen | null;
  readonly taskQueue: string;
  /** When each worker was last heard of. */
  readonly pollersAtMs: readonly number[];
  /** Null without Worker Versioning. */
  readonly deployment: DeploymentSeen | null;
  readonly run: RunSeen | null;
}

/** temporal.api.enums.v1.TaskQueueType */
export const workflowTasks = 1;
/** A poll waits up to a minute, so a worker that lives was heard of since. */
export const pollerFreshMs = 90_000;
/** A Schedule that has not begun an evaluation for so many of its intervals … */
const lateIntervals = 4;
/** … and at least this long: clocks of machines differ, and a worker may have been replaced. */
const lateMinMs = 120_000;

export async function readTemporal(
  client: Client,
  service: string,
  taskQueue: string,
): Promise<TemporalSeen> {
  const { namespace } = client.options;
  const [{ customAttributes }, schedule, queue, run] = await Promise.all([
    client.connection.operatorService.listSearchAttributes({ namespace }),
    scheduleOf(client, service, taskQueue),
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: workflowTasks,
    }),
    latestRun(client, service),
  ]);
  return {
    attributesMissing: allAttributes
      .map(({ name }) => name)
      .filter((name) => !(name in customAttributes)),
    attributesMistyped: mistypedAttributes(customAttributes),
    schedule,
    taskQueue,
    pollersAtMs: (queue.pollers ?? []).map(
      ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000,
    ),
    deployment: deploymentIn(queue, (atMs) => Date.now() - atMs <= pollerFreshMs),
    run,
  };
}

export function checkTemporal(
  seen: TemporalSeen,
  about: { readonly service: string; readonly nowMs: number; readonly everyMs: number | null },
): readonly Finding[] {
  return [
    attributesFinding(seen),
    workerFinding(seen, about.nowMs),
    ...deploymentFindings(seen.deployment),
    scheduleFinding(seen, about),
    runFinding(seen, about),
  ];
}

function attributesFinding({ attributesMissing, attributesMistyped }: TemporalSeen): Finding {
  if (attributesMistyped.length > 0) {
    const which = attributesMistyped.map(
      ({ name, found, wanted }) => `${name} is ${found}, not ${wanted}`,
    );
    return fault(
      'search-attributes',
      `registered with another type: ${which.join(', ')}; a rebalance stands where it sets one`,
      ['a run that stands goes on by itself afterwards:']
        .concat(attributesMistyped.flatMap(retypingCommands))
        .join('\n'),
    );
  }
  if (attributesMissing.length === 0) {
    return ok('search-attributes', `all ${allAttributes.length} are registered`);
  }
  return fault(
    'search-attributes',
    `not registered: ${attributesMissing.join(', ')}; every rebalance would fail to start`,
    'evenkeel apply FILE registers them; or: temporal operator search-attribute create',
  );
}

function workerFinding({ pollersAtMs, taskQueue }: TemporalSeen, nowMs: number): Finding {
  const alive = pollersAtMs.filter((atMs) => nowMs - atMs <= pollerFreshMs).length;
  if (alive > 0) {
    const within = durationText(pollerFreshMs);
    return ok('worker', `${alive} polled task queue ${taskQueue} within the last ${within}`);
  }
  return fault(
    'worker',
    `no worker polls task queue ${taskQueue}`,
    'start one: evenkeel worker; nothing is evaluated or rebalanced meanwhile',
  );
}

function scheduleFinding(
  { schedule }: TemporalSeen,
  {
    service,
    everyMs,
    nowMs,
  }: { readonly service: string; readonly everyMs: number | null; readonly nowMs: number },
): Finding {
  if (schedule === null) {
    return fault('schedule', `${service} has no Schedule`, 'evenkeel apply FILE creates it');
  }
  if (schedule.paused) {
    return warning(
      'schedule',
      `it is ${pauseText(schedule.note)}`,
      `evenkeel resume ${service}, when the reason is gone`,
    );
  }
  if (schedule.drift.length > 0) {
    return fault(
      'schedule',
      `somebody changed it: ${schedule.drift.join('; ')}`,
      'evenkeel apply FILE makes it as it must be',
    );
  }
  if (everyMs !== null && schedule.everyMs !== everyMs) {
    return warning(
      'schedule',
      `it evaluates every ${durationText(schedule.everyMs ?? 0)}, the policy says every ${durationText(everyMs)}`,
      'evenkeel apply FILE brings it up to date',
    );
  }
  const { lastAtMs, missed, skipped } = schedule;
  const every = durationText(schedule.everyMs ?? 0);
  const counts = `since it exists ${missed} missed, ${skipped} skipped`;
  if (lastAtMs === null) return ok('schedule', `it evaluates every ${every}, not yet once`);
  const ago = durationText(Math.max(0, nowMs - lastAtMs));
  if (nowMs - lastAtMs > Math.max(lateMinMs, lateIntervals * (schedule.everyMs ?? 0))) {
    return fault(
      'schedule',
      `it should evaluate every ${every}, but the last evaluation began ${ago} ago; ${counts}`,
      `look at workflow autoscale/${service}: while one hangs none begins; terminate it, start a worker if none polls`,
    );
  }
  return ok('schedule', `it evaluates every ${every}, last ${ago} ago; ${counts}`);
}

/** A pause by this program says so in its note. */
function pauseText(note: string | null): string {
  return note?.startsWith('paused') === true ? note : `paused: ${note ?? 'no note'}`;
}

function runFinding(
  { run }: TemporalSeen,
  { service, nowMs }: { readonly service: string; readonly nowMs: number },
): Finding {
  if (run === null || run.state !== 'RUNNING') {
    return ok(
      'rebalance',
      run === null ? 'none yet' : `none runs; the last run ${run.state.toLowerCase()}`,
    );
  }
  const since = durationText(Math.max(0, nowMs - run.startedAtMs));
  if (run.stuck !== null) {
    return fault(
      'rebalance',
      `${run.workflowId} is ${stuckText(run.stuck, nowMs)}`,
      stuckMendLines(service, run.stuck).join('\n'),
    );
  }
  if (run.status === null) {
    return fault(
      'rebalance',
      `${run.workflowId} has been running for ${since}, and no worker answers for it`,
      'start a worker; if one runs, its log says what it cannot do',
    );
  }
  if (run.status.awaitsApproval) {
    return warning(
      'rebalance',
      `${run.workflowId} has been waiting for approval for ${since}`,
      `evenkeel approve ${service}, or evenkeel reject ${service}`,
    );
  }
  return ok('rebalance', `${run.workflowId} is at ${run.status.phase}, since ${since}`);
}
