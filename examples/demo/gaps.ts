// Owns: percentiles of the gaps that clients measured by their own clocks. Pure.

export interface GapSummary {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Exact, by nearest rank, in whole milliseconds rounded up; zeros when there are none. */
export function summarizeGaps(gapsMs: readonly number[]): GapSummary {
  const sorted = [...gapsMs].sort((a, b) => a - b);
  const rank = (share: number): number =>
    Math.ceil(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { n: sorted.length, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}
