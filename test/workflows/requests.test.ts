import { describe, expect, it } from 'vitest';
import type { RebalanceRequest } from '../../activities/types.js';
import { readRequest } from '../../workflows/request-reading.js';
import { openQueue, queuedRequestsMax } from '../../workflows/requests.js';

const newId = () => 'new-id';
let count = 0;
/** Each asks for something else. */
const request = (requestId: string, more: Partial<RebalanceRequest> = {}): RebalanceRequest => {
  count += 1;
  return { requestId, reason: 'r', source: 'operator', instances: (count % 9_000) + 1, ...more };
};
const queueOf = (...pending: RebalanceRequest[]) => openQueue('m', pending, newId, () => true);

describe('the queue of requests', () => {
  it('keeps their order and takes each id once, also after it was served', () => {
    const queue = queueOf(request('a'));
    expect(queue.offer(request('b'))).toEqual([]);
    expect(queue.offer(request('a'))).toEqual([]);
    expect(queue.ids()).toEqual(['a', 'b']);
    expect(queue.next()?.requestId).toBe('a');
    queue.offer(request('a'));
    expect(queue.ids()).toEqual(['b']);
  });

  it('is bounded, and says so to whom it refuses', () => {
    const queue = queueOf();
    for (let i = 0; i < queuedRequestsMax; i += 1) queue.offer(request(`r${i}`));
    const [refused] = queue.offer(request('one more'));
    expect(refused).toMatchObject({ outcome: 'refused', why: '16 requests are waiting already' });
    expect(queue.size()).toBe(queuedRequestsMax);
  });

  it('takes ten thousand requests without growing', () => {
    const queue = queueOf();
    let refused = 0;
    for (let i = 0; i < 10_000; i += 1) {
      refused += queue.offer(request(`r${i}`, { instances: (i % 9_000) + 1 })).length;
    }
    expect(queue.size()).toBe(queuedRequestsMax);
    expect(refused).toBe(10_000 - queuedRequestsMax);
  });

  it('lets the urgent ones go first, and among equals who came first', () => {
    const queue = queueOf();
    const lost = [{ instance: 'm-1', incarnation: 'x' }];
    queue.offer(request('person'));
    queue.offer(request('another person'));
    queue.offer({ ...request('leave'), source: 'leave', drain: ['m-2'] });
    queue.offer({ ...request('lost'), source: 'instance-lost', lost });
    expect(queue.ids()).toEqual(['lost', 'leave', 'person', 'another person']);
  });

  it('hands out the first one only where it is wanted', () => {
    const queue = queueOf(request('person'));
    const leaves = ({ source }: RebalanceRequest) => source === 'leave';
    expect(queue.nextIf(leaves)).toBeUndefined();
    queue.offer({ ...request('leave'), source: 'leave', drain: ['m-2'] });
    expect(queue.nextIf(leaves)?.requestId).toBe('leave');
    expect(queue.ids()).toEqual(['person']);
  });

  it('makes room for a more urgent one when it is full', () => {
    const queue = queueOf();
    for (let i = 0; i < queuedRequestsMax; i += 1) queue.offer(request(`r${i}`));
    const answered = queue.offer({ ...request('leave'), source: 'leave', drain: ['m-2'] });
    expect(answered).toMatchObject([{ request: { requestId: 'r15' }, outcome: 'refused' }]);
    expect(queue.ids()[0]).toBe('leave');
  });
});

describe('requests that make each other pointless', () => {
  const instances = 3;

  it('never let an earlier word of a person be the last that is carried out', () => {
    const queue = queueOf();
    queue.offer(request('two', { instances: 2 }));
    queue.offer(request('three', { instances: 3 }));
    const answered = queue.offer(request('two again', { instances: 2 }));
    const why = 'request two again asks for the same, later';
    expect(answered).toMatchObject([
      { request: { requestId: 'two' }, outcome: 'unnecessary', why },
    ]);
    expect(queue.ids()).toEqual(['three', 'two again']);
    // In histories from before, the one that had come first stayed.
    const before = openQueue('m', [], newId, () => false);
    for (const [id, n] of [
      ['two', 2],
      ['three', 3],
      ['two again', 2],
    ] as const) {
      before.offer(request(id, { instances: n }));
    }
    expect(before.ids()).toEqual(['two', 'three']);
  });

  it.each<[string, Partial<RebalanceRequest>, Partial<RebalanceRequest>, string]>([
    ['the same wish twice', { instances }, { instances }, 'new'],
    ['two evaluations', { source: 'threshold' }, { source: 'forecast' }, 'old'],
    ['a person after an evaluation', { source: 'threshold' }, { source: 'operator' }, 'old'],
    ['an evaluation after a person', { source: 'operator' }, { source: 'threshold' }, 'new'],
    [
      'the same wish by somebody who goes first',
      { source: 'threshold', instances },
      { source: 'operator', instances },
      'old',
    ],
  ])('%s', (_what, older, newer, ends) => {
    const queue = queueOf();
    queue.offer(request('old', older));
    const answered = queue.offer(request('new', newer));
    expect(answered).toMatchObject([{ request: { requestId: ends }, outcome: 'unnecessary' }]);
    expect(queue.ids()).toEqual([ends === 'old' ? 'new' : 'old']);
    // An id that was merged is served: it is not taken again.
    expect(queue.offer(request('new', newer))).toEqual([]);
  });

  it('but not two different wishes of people', () => {
    const queue = queueOf(request('a', { instances: 3 }));
    expect(queue.offer(request('b', { instances: 2 }))).toEqual([]);
    expect(queue.ids()).toEqual(['a', 'b']);
  });
});

describe('a signal’s argument', () => {
  it.each([undefined, null, 'hello', 7])('%j is refused under a new id', (argument) => {
    const { request: refused, fault } = readRequest(argument, newId, 'm');
    expect(refused.requestId).toBe('new-id');
    expect(fault).toBe('a request must be an object');
    const queue = queueOf();
    expect(queue.offer(argument)).toMatchObject([{ why: 'a request must be an object' }]);
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
      lost: [{ instance: 'm-1', incarnation: 'x' }],
      more: 1,
    };
    const { more: _more, ...known } = said;
    expect(readRequest(said, newId, 'm')).toEqual({ request: known });
  });

  it('is one line that a terminal shows as it is', () => {
    const by = 'eve\u001b]0;pwn\u0007';
    const said = { ...request('a'), by, reason: '\u001b[2J\u001b[31mRED\nsecond \u202eline' };
    const { request: read, fault } = readRequest(said, newId, 'm');
    expect(fault).toBeUndefined();
    expect(read).toMatchObject({ by: 'eve ]0;pwn', reason: '[2J [31mRED second  line' });
  });

  it('is bounded in bytes: a long reason is cut, and what is still too large is refused', () => {
    const said = { requestId: 'x', reason: '再平衡'.repeat(200), source: 'instance-lost' };
    const long = 'x'.repeat(90);
    const lost = Array.from({ length: 6 }, (_, i) => ({ instance: `m-${i}`, incarnation: long }));
    const { request: read, fault } = readRequest({ ...said, lost }, newId, 'm');
    expect(Buffer.byteLength(read.reason)).toBeLessThanOrEqual(300);
    expect(read.reason).toMatch(/^(再平衡){30,}.*…$/u);
    expect(fault).toMatch('at most 1000 bytes');
    expect(readRequest({ ...said, lost: lost.slice(0, 3) }, newId, 'm').fault).toBeUndefined();
  });

  it.each([
    [
      { requestId: undefined },
      'requestId must be a text of printable characters that is not empty',
    ],
    [{ requestId: 7 }, 'requestId must be a text of printable characters that is not empty'],
    [{ reason: undefined }, 'reason must be a text of printable characters that is not empty'],
    [{ reason: '' }, 'reason must be a text of printable characters that is not empty'],
    [{ source: undefined }, 'source must be one of operator'],
    [{ instances: 0 }, 'instances must be a whole number from 1 to 10000'],
    [{ instances: '3' }, 'instances must be a whole number from 1 to 10000'],
    [{ source: 'nobody' }, 'source must be one of operator'],
    [{ drain: 'messaging-1' }, 'drain must be a list of instance names'],
    [{ drain: [] }, 'drain must be a list of instance names, 1 to 6'],
    [{ drain: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, 'drain must be a list'],
    [{ leftovers: 'ignore' }, 'leftovers must be retry or accept'],
    [{ rollback: -1 }, 'rollback must be a revision'],
    [{ rollback: 2, instances: 3 }, 'it goes with neither instances nor drain'],
    [{ source: 'leave' }, 'leave must say in drain who leaves'],
    [{ source: 'leave', drain: ['other-1'] }, 'leave must say in drain who leaves: ["m-1"]'],
    [{ reason: '\u001b\n' }, 'reason must be a text of printable characters'],
    [{ source: 'instance-lost' }, 'lost must be a list of {"instance":"m-1"'],
    [{ source: 'instance-lost', lost: ['m-1'] }, 'lost must be a list'],
    [{ lost: [{ instance: 'other-1', incarnation: 'x' }] }, 'lost must be a list'],
    [{ lost: [{ instance: 'm-x', incarnation: 'x' }] }, 'lost must be a list'],
    [{ lost: [{ instance: 'm-1' }] }, 'lost must be a list'],
  ])('%j is refused with a sentence', (wrong, why) => {
    const argument = { ...request('a'), ...wrong };
    expect(readRequest(argument, newId, 'm').fault).toContain(why);
  });
});
