// The clock of a lease. Node's monotonic clock stands still while a virtual machine is suspended; the
// host's wall clock then jumps ahead. A jump ahead counts as elapsed time, so a machine that slept
// does not speak on an old lease. A wall clock set back changes nothing. Compares no other machine.

import type { Clock } from '../ports.js';

/** Slewing and reading jitter below this is not a jump. */
const jumpMinMs = 100;

/** A function of time elapsed, in ms, never going back. */
export function leaseClock(clock: Clock): () => number {
  const monotonicStart = clock.monotonicMs();
  const wallStart = clock.wallMs();
  let sleptMs = 0;
  return () => {
    const monotonic = clock.monotonicMs();
    const aheadMs = clock.wallMs() - wallStart - (monotonic - monotonicStart);
    if (aheadMs > sleptMs + jumpMinMs) sleptMs = aheadMs;
    return monotonic + sleptMs;
  };
}
