// Owns: following what the control plane does, from where anybody could: decisions in ConfigDB, the
// run of the rebalance workflow, its status query. Never changes anything.

import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { StepRecord } from '../../activities/types.js';
import type { Decision } from '../core/scaling/decide.js';
import type { ConfigDb } from '../ports.js';
import type { RebalanceStatus, RequestOutcome } from '../../workflows/messages.js';

const decisionPollMs = 200;
const runPollMs = 400;
const decisionsLookedAt = 20;
/** The Schedule looks every two seconds and cools down a few more. */
const actWithinMs = 90_000;
const runWithinMs = 180_000;
/** A run that has failed is asked so often what came of it: a busy worker does not answer at once. */
const failedAskedMax = 20;

/** What the Schedule decided, with its reasons as sentences. */
export interface SeenDecision {
  readonly kind: 'act' | 'skip';
  readonly atMs: number;
  readonly reasons: readonly string[];
  readonly desired: number | null;
  readonly instances: number;
}

export interface ClosedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Status of the run: COMPLETED, FAILED … */
  readonly status: string;
  readonly outcome: RequestOutcome | undefined;
  /** From start to close of the run. */
  readonly durationMs: number;
}

/**
 * Waits for the first decision to act after `sinceMs` (wall clock) and tells each new reason for not
 * acting on the way. Throws when there is none within a bound.
 */
export async function nextAct(
  configDb: ConfigDb,
  service: string,
  sinceMs: number,
  onSkip: (decision: SeenDecision) => void,
  signal?: AbortSignal,
): Promise<SeenDecision> {
  let seenUntilMs = sinceMs;
  const untilMs = performance.now() + actWithinMs;
  let last: SeenDecision | undefined;
  while (performance.now() < untilMs) {
    const found = await configDb.decisions(service, seenUntilMs, decisionsLookedAt);
    for (const doc of [...found].sort((a, b) => a.atMs - b.atMs)) {
      if (doc.atMs <= seenUntilMs) continue;
      seenUntilMs = doc.atMs;
      const { decision, text, snapshot } = doc.body as {
        decision: Decision;
        text: readonly string[];
        snapshot: { members: readonly string[] | null };
      };
      last = {
        kind: doc.kind,
        atMs: doc.atMs,
        reasons: text,
        desired: decision.desired ?? null,
        instances: snapshot.members?.length ?? 0,
      };
      if (last.kind === 'act') return last;
      onSkip(last);
    }
    await sleep(decisionPollMs, undefined, { signal });
  }
  const why = last === undefined ? 'it decided nothing' : last.reasons.join('; ');
  throw new Error(`the Schedule of ${service} did not act within ${actWithinMs / 1000} s: ${why}`);
}

/**
 * Follows a run of `rebalance/<service>` to its end: the one of that id, or the one that started after
 * that time (wall clock, ms). A request may join a run that was under way when it was made: whoever
 * asked follows the run that took the request, by its id. Throws when it did not end within a bound.
 */
export async function followRun(
  temporal: Client,
  service: string,
  which: string | number,
  onStep: (step: StepRecord) => void,
  signal?: AbortSignal,
): Promise<ClosedRun> {
  const workflowId = `rebalance/${service}`;
  const untilMs = performance.now() + runWithinMs;
  let told = 0;
  let asked = 0;
  while (performance.now() < untilMs) {
    const run = await describe(temporal, workflowId, which);
    if (run !== undefined) {
      const status = await statusOf(temporal, workflowId, run.runId);
      const steps = status?.steps ?? [];
      while (told < steps.length && steps[told]?.state !== 'running') {
        onStep(steps[told] as StepRecord);
        told += 1;
      }
      if (run.closedAtMs !== undefined) asked += 1;
      const isUnknown =
        status === undefined && (run.status === 'COMPLETED' || asked < failedAskedMax);
      if (run.closedAtMs !== undefined && !isUnknown) {
        return {
          workflowId,
          runId: run.runId,
          status: run.status,
          outcome: status?.outcomes.at(-1),
          durationMs: run.closedAtMs - run.startedAtMs,
        };
      }
    }
    await sleep(runPollMs, undefined, { signal });
  }
  throw new Error(`${workflowId} did not end within ${runWithinMs / 1000} s`);
}

async function describe(temporal: Client, workflowId: string, which: string | number) {
  const [runId, sinceMs] = typeof which === 'string' ? [which, 0] : [undefined, which];
  try {
    const run = await temporal.workflow.getHandle(workflowId, runId).describe();
    const startedAtMs = run.startTime.getTime();
    if (startedAtMs < sinceMs) return undefined;
    return {
      runId: run.runId,
      startedAtMs,
      status: run.status.name,
      closedAtMs: run.closeTime?.getTime(),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Undefined when nobody answers just now: no worker, or it is busy with the first task. */
async function statusOf(
  temporal: Client,
  workflowId: string,
  runId: string,
): Promise<RebalanceStatus | undefined> {
  try {
    return await temporal.workflow.getHandle(workflowId, runId).query<RebalanceStatus>('status');
  } catch {
    return undefined;
  }
}
