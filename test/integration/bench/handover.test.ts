// A sample of the hand-over benchmark: that it measures at all, and that its service keeps every
// promise. No time is looked at: the machine may be slow while this runs.
import { describe, expect, it } from 'vitest';
import { quickSize, runHandover } from '../../../bench/handover/group.js';
import type { Measured } from '../../../bench/handover/runs.js';
import { stepNames } from '../../../bench/handover/timeline.js';
import type { BenchCase } from '../../../bench/report.js';

describe('the hand-over benchmark', () => {
  it('grows a service under load and finds nothing wrong', async () => {
    let grow: BenchCase | undefined;
    for await (const one of runHandover(quickSize, ['planned'], () => undefined)) {
      grow = one;
      break;
    }
    expect(grow?.params).toMatchObject({ kind: 'planned', from: 3, to: 4, partitions: 360 });
    const ours = grow?.ours as Measured;
    expect(ours.wrong).toEqual([]);
    expect(ours).toMatchObject({ overlaps: 0, lost: 0, duplicated: 0, outOfOrder: 0 });
    expect(ours).toMatchObject({ movedPartitions: 90 });
    expect(ours.movedClients).toBeGreaterThan(0);
    expect(ours.gapMs.n).toBe(ours.movedClients);
    expect(ours['messages']).toBeGreaterThan(0);
    expect(Object.keys(ours['stepsMs'] as object)).toEqual(stepNames);
  });
});
