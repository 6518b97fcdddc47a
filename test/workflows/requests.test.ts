import { describe, expect, it } from 'vitest';
import { openQueue, queuedRequestsMax, readRequest } from '../../workflows/requests.js';

const newId = () => 'new-id';
const request = (requestId: string) => ({ requestId, reason: 'r', source: 'operator' as const });

describe('the queue of requests', () => {
  it('keeps their order and takes each id once, also after it was served', () => {
    const queue = openQueue([request('a')], newId);
    expect(queue.offer(request('b'))).toBeUndefined();
    expect(queue.offer(request('a'))).toBeUndefined();
    expect(queue.ids()).toEqual(['a', 'b']);
    expect(queue.next()?.requestId).toBe('a');
    queue.offer(request('a'));
    expect(queue.ids()).toEqual(['b']);
  });

  it('is bounded, and says so to whom it refuses', () => {
    const queue = openQueue([], newId);
    for (let i = 0; i < queuedRequestsMax; i += 1) queue.offer(request(`r${i}`));
    expect(queue.offer(request('one more'))?.why).toBe('16 requests are waiting already');
    expect(queue.size()).toBe(queuedRequestsMax);
  });
});

describe('a signal’s argument', () => {
  it.each([undefined, null, 'hello', 7])('%j is refused under a new id', (argument) => {
    const { request: refused, fault } = readRequest(argument, newId);
    expect(refused.requestId).toBe('new-id');
    expect(fault).toBe('a request must be an object');
    const queue = openQueue([], newId);
    expect(queue.offer(argument)?.why).toBe('a request must be an object');
    expect(queue.size()).toBe(0);
  });

  it('keeps what is said and drops what is not known', () => {
    const said = {
      requestId: 'x',
      reason: 'r',
      source: 'leave',
      by: 'ada',
      instances: 3,
      drain: ['m-1'],
      leftovers: 'accept',
      more: 1,
    };
    const { more: _more, ...known } = said;
    expect(readRequest(said, newId)).toEqual({ request: known });
  });

  it.each([
    [{ requestId: undefined }, 'requestId must be a text that is not empty'],
    [{ requestId: 7 }, 'requestId must be a text that is not empty'],
    [{ reason: undefined }, 'reason must be a text that is not empty'],
    [{ reason: '' }, 'reason must be a text that is not empty'],
    [{ source: undefined }, 'source must be one of operator'],
    [{ instances: 0 }, 'instances must be a whole number from 1 to 10000'],
    [{ instances: '3' }, 'instances must be a whole number from 1 to 10000'],
    [{ source: 'nobody' }, 'source must be one of operator'],
    [{ drain: 'messaging-1' }, 'drain must be a list of instance names'],
    [{ leftovers: 'ignore' }, 'leftovers must be retry or accept'],
  ])('%j is refused with a sentence', (wrong, why) => {
    const argument = { ...request('a'), ...wrong };
    expect(readRequest(argument, newId).fault).toContain(why);
  });
});
