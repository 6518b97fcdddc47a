import { describe, expect, it } from 'vitest';
import { barText, leftMs, shareOf } from '../../workflows/progress.js';

describe('how far a hand-over is', () => {
  it('counts the partitions that move, not those that stay', () => {
    expect(shareOf({ movedPartitions: 120 }, { held: 320, of: 360 })).toEqual({
      done: 80,
      of: 120,
    });
    expect(shareOf({ movedPartitions: 120 }, { held: 200, of: 360 })).toEqual({ done: 0, of: 120 });
  });

  it('counts all of them where none is taken from anybody', () => {
    expect(shareOf({ movedPartitions: 0 }, { held: 90, of: 360 })).toEqual({ done: 90, of: 360 });
  });

  it('says what is left by the rate so far, and by the plan while nothing has moved', () => {
    expect(leftMs({ estimateMs: 6_000 }, { done: 0, of: 120 }, 2_000)).toBe(6_000);
    expect(leftMs({ estimateMs: 6_000 }, { done: 80, of: 120 }, 2_000)).toBe(1_000);
    expect(leftMs({ estimateMs: 6_000 }, { done: 120, of: 120 }, 2_000)).toBe(0);
  });

  it('draws a bar that is full only at the end', () => {
    expect(barText({ done: 119, of: 120 }, 10)).toBe('█████████░');
    expect(barText({ done: 120, of: 120 }, 10)).toBe('██████████');
    expect(barText({ done: 0, of: 0 }, 4)).toBe('████');
    expect(barText({ done: 500, of: 120 }, 4)).toBe('████');
  });
});
