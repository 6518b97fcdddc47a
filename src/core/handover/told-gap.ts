// Whether a gap that a client reports is that of a planned move, and under which revision it counts. The
// objective is about who was told to move; who came back after a crash, an outage or a bad line was away
// for a reason that no pace mends. Owns that decision; never a histogram.

/** `moved`: told to move by a `disconnect`. `other`: a lost connection, `leaving`, an error. */
export type GapCause = (typeof gapCauses)[number];
export const gapCauses = ['moved', 'other'] as const;

export interface ToldGap {
  readonly revision: number;
  readonly cause: GapCause;
}

/**
 * What the client says is not trusted with a revision that is not in force where it was welcomed: only the
 * latest few are kept, and an invented one would push a real one out.
 */
export function toldGap(client: {
  /** Of the `disconnect` that began the gap; null: none did; undefined: the client does not say. */
  readonly told: number | null | undefined;
  /** What its hello echoed of a `disconnect` or `redirect`; null: nothing. */
  readonly echoed: number | null;
  readonly welcomed: number;
}): ToldGap {
  const { told, echoed, welcomed } = client;
  // Whoever lost its connection asks the directory, and echoes nothing unless it was redirected then.
  const by = told === undefined ? echoed : told;
  const cause = by === null ? 'other' : 'moved';
  return { revision: Math.min(by ?? echoed ?? welcomed, welcomed), cause };
}
