// Owns: a span for each try of each activity of a saga, and the one that they hang under, when the
// outcome is recorded. Never changes what an activity does.

import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import type { FinishedSpan } from '../src/trace-port.js';
import type { ActivityPorts } from './connections.js';

interface OfSaga {
  readonly saga?: { readonly service: string; readonly rebalance: string; readonly epoch: number };
}
interface Recorded extends OfSaga {
  readonly outcome?: string;
  readonly revision?: number | null;
  readonly request?: { readonly requestId?: string; readonly source?: string };
  readonly steps?: readonly { readonly startedAtMs: number }[];
}

/** Wraps each activity; those without a saga in their input are no part of a trace. */
export function traced<T extends Record<string, (input: never) => Promise<unknown>>>(
  { trace, clock }: Pick<ActivityPorts, 'trace' | 'clock'>,
  activities: T,
): T {
  if (trace === undefined) return activities;
  const wrapped = Object.entries(activities).map(([name, activity]) => {
    const act: (...all: unknown[]) => Promise<unknown> = activity as never;
    const seen = async (input: never, ...patience: unknown[]): Promise<unknown> => {
      const startedAtMs = clock.wallMs();
      const span = (saga: OfSaga['saga'], more: Pick<FinishedSpan, 'error'> = {}): void => {
        if (saga === undefined) return;
        trace({
          name: `saga.${name}`,
          rebalance: saga.rebalance,
          ...{ startedAtMs, endedAtMs: clock.wallMs() },
          attributes: attributesOf(saga),
          ...more,
        });
      };
      const { saga } = input as OfSaga;
      try {
        const answer = await act(input, ...patience);
        span(saga ?? begunBy(answer));
        if (name === 'record') trace(rootOf(input, clock.wallMs()));
        return answer;
      } catch (error) {
        span(saga, { error: nameOf(error) });
        throw error;
      }
    };
    return [name, seen] as const;
  });
  return Object.fromEntries(wrapped) as T;
}

/** The step that takes the epoch answers with the saga. */
function begunBy(answer: unknown): OfSaga['saga'] {
  const { service, rebalance, epoch } = (answer ?? {}) as Partial<Required<OfSaga>['saga']>;
  if (service === undefined || rebalance === undefined || epoch === undefined) return undefined;
  return { service, rebalance, epoch };
}

function rootOf({ saga, outcome, revision, request, steps }: Recorded, endedAtMs: number) {
  const isWell = outcome !== 'compensation-failed';
  return {
    name: 'rebalance',
    rebalance: saga?.rebalance ?? null,
    isRoot: true,
    ...{ startedAtMs: steps?.[0]?.startedAtMs ?? endedAtMs, endedAtMs },
    attributes: {
      ...(saga === undefined ? {} : attributesOf(saga)),
      ...(outcome === undefined ? {} : { 'evenkeel.outcome': outcome }),
      ...(typeof revision === 'number' ? { 'evenkeel.revision': revision } : {}),
      ...(request?.source === undefined ? {} : { 'evenkeel.source': request.source }),
      ...(request?.requestId === undefined ? {} : { 'evenkeel.request': request.requestId }),
    },
    ...(isWell ? {} : { error: outcome ?? '' }),
  } satisfies FinishedSpan;
}

/** The ids under which Temporal's history, the records and the logs have it. */
function attributesOf({ service, rebalance, epoch }: Required<OfSaga>['saga']) {
  const { workflowExecution: run, attempt } = activityInfo();
  return {
    ...{ 'evenkeel.service': service, 'evenkeel.rebalance': rebalance, 'evenkeel.epoch': epoch },
    ...(run === undefined
      ? {}
      : { 'temporal.workflow_id': run.workflowId, 'temporal.run_id': run.runId }),
    'temporal.attempt': attempt,
  };
}

/** Of what kind, not with which words: messages name addresses and people. */
function nameOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? error.name;
  return error instanceof Error ? error.name : 'error';
}
