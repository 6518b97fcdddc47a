// What a chart can show of a long replay.
import { describe, expect, it } from 'vitest';
import { bucketsOf, worstWeek, type Timeline } from '../../../src/lab/report/timeline.js';
import { startMs, traceOf } from '../given-trace.js';

const hourMs = 3_600_000;

function timeline(values: readonly number[], instances: readonly number[], fromStep = 0): Timeline {
  const served = [{ name: 'p', capacity: 100, instances: Uint16Array.from(instances) }];
  return { trace: traceOf(values, hourMs), fromStep, served };
}

describe('buckets', () => {
  it('are the rows themselves when there is room', () => {
    const of = timeline([10, 250, 30], [1, 2, 1]);
    expect(bucketsOf(of, { from: 0, to: 3, count: 100 })).toEqual([
      { atMs: startMs, least: 10, most: 10, capacity: [100], over: false },
      { atMs: startMs + hourMs, least: 250, most: 250, capacity: [200], over: true },
      { atMs: startMs + 2 * hourMs, least: 30, most: 30, capacity: [100], over: false },
    ]);
  });

  it('are whole days when there are many, and say when any row of them was too much', () => {
    const values = Array.from({ length: 96 }, (_, hour) => (hour === 30 ? 150 : 50 + (hour % 24)));
    const instances = values.map((_, hour) => (hour === 47 ? 3 : 1));
    const buckets = bucketsOf(timeline(values, instances), { from: 0, to: 96, count: 10 });
    expect(buckets.map(({ atMs }) => (atMs - startMs) / hourMs)).toEqual([0, 24, 48, 72]);
    expect(buckets.map(({ over }) => over)).toEqual([false, true, false, false]);
    expect(buckets[0]).toMatchObject({ least: 50, most: 73, capacity: [100] });
  });
});

describe('the worst week', () => {
  const weeks = 3 * 168;
  it('has most rows above the capacity of the first policy', () => {
    const values = new Array<number>(weeks).fill(50);
    for (let hour = 200; hour < 210; hour += 1) values[hour] = 120;
    values[20] = 900;
    const week = worstWeek(timeline(values, new Array<number>(weeks).fill(1)));
    expect(week.overloaded).toBe(10);
    expect(week.from).toBeLessThanOrEqual(200);
    expect(week.to).toBe(week.from + 168);
    expect(week.to).toBeGreaterThanOrEqual(210);
  });

  it('is the busiest one when nothing was above, and lies in what is counted', () => {
    const values = Array.from({ length: weeks }, (_, hour) =>
      hour < 168 ? 90 : hour >= 336 ? 60 : 10,
    );
    const instances = new Array<number>(weeks).fill(1);
    expect(worstWeek(timeline(values, instances))).toEqual({ from: 0, to: 168, overloaded: 0 });
    expect(worstWeek(timeline(values, instances, 168)).from).toBe(336);
    expect(worstWeek(timeline([5, 6], [1, 1]))).toEqual({ from: 0, to: 2, overloaded: 0 });
  });
});
