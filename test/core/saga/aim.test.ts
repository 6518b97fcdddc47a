import { describe, expect, it } from 'vitest';
import { aimOf, recoveryOf, type Question } from '../../../src/core/saga/aim.js';

/** A service of three that own and run. */
const three: Question = {
  service: 'm',
  drain: [],
  gone: [],
  owners: [0, 1, 2],
  replicas: 3,
  limits: { min: 1, max: 5 },
};

describe('what a request aims at', () => {
  it.each<[string, Partial<Question>, string, readonly number[], number]>([
    ['more instances', { instances: 4 }, 'grow', [0, 1, 2, 3], 4],
    ['fewer instances: the highest leave', { instances: 2 }, 'shrink', [0, 1], 2],
    ['nothing: all that run', {}, 'in-place', [0, 1, 2], 3],
    ['nothing, one of them empty: it is used again', { owners: [0, 2] }, 'grow', [0, 1, 2], 3],
    ['a first distribution', { owners: null }, 'bootstrap', [0, 1, 2], 3],
    ['a lower ordinal drained: it goes on running', { drain: ['m-1'] }, 'drain', [0, 2], 3],
    ['the highest drained: it ends', { drain: ['m-2'] }, 'drain', [0, 1], 2],
    ['a replacement', { drain: ['m-1'], instances: 3 }, 'replace', [0, 2, 3], 4],
    ['a drain of who owns nothing', { owners: [0, 2], drain: ['m-1'] }, 'replace', [0, 2], 3],
    ['one that was lost on the way', { instances: 4, gone: ['m-1'] }, 'grow', [0, 2, 3], 4],
    ['one that was lost, the highest: it is not ended', { gone: ['m-2'] }, 'in-place', [0, 1], 3],
    [
      'the only one was lost: it has to come back',
      { owners: [0], replicas: 1, gone: ['m-0'] },
      'in-place',
      [0],
      1,
    ],
    ['more run than the policy allows', { replicas: 9 }, 'grow', [0, 1, 2, 3, 4], 5],
  ])('%s', (_what, asked, kind, owners, replicas) => {
    expect(aimOf({ ...three, ...asked })).toEqual({ kind, owners, replicas });
  });

  it.each<[string, Partial<Question>, readonly number[], number, number | undefined]>([
    [
      'a growth uses the spare, and wants another',
      { instances: 4, replicas: 4 },
      [0, 1, 2, 3],
      5,
      1,
    ],
    ['a shrink leaves it', { instances: 2, replicas: 4 }, [0, 1], 3, 1],
    ['it is no owner because it runs', { replicas: 4 }, [0, 1, 2], 4, 1],
    ['one that is missing is wanted', {}, [0, 1, 2], 4, 1],
    ['at the maximum there is none', { instances: 5 }, [0, 1, 2, 3, 4], 5, undefined],
    ['below it as many as there is room', { instances: 4, spares: 3 }, [0, 1, 2, 3], 5, 1],
    ['from the first distribution on', { owners: null, instances: 2 }, [0, 1], 3, 1],
    ['the platform runs them before the first', { owners: null, replicas: 4 }, [0, 1, 2], 4, 1],
  ])('with a spare: %s', (_what, asked, owners, replicas, spares) => {
    const aim = aimOf({ ...three, spares: 1, ...asked });
    expect(aim).toMatchObject({ owners, replicas });
    expect('spares' in aim ? aim.spares : undefined).toBe(spares);
  });

  it.each<[string, Partial<Question>, string]>([
    ['too many', { instances: 6 }, "6 instances are outside of the policy's 1..5"],
    [
      'too few',
      { instances: 1, limits: { min: 2, max: 5 } },
      "1 instances are outside of the policy's 2..5",
    ],
    ['somebody unknown', { drain: ['m-3'] }, 'm-3 is not an instance of m: there are m-0..m-2'],
    ['somebody of another service', { drain: ['x-1'] }, 'x-1 is not an instance of m'],
    ['everybody', { drain: ['m-0', 'm-1', 'm-2'] }, 'only 0 instances own partitions'],
    [
      'more than the policy lets go',
      { drain: ['m-0'], limits: { min: 3, max: 5 } },
      'the policy wants 3..5',
    ],
    ['a drain before the first distribution', { owners: null, drain: ['m-0'] }, 'nothing to drain'],
  ])('refuses %s with a sentence', (_what, asked, why) => {
    const answer = aimOf({ ...three, ...asked });
    expect(answer.kind).toBe('refused');
    expect('why' in answer && answer.why).toContain(why);
  });
});

describe('going on without instances that are gone', () => {
  it('takes the other owners and leaves the platform as it is', () => {
    const answer = recoveryOf({ service: 'm', gone: ['m-1'], owners: [0, 1, 2], replicas: 3 });
    expect(answer).toEqual({ kind: 'recover', owners: [0, 2], replicas: 3 });
  });

  it('is refused where nobody else is', () => {
    const answer = recoveryOf({ service: 'm', gone: ['m-0'], owners: [0], replicas: 1 });
    expect('why' in answer && answer.why).toContain('m-0 takes them again');
  });
});
