// Owns: gaps of moved clients in buckets that a person reads at a glance, from the histograms that
// instances report. Pure.

import type { Histogram } from 'hdr-histogram-js';
import { gapsOf, movesIn } from '../../../activities/record.js';
import type { GapBucket, GapFigures, GapsPicture } from '../../console/picture.js';
import type { InstanceReport } from '../../ports.js';

/** Upper ends; the objectives, 1 s at P99 and 5 s at most, are among them. */
const edgesMs = [25, 50, 100, 200, 500, 1_000, 2_000, 5_000] as const;

/** Of the newest revision under which somebody was told to move; null before the first. */
export function gapsPicture(reports: readonly InstanceReport[]): GapsPicture | null {
  const revision = newestMoved(reports);
  if (revision === null) return null;
  const { left, arrived, gaps } = movesIn(reports, new Set([revision]));
  return { revision, left, arrived, ...gapsOf(gaps), buckets: bucketsOf(gaps) };
}

/** Who came back since then for another reason, as after a crash or an outage; null: nobody. */
export function othersPicture(reports: readonly InstanceReport[]): GapFigures | null {
  const sinceRevision = newestMoved(reports) ?? 0;
  const revisions = reports.flatMap(({ moves }) => moves.map(({ revision }) => revision));
  const since = new Set(revisions.filter((revision) => revision >= sinceRevision));
  const { others } = movesIn(reports, since);
  return others.totalCount === 0 ? null : gapsOf(others);
}

function newestMoved(reports: readonly InstanceReport[]): number | null {
  const moved = reports
    .flatMap(({ moves }) => moves)
    .filter(({ left, arrived, planned }) => left + (planned?.arrived ?? arrived) > 0);
  return moved.length === 0 ? null : Math.max(...moved.map(({ revision }) => revision));
}

/** What one instance says of that revision. */
export function gapsAt(
  report: InstanceReport | undefined,
  revision: number | null,
): { readonly left: number; readonly arrived: number; readonly gap: GapFigures | null } {
  if (report === undefined || revision === null) return { left: 0, arrived: 0, gap: null };
  const { left, arrived, gaps } = movesIn([report], new Set([revision]));
  return { left, arrived, gap: gaps.totalCount === 0 ? null : gapsOf(gaps) };
}

function bucketsOf(gaps: Histogram): readonly GapBucket[] {
  const n = gaps.totalCount;
  const upTo = edgesMs.map((edge) => countUpTo(gaps, n, edge));
  const buckets = edgesMs.map((toMs, index): GapBucket => {
    const before = index === 0 ? 0 : (upTo[index - 1] ?? 0);
    return { fromMs: edgesMs[index - 1] ?? 0, toMs, count: (upTo[index] ?? 0) - before };
  });
  return [...buckets, { fromMs: edgesMs.at(-1) ?? 0, toMs: null, count: n - (upTo.at(-1) ?? 0) }];
}

/** How many are not longer: percentiles are in ascending order, so by halving. */
function countUpTo(gaps: Histogram, n: number, edgeMs: number): number {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (gaps.getValueAtPercentile((middle / n) * 100) <= edgeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
