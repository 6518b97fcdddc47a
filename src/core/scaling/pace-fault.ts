// Owns: whether clients can be moved at the pace that a policy asks for at all. A hand-over in which nobody
// arrives for `handOverStallMs` is undone, and between two waves a receiver rests. Pure.

const msPerSecond = 1_000;

/** Of a policy; clients, clients per second, milliseconds. */
export interface PaceAsked {
  /** Absent only in what somebody wrote into ConfigDB by hand. */
  readonly pace?: { readonly clientsPerWave: number; readonly acceptPerSecond: number };
  readonly handOverStallMs: number;
}

/**
 * The rule that is broken when no hand-over of more than one wave can ever end: the rest after a wave,
 * clientsPerWave / acceptPerSecond, is no shorter than the silence that counts as a stall.
 */
export function paceFault({ pace, handOverStallMs }: PaceAsked) {
  if (pace === undefined) return undefined;
  const { clientsPerWave, acceptPerSecond } = pace;
  const restMs = Math.ceil((clientsPerWave * msPerSecond) / acceptPerSecond);
  if (!(handOverStallMs <= restMs)) return undefined;
  const rest = `pace.clientsPerWave (${clientsPerWave}) / pace.acceptPerSecond (${acceptPerSecond})`;
  return {
    field: 'handOverStallMs',
    found: handOverStallMs,
    allowed: `more than ${restMs}, the ms from wave to wave: ${rest}; else every rebalance is undone for silence. Or make waves smaller, or let clients come faster`,
  };
}
