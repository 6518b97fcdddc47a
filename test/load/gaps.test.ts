import { describe, expect, it } from 'vitest';
import { createGapHistogram, decodeGaps } from '../../src/load/gaps.js';

describe('gaps of several processes', () => {
  it('are added up as if one process had measured them all', () => {
    const [one, other, both] = [createGapHistogram(), createGapHistogram(), createGapHistogram()];
    for (let ms = 1; ms <= 200; ms += 1) {
      both.record(ms);
      (ms % 3 === 0 ? one : other).record(ms);
    }
    const sum = createGapHistogram();
    for (const part of [one, other]) sum.add(decodeGaps(part.encode()));
    expect(sum.summary()).toEqual(both.summary());
    expect(sum.summary()).toEqual({ n: 200, p50: 100, p99: 198, max: 200 });
  });

  it('are zeros when there are none, and after a reset', () => {
    const gaps = createGapHistogram();
    gaps.record(7.2);
    expect(gaps.summary()).toEqual({ n: 1, p50: 8, p99: 8, max: 8 });
    gaps.reset();
    expect(decodeGaps(gaps.encode()).summary()).toEqual({ n: 0, p50: 0, p99: 0, max: 0 });
  });

  it('have no percentile above the longest of them', () => {
    for (const ms of [270.1, 2_051.4, 2_846, 31_000.3]) {
      const gaps = createGapHistogram();
      gaps.record(ms);
      const { p50, p99, max } = gaps.summary();
      expect({ ms, p50, p99 }).toEqual({ ms, p50: max, p99: max });
    }
  });

  it('are clamped: what a clock says is not trusted', () => {
    const gaps = createGapHistogram();
    gaps.record(-5);
    gaps.record(1e12);
    expect(gaps.summary()).toMatchObject({ n: 2, p50: 0 });
  });
});
