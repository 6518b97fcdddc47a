// A sample of the benchmark of many partitions: that an instance starts among others that hold theirs,
// is killed and starts again, and delivers each message once. No time is looked at.
import { expect, it } from 'vitest';
import { quickSize, runPartitions, type ManyFigures } from '../../../bench/partitions/group.js';
import { markdownOf, textOf } from '../../../bench/partitions/tables.js';
import type { BenchCase } from '../../../bench/report.js';

it('measures start, delivery and cost at few and at more partitions', async () => {
  const cases: BenchCase[] = [];
  for await (const one of runPartitions(quickSize, () => undefined)) cases.push(one);
  expect(cases.map(({ params }) => params['partitions'])).toEqual(quickSize.partitions);
  for (const one of cases) {
    const { firstStart, restart, deliveryMs, cpu, memoryMb } = one.ours as ManyFigures;
    expect(firstStart.servingMs).toBeGreaterThanOrEqual(firstStart.readyMs);
    expect(restart.n).toBe(quickSize.restarts);
    expect(deliveryMs).toMatchObject({ n: 20, lost: 0, duplicated: 0 });
    // The clock of processor time has ticks of 10 ms: an idle instance may use none in a sample.
    for (const share of Object.values(cpu)) expect(share).toBeGreaterThanOrEqual(0);
    expect(memoryMb).toBeGreaterThan(0);
    for (const line of textOf(one).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  }
  expect(markdownOf(cases)).toContain('| 60 ');
});
