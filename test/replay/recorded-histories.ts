// Reads what test/replay/histories holds: which activities a run called, with what answers, and what else
// came to it. Knows nothing of files' names beyond finding them.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const histories = fileURLToPath(new URL('./histories/', import.meta.url));

interface Payloads {
  readonly payloads?: readonly { readonly data?: string }[];
}

interface Failure {
  readonly message?: string;
  readonly cause?: Failure;
  readonly applicationFailureInfo?: { readonly type?: string; readonly details?: Payloads };
}

/** What the JSON of a history says of an event, as far as it is looked at here. */
interface RecordedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly workflowExecutionStartedEventAttributes?: {
    readonly workflowId?: string;
    readonly workflowType: { readonly name: string };
  };
  readonly workflowExecutionSignaledEventAttributes?: { readonly input?: Payloads };
  readonly workflowExecutionUpdateAcceptedEventAttributes?: {
    readonly acceptedRequest: { readonly input: { readonly name: string } };
  };
  readonly workflowExecutionCompletedEventAttributes?: { readonly result?: Payloads };
  readonly workflowExecutionFailedEventAttributes?: { readonly failure?: Failure };
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType: { readonly name: string };
    readonly input?: Payloads;
  };
  readonly activityTaskCompletedEventAttributes?: Answer & { readonly result?: Payloads };
  readonly activityTaskFailedEventAttributes?: Answer & { readonly failure?: Failure };
  readonly activityTaskCanceledEventAttributes?: Answer;
  readonly markerRecordedEventAttributes?: {
    readonly markerName: string;
    readonly details: Readonly<Record<string, Payloads>>;
  };
}

interface Answer {
  readonly scheduledEventId: string;
}

export interface RecordedHistory {
  readonly events: readonly RecordedEvent[];
}

/** One call of an activity, in the order in which they were scheduled. */
export interface Call {
  readonly name: string;
  readonly arguments: readonly unknown[];
  readonly ended: 'completed' | 'failed' | 'canceled' | 'not';
  readonly result: unknown;
  /** Type of the failure that the activity threw. */
  readonly failureType: string | undefined;
}

/** What became of a request, as the run says at its end. */
export interface ToldOutcome {
  readonly requestId: string;
  readonly outcome: string;
  readonly text: string;
  readonly notBegun?: boolean;
}

/** A run, as its history tells. */
export interface RecordedRun {
  readonly workflow: string;
  /** Types without their prefix, in order: `TIMER_FIRED`. */
  readonly eventTypes: readonly string[];
  readonly calls: readonly Call[];
  /** Names of the updates that were accepted. */
  readonly updates: readonly string[];
  readonly signals: readonly unknown[];
  /** `COMPLETED`, `FAILED`, `CANCELED`, `CONTINUED_AS_NEW`; undefined for a run that is open. */
  readonly closed: string | undefined;
  /** Type of the failure that the run closed with. */
  readonly failureType: string | undefined;
  readonly outcomes: readonly ToldOutcome[];
}

export const historyFiles = (): readonly string[] => readdirSync(histories);

export const readHistory = (file: string): RecordedHistory =>
  JSON.parse(readFileSync(`${histories}${file}`, 'utf8')) as RecordedHistory;

/** Names of the activities, in the order in which they were scheduled. */
export const stepsOf = (history: RecordedHistory): readonly string[] =>
  history.events.flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType.name ?? [],
  );

/** Ids of the patches that a recorded history went past, as the SDK marks them. */
export function patchesIn({ events }: RecordedHistory): readonly string[] {
  return events.flatMap(({ markerRecordedEventAttributes: marker }) =>
    marker?.markerName !== 'core_patch'
      ? []
      : Object.values(marker.details)
          .flatMap(valuesIn)
          .map((value) => (value as { id: string }).id),
  );
}

export function runOf({ events }: RecordedHistory): RecordedRun {
  const eventTypes = events.map(({ eventType }) => eventType.replace('EVENT_TYPE_', ''));
  const ends = /^WORKFLOW_EXECUTION_(COMPLETED|FAILED|CANCELED|CONTINUED_AS_NEW)$/;
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const completed = events.at(-1)?.workflowExecutionCompletedEventAttributes;
  const failure = events.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
  const told = [...valuesIn(completed?.result), ...valuesIn(infoOf(failure)?.details)];
  return {
    workflow: started?.workflowType.name ?? '',
    eventTypes,
    calls: callsIn(events),
    updates: events.flatMap(
      ({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) =>
        accepted?.acceptedRequest.input.name ?? [],
    ),
    signals: events.flatMap(({ workflowExecutionSignaledEventAttributes: signaled }) =>
      valuesIn(signaled?.input),
    ),
    closed: ends.exec(eventTypes.at(-1) ?? '')?.[1],
    failureType: infoOf(failure)?.type,
    outcomes: told.flatMap((one) => (one as { outcomes?: ToldOutcome[] } | null)?.outcomes ?? []),
  };
}

function callsIn(events: readonly RecordedEvent[]): readonly Call[] {
  const answers = new Map<string, Pick<Call, 'ended' | 'result' | 'failureType'>>();
  for (const event of events) {
    const completed = event.activityTaskCompletedEventAttributes;
    const failed = event.activityTaskFailedEventAttributes;
    const canceled = event.activityTaskCanceledEventAttributes;
    const id = (completed ?? failed ?? canceled)?.scheduledEventId;
    if (id === undefined) continue;
    answers.set(id, {
      ended: completed ? 'completed' : failed ? 'failed' : 'canceled',
      result: valuesIn(completed?.result)[0],
      failureType: infoOf(failed?.failure)?.type,
    });
  }
  const none = { ended: 'not', result: undefined, failureType: undefined } as const;
  return events.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled === undefined
      ? []
      : {
          name: scheduled.activityType.name,
          arguments: valuesIn(scheduled.input),
          ...(answers.get(eventId) ?? none),
        },
  );
}

const infoOf = (failure: Failure | undefined) => failure?.applicationFailureInfo;

/** Payloads that are no JSON (a test sends one that nobody can read) are undefined. */
function valuesIn(payloads: Payloads | undefined): readonly unknown[] {
  return (payloads?.payloads ?? []).map(({ data = '' }) => {
    try {
      return JSON.parse(Buffer.from(data, 'base64').toString()) as unknown;
    } catch {
      return undefined;
    }
  });
}
