import { describe, expect, it } from 'vitest';
import { TrustLedger, trustDefaults, type TrustPolicy } from '../../../src/core/forecast/trust.js';
import { sixHourGrid } from './given-history.js';

/** So many steps, each with this load, and forecasts off by so much. */
type Steps = readonly [count: number, load: number | undefined, off: number, offLast: number];

function judged(steps: readonly Steps[], policy: Partial<TrustPolicy> = {}) {
  const trust = new TrustLedger(sixHourGrid(), { ...trustDefaults, ...policy });
  for (const [count, load, off, offLast] of steps) {
    for (let n = 0; n < count; n += 1) {
      trust.score(load, (load ?? 0) + off, (load ?? 0) - offLast);
    }
  }
  return trust.judge();
}

describe('a forecast', () => {
  it('acts while it is better than the last value by the margin', () => {
    expect(judged([[28, 100, 4, 10]])).toEqual({
      acts: true,
      why: { kind: 'better-than-last-value', error: 0.04, lastValue: 0.1 },
    });
  });

  it('does not act when it is not better by the margin', () => {
    expect(judged([[28, 100, 9.5, 10]])).toEqual({
      acts: false,
      why: { kind: 'not-better-than-last-value', error: 0.095, lastValue: 0.1, margin: 0.1 },
    });
    expect(judged([[28, 100, 9.5, 10]], { margin: 0.04 }).acts).toBe(true);
  });

  it('does not act when it is off by too much of the load, however bad the last value is', () => {
    expect(judged([[28, 100, 40, 90]]).why).toEqual({
      kind: 'error-too-large',
      error: 0.4,
      errorMax: 0.25,
    });
  });

  it('does not act before enough was measured', () => {
    expect(judged([[7, 100, 1, 10]]).why).toEqual({
      kind: 'too-little-measured',
      steps: 7,
      stepsMin: 8,
    });
  });

  it('counts no gap as measured, and does not act on one', () => {
    const gap: Steps = [1, undefined, 0, 0];
    expect(judged([[7, 100, 1, 10], gap]).why).toEqual({ kind: 'value-missing' });
    expect(judged([[7, 100, 1, 10], gap, gap, gap, [1, 100, 1, 10]]).acts).toBe(true);
    expect(judged([[6, 100, 1, 10], gap, [1, 100, 1, 10]]).why.kind).toBe('too-little-measured');
  });

  it('does not act on a series of zeros', () => {
    expect(judged([[28, 0, 0, 0]]).why).toEqual({ kind: 'no-load' });
  });

  it('does not act while the last value was better lately, however good the week was', () => {
    expect(
      judged([
        [26, 100, 1, 10],
        [2, 100, 20, 10],
      ]).why,
    ).toEqual({ kind: 'worse-lately', error: 0.2, lastValue: 0.1, steps: 2 });
  });

  it('forgets what lies before the window', () => {
    const steps: readonly Steps[] = [
      [28, 100, 1_000, 1],
      [27, 100, 1, 10],
    ];
    expect(judged(steps).acts).toBe(false);
    expect(judged([...steps, [1, 100, 1, 10]]).acts).toBe(true);
  });
});
