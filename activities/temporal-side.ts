// Owns: what activities say to Temporal itself, through the client of the activity that runs. Never decides.

import {
  ScheduleNotFoundError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure, activityInfo, getClient } from '@temporalio/activity';
import { shorten } from '../src/core/bytes.js';
import type { RebalanceRequest, StepOutcome, WorkflowRef } from './types.js';

/** The server takes 200 bytes. */
const summaryMaxBytes = 200;

export const rebalanceId = (service: string): string => `rebalance/${service}`;
export const rollId = (service: string): string => `roll/${service}`;
export const scheduleId = (service: string): string => `evenkeel/${service}`;

/** What the latest run of the rebalance workflow knows of a request. */
export type RequestSeen =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'under-way'; readonly phase: string }
  | { readonly kind: 'ended'; readonly outcome: StepOutcome };

/** What activities say to Temporal itself. */
export interface TemporalSide {
  rebalanceRuns(service: string): Promise<boolean>;
  rollRuns(service: string): Promise<boolean>;
  requestSeen(service: string, requestId: string): Promise<RequestSeen>;
  /** Whether this very run is open: a terminated one's activity may still be alive. */
  isOpen(run: WorkflowRef): Promise<boolean>;
  requestRebalance(service: string, request: RebalanceRequest): Promise<void>;
  pauseSchedule(service: string, note: string): Promise<void>;
}

/** Through the client of the activity that runs: the worker's own connection and namespace. */
export const temporalOfContext: TemporalSide = {
  rebalanceRuns: (service) => isRunning(rebalanceId(service)),
  rollRuns: (service) => isRunning(rollId(service)),
  requestSeen: async (service, requestId) => {
    const handle = getClient().workflow.getHandle(rebalanceId(service));
    let status: string;
    try {
      status = (await handle.describe()).status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'unknown' };
      throw error;
    }
    if (status === 'RUNNING') {
      const said = await handle.query<RunStatus>('status');
      const ended = said.outcomes.find((one) => one.requestId === requestId);
      if (ended !== undefined) return { kind: 'ended', outcome: ended };
      const { request, queued, phase } = said;
      const isKnown = request?.requestId === requestId || queued.includes(requestId);
      return isKnown ? { kind: 'under-way', phase } : { kind: 'unknown' };
    }
    const ended = outcomesIn(await handle.result().catch((error: unknown) => error));
    const outcome = ended.find((one) => one.requestId === requestId);
    return outcome === undefined ? { kind: 'unknown' } : { kind: 'ended', outcome };
  },
  isOpen: async ({ id, runId }) => {
    const run = await getClient().workflow.getHandle(id, runId).describe();
    return run.status.name === 'RUNNING';
  },
  requestRebalance: async (service, request) => {
    await getClient().workflow.signalWithStart('rebalance', {
      workflowId: rebalanceId(service),
      taskQueue: activityInfo().taskQueue,
      args: [{ service }],
      signal: 'requestRebalance',
      signalArgs: [request],
      staticSummary: shorten(request.reason, summaryMaxBytes),
    });
  },
  pauseSchedule: async (service, note) => {
    try {
      await getClient().schedule.getHandle(scheduleId(service)).pause(note);
    } catch (error) {
      // Who has no Schedule needs no pause.
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  },
};

interface RunStatus {
  readonly outcomes: readonly (StepOutcome & { readonly requestId: string })[];
  readonly request: RebalanceRequest | null;
  readonly queued: readonly string[];
  readonly phase: string;
}

/** Of a run that closed: in its result, or with its failure. */
function outcomesIn(result: unknown): RunStatus['outcomes'] {
  const failed = result instanceof WorkflowFailedError ? result.cause : undefined;
  const details = failed instanceof ApplicationFailure ? failed.details?.[0] : undefined;
  const told = (details ?? result) as Partial<RunStatus> | null;
  return told?.outcomes ?? [];
}

async function isRunning(workflowId: string): Promise<boolean> {
  try {
    const run = await getClient().workflow.getHandle(workflowId).describe();
    return run.status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
