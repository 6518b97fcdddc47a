// The clock of a lease. Node's monotonic clock stands still while a virtual machine is suspended; the
// host's wall clock then jumps ahead. A jump ahead counts as elapsed time, so a machine that slept
// does not speak on an old lease. A wall clock set back changes nothing, and hides no later jump: only
// what it gains from one reading to the next counts. Compares no other machine.

import type { Clock } from '../ports.js';

/** Slewing and reading jitter below this is not a jump. */
const jumpMinMs = 100;

/** A function of time elapsed, in ms, never going back. */
export function leaseClock(clock: Clock): () => number {
  const offset = () => clock.wallMs() - clock.monotonicMs();
  /** The wall clock's lead when it last was where it belongs; follows every setting back. */
  let base = offset();
  let last = base;
  let sleptMs = 0;
  return () => {
    const monotonic = clock.monotonicMs();
    const now = clock.wallMs() - monotonic;
    if (Number.isFinite(now)) {
      if (now < last - jumpMinMs) base += now - last;
      if (now - base > sleptMs + jumpMinMs) sleptMs = now - base;
      last = now;
    }
    return monotonic + sleptMs;
  };
}
