// Owns: percentiles of gaps in bounded memory: one count per millisecond up to a limit, the maximum
// exactly. Never measures anything.

import type { GapSummary } from './types.js';

/** Longer gaps are counted here; far beyond any objective. */
const countedUpToMs = 60_000;

export interface GapHistogram {
  record(gapMs: number): void;
  /** Nearest-rank percentiles, whole milliseconds; all zero when nothing was recorded. */
  summary(): GapSummary;
}

export function createGapHistogram(): GapHistogram {
  const counts = new Map<number, number>();
  let n = 0;
  let max = 0;

  const percentile = (share: number, ascending: readonly (readonly [number, number])[]): number => {
    const rank = Math.ceil(share * n);
    let seen = 0;
    for (const [gapMs, count] of ascending) {
      seen += count;
      if (seen >= rank) return gapMs;
    }
    return 0;
  };
  return {
    record: (gapMs) => {
      const whole = Math.max(0, Math.round(gapMs));
      const counted = Math.min(whole, countedUpToMs);
      counts.set(counted, (counts.get(counted) ?? 0) + 1);
      n += 1;
      max = Math.max(max, whole);
    },
    summary: () => {
      const ascending = [...counts].sort(([a], [b]) => a - b);
      return { n, p50: percentile(0.5, ascending), p99: percentile(0.99, ascending), max };
    },
  };
}
