import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../activities/types.js';
import { bytesOf } from '../../src/core/bytes.js';
import { stepsWithin } from '../../workflows/recorded-steps.js';

const step = (title: string, note: string, state: StepRecord['state'] = 'done'): StepRecord => ({
  ...{ phase: 'plan', title, state, note },
  ...{ startedAtMs: 1_800_000_000_000, tookMs: 1_000 },
});

const planned =
  'grow 2 → 3: 18 partitions (at least 18), about 18 clients, 1 wave, about 1.2 s of which most is waiting';

describe('the steps of a record', () => {
  it('are as they went where that fits', () => {
    const steps = [step('plan', planned), step('notify', '3 instances apply revision 2')];
    expect(stepsWithin(steps, 1_000)).toEqual({ steps, leftOut: 0 });
  });

  it('have shorter notes where it does not, cut behind a word and marked; short notes stay', () => {
    const steps = [step('plan', planned), step('notify', 'revision 2')];
    const { steps: kept, leftOut } = stepsWithin(steps, bytesOf(steps) - 40);
    expect(leftOut).toBe(0);
    expect(kept[0]?.note).toBe('grow 2 → 3: 18 partitions (at least 18), about 18 clients …');
    expect(kept[1]?.note).toBe('revision 2');
  });

  it('say why one failed for twice as long', () => {
    const why =
      'the platform answers 403: statefulsets.apps "messaging" is forbidden to the worker';
    const steps = [
      ...Array.from({ length: 8 }, () => step('plan', planned)),
      step('scale up', why, 'failed'),
    ];
    const { steps: kept } = stepsWithin(steps, 1_500);
    const [first, failed] = [kept[0]?.note ?? '', kept.at(-1)?.note ?? ''];
    expect(first).toMatch(/^grow 2 → 3: .* …$/);
    expect(failed.length).toBeGreaterThan(first.length);
    expect(bytesOf(kept)).toBeLessThanOrEqual(1_500);
  });

  it('are the last ones where even short notes do not fit, and the others are counted', () => {
    const steps = Array.from({ length: 40 }, (_, i) => step(`step ${i}`, planned));
    const { steps: kept, leftOut } = stepsWithin(steps, 1_500);
    expect(kept.length + leftOut).toBe(40);
    expect(leftOut).toBeGreaterThan(0);
    expect(kept.at(-1)?.title).toBe('step 39');
    expect(bytesOf(kept)).toBeLessThanOrEqual(1_500);
  });
});
