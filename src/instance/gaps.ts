// Gaps that clients report after a move, per revision, as histograms that can be added up across
// instances. Values are the clients' own and untrusted: clamped. Keeps the latest few revisions.

import * as hdr from 'hdr-histogram-js';
import { gapMaxMs, gapRevisionsMax } from '../limits.js';
import type { InstanceReport } from '../ports.js';

interface Moves {
  left: number;
  arrived: number;
  readonly gaps: hdr.Histogram;
}

export class Gaps {
  private readonly byRevision = new Map<number, Moves>();

  /** Clients that were told to move away under this revision. */
  left(revision: number, clients: number): void {
    this.of(revision).left += clients;
  }

  /** One client arrived after a gap. */
  arrived(revision: number, gapMs: number): void {
    const moves = this.of(revision);
    moves.arrived += 1;
    moves.gaps.recordValue(Math.min(gapMaxMs, Math.max(0, Math.round(gapMs))));
  }

  report(): InstanceReport['moves'] {
    return [...this.byRevision].map(([revision, { left, arrived, gaps }]) => ({
      revision,
      left,
      arrived,
      gaps: arrived === 0 ? '' : hdr.encodeIntoCompressedBase64(gaps),
    }));
  }

  private of(revision: number): Moves {
    let moves = this.byRevision.get(revision);
    if (moves === undefined) {
      const gaps = hdr.build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: gapMaxMs,
        numberOfSignificantValueDigits: 2,
      });
      moves = { left: 0, arrived: 0, gaps };
      this.byRevision.set(revision, moves);
      const oldest = [...this.byRevision.keys()].sort((a, b) => a - b);
      for (const old of oldest.slice(0, -gapRevisionsMax)) this.byRevision.delete(old);
    }
    return moves;
  }
}
