// A request queue of kafkajs that has nothing to do does nothing.
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { quietenRequestQueues } from '../../../src/adapters/kafka/quiet-queue.js';

interface Queue {
  push(request: object): void;
  fulfillRequest(answer: { correlationId: number; payload: object; size: number }): void;
  maybeThrottle(forMs: number): void;
  throttleCheckTimeoutId: unknown;
}

const logger = { debug: () => undefined, warn: () => undefined };

interface Opened {
  readonly queue: Queue;
  readonly sent: number[];
  readonly send: (id: number) => void;
}

function openQueue(): Opened {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
    options: object,
  ) => Queue;
  const options = { maxInFlightRequests: 1, requestTimeout: 1_000, enforceRequestTimeout: false };
  const queue = new RequestQueue({ ...options, clientId: 'c', broker: 'b', logger });
  const sent: number[] = [];
  const send = (correlationId: number): void =>
    queue.push({
      entry: { correlationId, resolve: () => undefined, reject: () => undefined },
      expectResponse: true,
      sendRequest: () => void sent.push(correlationId),
    });
  return { queue, sent, send };
}

describe('a request queue', () => {
  beforeEach(() => {
    quietenRequestQueues();
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => vi.useRealTimers());

  it('sets no timer when the last answer has come', () => {
    const { queue, send } = openQueue();
    send(1);
    queue.fulfillRequest({ correlationId: 1, payload: {}, size: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends what waits as soon as there is an answer', () => {
    const { queue, sent, send } = openQueue();
    send(1);
    send(2);
    expect(sent).toEqual([1]);
    queue.fulfillRequest({ correlationId: 1, payload: {}, size: 0 });
    expect(sent).toEqual([1, 2]);
  });

  it('sends what waits when the time is over for which the broker asked for silence', () => {
    const { queue, sent, send } = openQueue();
    queue.maybeThrottle(500);
    send(1);
    vi.advanceTimersByTime(499);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(sent).toEqual([1]);
    queue.fulfillRequest({ correlationId: 1, payload: {}, size: 0 });
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});
