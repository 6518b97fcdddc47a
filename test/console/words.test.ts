// The sentence above all: what happens now and what comes next.
import { describe, expect, it } from 'vitest';
import {
  duration,
  headlineOf,
  seconds,
  sentence,
  silenceOf,
  spokenOf,
  troublesSpoken,
} from '../../console/src/words.js';
import type { Now, RunPicture } from '../../src/console/picture.js';
import { pictureOf } from './world.js';

const nowWith = (changed: Partial<Now>): Now => pictureOf('chat', changed).now;
const run: RunPicture = {
  ...{ runId: 'r', running: true, startedAtMs: 0, headline: 'grow 2 → 3, revision 1 → 2' },
  ...{ asked: 'asked by ada', phase: 'prepare', onward: false, undoing: false, plan: null },
  ...{ progress: null, ahead: ['commit', 'notify'], troubles: [], notes: [], queued: 0 },
  ...{ approvalUntilMs: null, link: null },
  steps: [{ title: 'prepare: warm up', state: 'running', note: '', startedAtMs: 1_000, tookMs: 0 }],
};
const progress = {
  ...{ done: 40, of: 120, arrived: 1, clients: 38, leftMs: 7_400, quietMs: 0, waitsFor: null },
};
const plan = {
  ...{ id: 'p', from: 2, to: 3, movedPartitions: 120, movedClients: 38, waves: 2, estimateMs: 0 },
};
const schedule = { paused: false, note: null, everyMs: 15_000, nextAtMs: 12_000, link: null };

describe('the headline', () => {
  it.each<[string, Partial<Now>, { tone: string; title: string; next: string }]>([
    [
      'nothing happens',
      { schedule },
      {
        tone: 'calm',
        title: 'Nobody moves',
        next: 'The Schedule looks every 15 s, again in 2 s.',
      },
    ],
    [
      'the Schedule is paused',
      { schedule: { ...schedule, paused: true, note: 'paused by ada' } },
      { tone: 'calm', title: 'Nobody moves', next: 'The Schedule is paused: paused by ada.' },
    ],
    [
      'a step runs',
      { run },
      {
        tone: 'moving',
        title: 'Grow 2 → 3 instances',
        next: 'prepare: warm up, for 9 s. Next: commit, then 1 more step.',
      },
    ],
    [
      'clients arrive',
      { run: { ...run, progress, ahead: [] } },
      {
        tone: 'moving',
        title: 'Grow 2 → 3 instances: 1 of about 38 clients arrived',
        next: '40 of 120 partitions, about 7.4 s left. This is the last step.',
      },
    ],
    [
      'a person is asked',
      { run: { ...run, plan, approvalUntilMs: 70_000 } },
      {
        tone: 'asks',
        title: 'Grow 2 → 3 instances: a person is asked',
        next: 'About 38 clients would move. Without an answer it is rejected in 1 min 0 s.',
      },
    ],
    [
      'something keeps it',
      { run: { ...run, troubles: ['no worker answers'] } },
      {
        tone: 'trouble',
        title: 'Grow 2 → 3 instances',
        next: 'No worker answers. prepare: warm up, for 9 s. Next: commit, then 1 more step.',
      },
    ],
    [
      'ownership is not as planned and nothing runs',
      {
        settled: false,
        moves: [{ from: 'chat-0', to: null, partitions: 1, clients: 0, ranges: '3' }],
      },
      {
        tone: 'trouble',
        title: '1 partition is not where the plan has it',
        next: 'No rebalance is under way. If this lasts: evenkeel doctor.',
      },
    ],
    [
      'Temporal does not answer',
      { isRunKnown: false },
      {
        tone: 'trouble',
        title: 'Whether anybody moves is not known',
        next: 'Temporal does not answer: a rebalance may be under way, and what is asked for here waits or fails.',
      },
    ],
    [
      'Temporal does not answer while ownership is not as planned',
      {
        isRunKnown: false,
        settled: false,
        moves: [{ from: 'chat-0', to: null, partitions: 2, clients: 0, ranges: '3-4' }],
      },
      {
        tone: 'trouble',
        title: '2 partitions are not where the plan has them',
        next: 'Temporal does not answer: a rebalance may be under way, and what is asked for here waits or fails.',
      },
    ],
    [
      'there is no Schedule',
      {},
      {
        tone: 'calm',
        title: 'Nobody moves',
        next: 'There is no Schedule that looks at it.',
      },
    ],
  ])('when %s', (_, changed, expected) => {
    expect(headlineOf(nowWith(changed), 10_000)).toEqual(expected);
  });
});

describe('a Schedule that nobody answers', () => {
  const { past } = pictureOf('chat', {});
  const last = { kind: 'skip' as const, fromMs: 0, toMs: 60_000, count: 9, desired: null };
  const decided = { ...past, decisions: [{ ...last, reasons: ['within'] }] };
  const said = (changed: Partial<Now>, clockMs: number) =>
    silenceOf(nowWith({ schedule, ...changed }), decided, clockMs);

  it('is said after three looks without a decision', () => {
    expect(said({}, 105_000)).toBe('');
    expect(said({}, 105_001)).toBe('Nothing was decided since 00:01:00: is a worker running?');
    // Looks every second are no reason to cry at once.
    expect(said({ schedule: { ...schedule, everyMs: 1_000 } }, 90_000)).toBe('');
  });

  it('is not said of one that is paused, nor where decisions are not known', () => {
    const paused = { ...schedule, paused: true };
    for (const changed of [{ schedule: null }, { schedule: paused }, { isStoredKnown: false }])
      expect(said(changed, 3_600_000)).toBe('');
    expect(silenceOf(nowWith({ schedule }), past, 3_600_000)).toBe('');
  });
});

describe('what a screen reader is told by itself', () => {
  const moved = (done: number) => {
    const share = { ...progress, done, arrived: done };
    return spokenOf(nowWith({ run: { ...run, plan, progress: share } }), 10_000);
  };

  it('changes with phases and quarters, and not with every client', () => {
    expect([29, 30, 31, 59, 60].map(moved)).toEqual([
      'grow 2 → 3 instances, prepare',
      ...Array<string>(3).fill(
        'grow 2 → 3 instances, prepare, 25 percent of the partitions have moved',
      ),
      'grow 2 → 3 instances, prepare, 50 percent of the partitions have moved',
    ]);
    expect(spokenOf(nowWith({ schedule }), 10_000)).toBe('Nobody moves');
    const waits = { ...run, approvalUntilMs: 70_000 };
    expect(spokenOf(nowWith({ run: waits }), 10_000)).toBe(
      'grow 2 → 3 instances: a person is asked',
    );
  });

  it('of what keeps it has no time that counts on', () => {
    const said = (text: string) => troublesSpoken(nowWith({ run: { ...run, troubles: [text] } }));
    const texts = ['3.2 s', '840 ms', '4 min 5 s'].map((time) =>
      said(`nothing arrived for ${time}: chat-0 holds 7`),
    );
    expect([...new Set(texts)]).toEqual(['nothing arrived for a while: chat-0 holds 7']);
  });
});

describe('a sentence', () => {
  it('begins large and has one end', () => {
    expect(['asked by ada: go!', 'no', 'Done.'].map(sentence)).toEqual([
      ...['Asked by ada: go!', 'No.', 'Done.'],
    ]);
  });
});

describe('times', () => {
  it('are as short as they can be read', () => {
    const texts = [0, 840, 1_000, 7_400, 12_300, 65_000, 12_000_000].map(duration);
    expect(texts).toEqual(['0 ms', '840 ms', '1 s', '7.4 s', '12 s', '1 min 5 s', '3 h 20 min']);
    expect([-5, 999, 1_999, 61_000].map(seconds)).toEqual(['0 s', '0 s', '1 s', '1 min 1 s']);
  });
});
