import { describe, expect, it } from 'vitest';
import { mustAwait, mustRun, type Answering } from '../../workflows/operators.js';

/** A saga that hands over, and that nobody was asked about. */
const running: Answering = {
  phase: 'hand-over',
  approval: 'none',
  approvedBy: null,
  aborted: null,
  ending: null,
  undoing: false,
};
const ada = { by: 'ada', reason: 'too late in the day' };
const asking = { phase: 'approval', approval: 'awaited' } as const;
const rejected = { outcome: 'rejected', text: 'rejected by ada' } as const;

describe('an answer to the question of a saga', () => {
  it('is taken while it is asked', () => {
    expect(() => mustAwait({ ...running, ...asking })).not.toThrow();
  });

  it.each<[string, Answering | null, string]>([
    ['without a saga', null, 'nothing awaits approval'],
    ['when nobody was asked', running, 'nothing awaits approval'],
    [
      'after an approval',
      { ...running, approval: 'given', approvedBy: ada },
      'nothing awaits approval: it was approved by ada: too late in the day',
    ],
    [
      'after a rejection',
      { ...running, phase: 'approval', ending: rejected },
      'nothing awaits approval: it was rejected by ada',
    ],
    [
      'behind an abort that came in the same moment',
      { ...running, ...asking, aborted: { by: 'ada' } },
      'nothing awaits approval: it was aborted by ada',
    ],
  ])('is refused %s', (_when, saga, text) => {
    expect(() => mustAwait(saga)).toThrow(new Error(text));
  });
});

describe('an abort', () => {
  it.each([running, { ...running, ...asking }])('is taken while the saga runs', (saga) => {
    expect(() => mustRun(saga)).not.toThrow();
  });

  it.each<[string, Answering | null, string]>([
    ['without a saga', null, 'no rebalance is under way'],
    ['after its end', { ...running, phase: 'done' }, 'no rebalance is under way'],
    [
      'the second time',
      { ...running, aborted: ada },
      'it is being undone already: it was aborted by ada: too late in the day',
    ],
    ['while it is undone', { ...running, undoing: true }, 'it is being undone already'],
    ['while it is recorded', { ...running, phase: 'record' }, 'it is done already'],
    [
      'behind a rejection that came in the same moment',
      { ...running, phase: 'approval', ending: rejected },
      'it is ending already: rejected by ada',
    ],
  ])('is refused %s', (_when, saga, text) => {
    expect(() => mustRun(saga)).toThrow(new Error(text));
  });
});
