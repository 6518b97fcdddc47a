// Which activities each recorded run called, in their order: a history reads like the list of the steps.
import { describe, expect, it } from 'vitest';
import { readHistory, stepsOf } from './recorded-histories.js';

describe('recorded histories', () => {
  it('read like the list of the saga’s steps', () => {
    const steps = (file: string) => stepsOf(readHistory(file));
    expect(steps('grow.json')).toEqual([
      'reconcile',
      'plan',
      'scaleUp',
      'prepare',
      'commit',
      'notify',
      'handOver',
      'verify',
      'record',
    ]);
    expect(steps('shrink.json')).toEqual([
      'reconcile',
      'plan',
      'prepare',
      'commit',
      'notify',
      'handOver',
      'verify',
      'scaleDown',
      'record',
    ]);
    const untilNotify = ['reconcile', 'plan', 'scaleUp', 'prepare', 'commit', 'notify'];
    const back = ['holdWaves', 'planBack', 'commit', 'announce', 'handOver'];
    expect(steps('grow-undone-at-notify.json')).toEqual([
      ...untilNotify,
      ...back,
      'cancelPrepare',
      'scaleBack',
      'record',
    ]);
    expect(steps('grow-aborted-at-verify.json')).toEqual([
      ...untilNotify,
      'handOver',
      'verify',
      ...back,
      'cancelPrepare',
      'scaleBack',
      'record',
    ]);
    // No instance is removed before the failed undo of what it holds: scaleBack keeps it.
    expect(steps('grow-failed-undo.json').slice(-5)).toEqual([
      'planBack',
      'cancelPrepare',
      'scaleBack',
      'pauseSchedule',
      'record',
    ]);
    // Who leaves is seen to before the run closes; the others are told, and that is recorded.
    expect(steps('grow-failed-undo-while-others-wait.json').slice(-11)).toEqual([
      'pauseSchedule',
      'record',
      'reconcile',
      'planRecovery',
      'prepare',
      'commit',
      'notify',
      'handOver',
      'verify',
      'record',
      'recordUnbegun',
    ]);
    const takeOver = ['planRecovery', 'commit', 'notify', 'handOver', 'verify'];
    expect(steps('instance-lost.json')).toEqual(['reconcile', 'fence', ...takeOver, 'record']);
    expect(steps('grow-while-an-owner-is-down.json').slice(0, 9)).toEqual([
      ...['reconcile', 'plan', 'fence'],
      ...takeOver,
      'plan',
    ]);
    // Whatever scaled up is over before anything is removed.
    expect(steps('grow-planned-smaller-on-its-way.json')).toEqual([
      ...['reconcile', 'plan', 'scaleUp', 'prepare', 'fence'],
      ...takeOver,
      ...['plan', 'scaleUp', 'prepare', 'commit', 'notify', 'handOver', 'verify'],
      ...['nextEpoch', 'scaleDown', 'record'],
    ]);
    expect(steps('shrink-interrupted-by-a-loss-then-rejected.json')).toEqual([
      'reconcile',
      'plan',
      'fence',
      ...takeOver,
      'plan',
      'record',
    ]);
    // One step of a roll: a swap, the count of who moved, and only then the restart.
    expect(steps('roll-step.json')).toEqual([
      ...['reconcile', 'plan', 'prepare', 'commit', 'notify', 'handOver', 'verify'],
      ...['countMoves', 'restart', 'record'],
    ]);
    // A surge instance that does not get Ready: nothing was committed, nobody was restarted.
    expect(steps('roll-undone-step.json')).toEqual([
      ...['reconcile', 'plan', 'scaleUp', 'nextEpoch', 'scaleBack', 'record'],
    ]);
    const step = ['lookAtRoll', 'rollStep'];
    const watched = [...step, 'watchRoll'];
    expect(steps('roll.json')).toEqual([
      ...[...step, ...watched, ...watched, ...watched, ...step, 'lookAtRoll'],
    ]);
    expect(steps('roll-undone.json')).toEqual([...step, ...step, ...step, 'lookAtRoll']);
  });
});
