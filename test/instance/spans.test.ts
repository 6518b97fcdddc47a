// What an instance tells about a hand-over: each part with its times, under the rebalance it belongs to.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Goal } from '../../src/core/handover/goal.js';
import { createSpans, tracedAtOnceMax } from '../../src/instance/spans.js';
import type { Clock } from '../../src/ports.js';
import type { FinishedSpan } from '../../src/trace-port.js';

const who = { service: 'chat', instance: 'chat-1', incarnation: 'i1' };
const goal = (revision: number, rebalance: string) => ({ revision, rebalance }) as Goal;
let nowMs = 0;
let told: FinishedSpan[] = [];
const clock = { wallMs: () => nowMs } as Clock;
const goals: { target: Goal | null; prepared: Goal | null } = { target: null, prepared: null };
const spans = () => {
  const saw = createSpans(who, goals, { clock, trace: (span) => void told.push(span) });
  if (saw === undefined) throw new Error('nobody takes spans');
  return saw;
};

beforeEach(() => {
  nowMs = 1_000;
  told = [];
  goals.target = goal(7, 'chat@9');
  goals.prepared = null;
});

it('nobody takes spans: there is nothing to tell them to', () => {
  expect(createSpans(who, goals, { clock })).toBeUndefined();
});

describe('a client', () => {
  it('that was moved is part of the rebalance, from its hello to its welcome', () => {
    const saw = spans();
    saw({ kind: 'hello', id: 'c1', partition: 3, revision: 7 });
    nowMs = 1_040;
    saw({ kind: 'welcome', id: 'c1', revision: 7 });
    expect(told).toEqual([
      {
        name: 'client.hello',
        rebalance: 'chat@9',
        startedAtMs: 1_000,
        endedAtMs: 1_040,
        attributes: {
          'evenkeel.service': 'chat',
          'evenkeel.instance': 'chat-1',
          'evenkeel.incarnation': 'i1',
          'evenkeel.rebalance': 'chat@9',
          'evenkeel.partition': 3,
          'evenkeel.moved': true,
          'evenkeel.revision': 7,
        },
      },
    ]);
  });

  it('that comes by itself, or with the notice of another revision, is of no rebalance', () => {
    const saw = spans();
    saw({ kind: 'hello', id: 'c1', partition: 3, revision: null });
    saw({ kind: 'hello', id: 'c2', partition: 3, revision: 6 });
    saw({ kind: 'welcome', id: 'c1', revision: 7 });
    saw({ kind: 'welcome', id: 'c2', revision: 7 });
    expect(
      told.map(({ rebalance, attributes }) => [rebalance, attributes['evenkeel.moved']]),
    ).toEqual([
      [null, false],
      [null, true],
    ]);
  });

  it('that goes away while it waits is not told', () => {
    const saw = spans();
    saw({ kind: 'hello', id: 'c1', partition: 3, revision: 7 });
    saw({ kind: 'gone', id: 'c1' });
    saw({ kind: 'welcome', id: 'c1', revision: 7 });
    expect(told).toEqual([]);
  });
});

it('both ends of a partition, and the reading before, are told with their times', () => {
  const saw = spans();
  goals.prepared = goal(8, 'chat@10');
  saw({ kind: 'warm', partitions: [4, 5] });
  nowMs += 30;
  saw({ kind: 'answer-warmed', rebalance: 'chat@10', partitions: 2 });
  goals.target = goal(8, 'chat@10');
  const drain = { reason: 'moved', url: 'ws://b', revision: 8, acceptPerSecond: 1_000 } as const;
  saw({ kind: 'drain', partitions: [1, 2], ...drain });
  nowMs += 20;
  saw({ kind: 'drained', partition: 2 });
  const record = { instance: 'chat-1', incarnation: 'i1', prev: null, next: '0' };
  saw({
    kind: 'append',
    records: [
      { type: 'acquired', partition: 4, revision: 8, ...record },
      { type: 'released', partition: 1, revision: 8, ...record },
    ],
  });
  nowMs += 10;
  saw({ kind: 'serve', partitions: [4, 9] });
  const seen = told.map(({ name, rebalance, startedAtMs, endedAtMs }) => [
    name,
    rebalance,
    endedAtMs - startedAtMs,
  ]);
  expect(seen).toEqual([
    ['handover.warm', 'chat@10', 30],
    ['handover.drain', 'chat@10', 20],
    ['handover.acquire', 'chat@10', 10],
  ]);
});

it('remembers no more than it may: what begins beyond that is not traced', () => {
  const saw = spans();
  for (let at = 0; at <= tracedAtOnceMax; at += 1) {
    saw({ kind: 'hello', id: `c${at}`, partition: 0, revision: null });
  }
  saw({ kind: 'welcome', id: `c${tracedAtOnceMax}`, revision: 7 });
  saw({ kind: 'welcome', id: 'c0', revision: 7 });
  expect(told).toHaveLength(1);
});
