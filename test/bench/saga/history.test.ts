import { describe, expect, it } from 'vitest';
import { historySize, sagaTimes, spanMs, type History } from '../../../bench/saga/history.js';

type Events = NonNullable<History['events']>;

const at = (ms: number) => ({ seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 });
const payload = (bytes: number) => ({ metadata: {}, data: new Uint8Array(bytes) });

/** Three events of an activity, the first of which has this number. */
function activity(
  name: string,
  number: number,
  [askedMs, startedMs, doneMs]: readonly [number, number, number],
  [inputBytes, resultBytes]: readonly [number, number],
) {
  return [
    {
      eventTime: at(askedMs),
      activityTaskScheduledEventAttributes: {
        activityType: { name },
        input: { payloads: [payload(inputBytes)] },
      },
    },
    { eventTime: at(startedMs), activityTaskStartedEventAttributes: { scheduledEventId: number } },
    {
      eventTime: at(doneMs),
      activityTaskCompletedEventAttributes: {
        scheduledEventId: number,
        startedEventId: number + 1,
        result: { payloads: [payload(resultBytes)] },
      },
    },
  ];
}

const signal = {
  eventTime: at(10_000),
  workflowExecutionSignaledEventAttributes: { input: { payloads: [payload(300)] } },
};
const history = {
  events: [
    signal,
    ...activity('plan', 2, [10_030, 10_035, 10_135], [400, 900]),
    ...activity('prepare', 5, [10_150, 10_152, 10_652], [200, 50]),
    ...activity('record', 8, [10_660, 10_662, 10_702], [100, 10]),
    {
      eventTime: at(10_720),
      workflowExecutionCompletedEventAttributes: { result: { payloads: [payload(5)] } },
    },
  ] as unknown as Events,
};

describe('the times of a saga', () => {
  it('follow each other from the signal to the end of the run', () => {
    const { signalledAtMs, steps, totalMs } = sagaTimes(history);
    expect(signalledAtMs).toBe(10_000);
    expect(
      steps.map(({ name, decidedMs, startedMs, ranMs }) => [name, decidedMs, startedMs, ranMs]),
    ).toEqual([
      ['plan', 30, 5, 100],
      ['prepare', 15, 2, 500],
      ['record', 8, 2, 40],
      ['close', 18, 0, 0],
    ]);
    const all = steps.map(({ decidedMs, startedMs, ranMs }) => decidedMs + startedMs + ranMs);
    expect(all.reduce((sum, ms) => sum + ms, 0)).toBe(totalMs);
  });

  it('are its own but for what warm-up, scaling and hand-over run for', () => {
    expect(sagaTimes(history).overheadMs).toBe(720 - 500);
  });

  it('span from one activity to another', () => {
    expect(spanMs(history, 'plan', 'record')).toBe(672);
    expect(() => spanMs(history, 'plan', 'verify')).toThrow('no verify');
  });

  it('need a signal', () => {
    expect(() => sagaTimes({ events: [] })).toThrow('no signal');
  });
});

describe('the size of a history', () => {
  it('counts payloads wherever they lie, and names the largest', () => {
    expect(historySize(history)).toEqual({
      events: 11,
      payloads: 8,
      largestPayloadBytes: 900,
      largestPayload: 'plan: its result',
    });
  });

  it('sees what a signal and a failure bring', () => {
    const failed = {
      activityTaskFailedEventAttributes: {
        scheduledEventId: 2,
        failure: { applicationFailureInfo: { details: { payloads: [payload(4_000)] } } },
      },
    };
    const events = [...history.events, failed] as unknown as Events;
    expect(historySize({ events })).toMatchObject({ largestPayload: 'plan: its result' });
    expect(historySize({ events }).largestPayloadBytes).toBe(4_000);
    expect(historySize({ events: [signal] as unknown as Events }).largestPayload).toBe(
      'workflow execution signaled',
    );
  });
});
