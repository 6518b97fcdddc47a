// Owns: the gaps that clients measured by their own clocks, as histograms that can be added up across
// processes, and the percentiles that are read off them. Never measures anything.

import * as hdr from 'hdr-histogram-js';
import { gapTrackedMaxMs } from './limits.js';

export interface GapSummary {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Three significant digits of tenths of a millisecond. */
const perMs = 10;

export interface GapHistogram {
  record(ms: number): void;
  add(other: GapHistogram): void;
  reset(): void;
  /** For `decodeGaps` of another process. */
  encode(): string;
  summary(): GapSummary;
}

export function createGapHistogram(): GapHistogram {
  return around(
    hdr.build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: gapTrackedMaxMs * perMs,
      numberOfSignificantValueDigits: 3,
    }),
  );
}

export function decodeGaps(encoded: string): GapHistogram {
  return around(hdr.decodeFromCompressedBase64(encoded));
}

/** In whole milliseconds rounded up; zeros when there are none. */
export function summarizeGaps(gapsMs: readonly number[]): GapSummary {
  const histogram = createGapHistogram();
  for (const gapMs of gapsMs) histogram.record(gapMs);
  return histogram.summary();
}

const inside = new WeakMap<GapHistogram, hdr.Histogram>();

function around(histogram: hdr.Histogram): GapHistogram {
  const self: GapHistogram = {
    record: (ms) =>
      histogram.recordValue(Math.round(Math.min(gapTrackedMaxMs, Math.max(0, ms)) * perMs)),
    add: (other) => void histogram.add(inside.get(other) as hdr.Histogram),
    reset: () => histogram.reset(),
    encode: () => hdr.encodeIntoCompressedBase64(histogram),
    summary: () => {
      const max = Math.ceil(histogram.maxValue / perMs);
      // A bucket answers with its upper end, which may lie above whatever was recorded.
      const at = (percentile: number): number =>
        Math.min(max, Math.ceil(histogram.getValueAtPercentile(percentile) / perMs));
      const n = histogram.totalCount;
      return n === 0 ? { n, p50: 0, p99: 0, max: 0 } : { n, p50: at(50), p99: at(99), max };
    },
  };
  inside.set(self, histogram);
  return self;
}
