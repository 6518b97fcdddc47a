// Owns: reading a saga's history: where its time went, step by step, and how large it is. Pure; every
// time is the server's own, every figure is of what the server keeps.
import type { WorkflowHandle } from '@temporalio/client';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** Warm-up, scaling and hand-over take what they take; all else is the saga's own. */
const workOfOthers: readonly string[] = ['prepare', 'scaleUp', 'scaleDown', 'handOver'];

/** One activity and the way to it. The three follow each other, and one step follows the other. */
export interface SagaStep {
  /** Name of the activity; `close` for the way from the last one to the end of the run. */
  readonly name: string;
  /** From the end of what was before (first: the signal) until the workflow had asked for it. */
  readonly decidedMs: number;
  /** Until a worker had it. */
  readonly startedMs: number;
  /** Until its answer was there. */
  readonly ranMs: number;
  /** Whether `ranMs` is the saga's own time. */
  readonly own: boolean;
}

export interface SagaTimes {
  /** Wall clock of the server, when it took the signal. */
  readonly signalledAtMs: number;
  readonly steps: readonly SagaStep[];
  /** From the signal to the end of the run. */
  readonly totalMs: number;
  /** Without what warm-up, scaling and hand-over ran for. */
  readonly overheadMs: number;
}

/** Of a run whose activities come one after the other, as those of a saga do that is left alone. */
export function sagaTimes({ events }: History): SagaTimes {
  const list = events ?? [];
  const signal = list.find((event) => event.workflowExecutionSignaledEventAttributes);
  if (signal === undefined) throw new Error('the history has no signal');
  const signalledAtMs = timeOf(signal);
  const steps: SagaStep[] = [];
  let sinceMs = signalledAtMs;
  for (const event of list) {
    const done = event.activityTaskCompletedEventAttributes;
    if (done == null) continue;
    const asked = eventWith(list, done.scheduledEventId);
    const started = eventWith(list, done.startedEventId);
    const name = asked.activityTaskScheduledEventAttributes?.activityType?.name ?? '';
    steps.push({
      name,
      decidedMs: timeOf(asked) - sinceMs,
      startedMs: timeOf(started) - timeOf(asked),
      ranMs: timeOf(event) - timeOf(started),
      own: !workOfOthers.includes(name),
    });
    sinceMs = timeOf(event);
  }
  const last = list.at(-1) ?? signal;
  const close = { name: 'close', startedMs: 0, ranMs: 0, own: true };
  steps.push({ ...close, decidedMs: timeOf(last) - sinceMs });
  const totalMs = timeOf(last) - signalledAtMs;
  const others = steps.reduce((sum, { own, ranMs }) => sum + (own ? 0 : ranMs), 0);
  return { signalledAtMs, steps, totalMs, overheadMs: totalMs - others };
}

/** From the moment that the first activity was asked for until the second had answered. */
export function spanMs(history: History, from: string, to: string): number {
  const events = history.events ?? [];
  const isOf = (event: HistoryEvent, name: string): boolean =>
    event.activityTaskScheduledEventAttributes?.activityType?.name === name;
  const first = events.find((event) => isOf(event, from));
  const last = events.findLast(({ activityTaskCompletedEventAttributes: done }) => {
    return done != null && isOf(eventWith(events, done.scheduledEventId), to);
  });
  if (first === undefined || last === undefined) {
    throw new Error(`the history has no ${from} or no ${to} that was done`);
  }
  return timeOf(last) - timeOf(first);
}

export interface HistorySize {
  readonly events: number;
  readonly payloads: number;
  readonly largestPayloadBytes: number;
  /** Which one that is: `plan: its result`. */
  readonly largestPayload: string;
}

/** Counts every payload, wherever in an event it lies. */
export function historySize({ events }: History): HistorySize {
  const list = events ?? [];
  let payloads = 0;
  let largest = { bytes: 0, name: 'none' };
  for (const event of list) {
    for (const bytes of payloadsIn(event)) {
      payloads += 1;
      if (bytes > largest.bytes) largest = { bytes, name: nameOf(event, list) };
    }
  }
  const { bytes: largestPayloadBytes, name: largestPayload } = largest;
  return { events: list.length, payloads, largestPayloadBytes, largestPayload };
}

/** Sizes of all payloads below a value: they are what has `metadata` and bytes as `data`. */
function* payloadsIn(value: unknown): Generator<number> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const { data, metadata } = value as { data?: unknown; metadata?: unknown };
  if (data instanceof Uint8Array && typeof metadata === 'object') yield data.length;
  else for (const inner of Object.values(value)) yield* payloadsIn(inner);
}

/** `plan: its input`, or the kind of the event where it is not about an activity. */
function nameOf(event: HistoryEvent, list: readonly HistoryEvent[]): string {
  const asked = event.activityTaskScheduledEventAttributes;
  if (asked != null) return `${asked.activityType?.name ?? ''}: its input`;
  const ended =
    event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes;
  if (ended != null) {
    const { activityTaskScheduledEventAttributes: of } = eventWith(list, ended.scheduledEventId);
    return `${of?.activityType?.name ?? ''}: its result`;
  }
  const kind = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'event';
  return kind
    .replace(/EventAttributes$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Events are numbered from 1, without a gap. */
function eventWith(
  list: readonly HistoryEvent[],
  id: { toString(): string } | null | undefined,
): HistoryEvent {
  const event = list[Number(id?.toString()) - 1];
  if (event === undefined) throw new Error(`the history has no event ${id?.toString() ?? ''}`);
  return event;
}

function timeOf({ eventTime }: HistoryEvent): number {
  const seconds = Number(eventTime?.seconds?.toString() ?? 0);
  return seconds * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}
