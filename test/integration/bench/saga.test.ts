// A sample of the benchmark of the saga: that a rebalance forced by the plain Temporal CLI tells every
// client that is to move, and that what the server keeps of a saga is small. No time is looked at.
import { describe, expect, inject, it } from 'vitest';
import type { Forced } from '../../../bench/saga/forced.js';
import { quickSize, runSaga, type Kind } from '../../../bench/saga/group.js';
import type { Large } from '../../../bench/saga/large.js';
import { markdownOf, textOf } from '../../../bench/saga/tables.js';
import type { BenchCase } from '../../../bench/report.js';

const payloadMaxBytes = 2_048;
const eventsMax = 120;

async function casesOf(kind: Kind): Promise<readonly BenchCase[]> {
  const cases: BenchCase[] = [];
  const run = runSaga(quickSize, [kind], () => undefined, inject('workflowBundle'));
  for await (const one of run) cases.push(one);
  for (const of of cases) {
    for (const line of textOf(of).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  }
  return cases;
}

describe('the benchmark of the saga', () => {
  it('forces rebalances by the Temporal CLI, and every client that moves is told', async () => {
    const cases = await casesOf('forced');
    expect(cases.map(({ params }) => params['flow'])).toEqual(['drain', 'grow']);
    for (const { ours } of cases) {
      const { wrong, told, recorded, overlaps, lost, toldAfterMs, overheadMs, totalMs } =
        ours as Forced;
      expect({ wrong, overlaps, lost }).toEqual({ wrong: [], overlaps: 0, lost: 0 });
      expect(told).toBeGreaterThan(0);
      expect(told).toBe(recorded);
      // Nobody is told before the signal, and the parts are no more than the whole.
      expect(toldAfterMs).toBeGreaterThan(0);
      expect(overheadMs).toBeLessThanOrEqual(totalMs);
    }
    expect(markdownOf(cases)).toContain('| drain 3 → 2');
  });

  it('keeps payloads and histories small, whichever the flow', async () => {
    const cases = await casesOf('large');
    const { partitions, instances } = quickSize.large;
    expect(cases.map(({ params }) => params['flow'])).toEqual(['grow', 'shrink', 'in-place']);
    for (const { ours } of cases) {
      const { wrong, outcome, events, largestPayloadBytes, steps } = ours as Large;
      expect({ wrong, outcome }).toEqual({ wrong: [], outcome: 'completed' });
      expect(largestPayloadBytes).toBeLessThanOrEqual(payloadMaxBytes);
      expect(events).toBeLessThan(eventsMax);
      expect(steps.map(({ name }) => name)).toContain('handOver');
    }
    // The lower bound of each: a new share, the same back, half of a share for half of the instances.
    const share = partitions / (instances + 1);
    expect(cases.map(({ ours }) => (ours as Large).movedClients)).toEqual([
      Math.floor(share),
      Math.floor(share),
      partitions / 4,
    ]);
    expect(markdownOf(cases)).toContain('| in-place 8 → 8');
  });
});
