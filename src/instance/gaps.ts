// Gaps that clients report, per revision, as histograms that can be added up across instances: of all,
// and of those that were told to move. Values are the clients' own and untrusted: clamped. Keeps the
// latest few revisions.

import * as hdr from 'hdr-histogram-js';
import type { GapCause } from '../core/handover/told-gap.js';
import { gapMaxMs, gapRevisionsMax } from '../limits.js';
import type { Arrivals, InstanceReport } from '../ports.js';

interface Moves {
  left: number;
  readonly all: hdr.Histogram;
  /** Of these, who was told to move. */
  readonly planned: hdr.Histogram;
}

export class Gaps {
  private readonly byRevision = new Map<number, Moves>();

  /** Clients that were told to move away under this revision. */
  left(revision: number, clients: number): void {
    this.of(revision).left += clients;
  }

  /** One client arrived after a gap. */
  arrived(revision: number, gapMs: number, cause: GapCause): void {
    const { all, planned } = this.of(revision);
    const clamped = Math.min(gapMaxMs, Math.max(0, Math.round(gapMs)));
    all.recordValue(clamped);
    if (cause === 'moved') planned.recordValue(clamped);
  }

  report(): InstanceReport['moves'] {
    return [...this.byRevision].map(([revision, { left, all, planned }]) => ({
      revision,
      left,
      ...arrivals(all),
      ...(planned.totalCount === all.totalCount ? {} : { planned: arrivals(planned) }),
    }));
  }

  private of(revision: number): Moves {
    let moves = this.byRevision.get(revision);
    if (moves === undefined) {
      moves = { left: 0, all: histogram(), planned: histogram() };
      this.byRevision.set(revision, moves);
      const oldest = [...this.byRevision.keys()].sort((a, b) => a - b);
      for (const old of oldest.slice(0, -gapRevisionsMax)) this.byRevision.delete(old);
    }
    return moves;
  }
}

const histogram = (): hdr.Histogram =>
  hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: gapMaxMs,
    numberOfSignificantValueDigits: 2,
  });

const arrivals = (gaps: hdr.Histogram): Arrivals => ({
  arrived: gaps.totalCount,
  gaps: gaps.totalCount === 0 ? '' : hdr.encodeIntoCompressedBase64(gaps),
});
